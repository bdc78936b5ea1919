// SPDX-License-Identifier: EUPL-1.2
// What differs between two versions without being an answer to a request: people, words, times, thresholds.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "policies/analysis/terms.h"

namespace seinpost::policies {
namespace {

void CompareHead(const Convenant& a, const Convenant& b, Terms& terms) {
  terms.Value(What{"convenant.kind", "soort overeenkomst", "kind of agreement", Wider::kMore}, a.kind_at(),
              b.kind_at(), a.kind(), b.kind(),
              [](ConvenantKind kind) { return std::string(ToString(kind)); });
  terms.Value(What{"convenant.valid_from", "eerste dag", "first day", Wider::kLess}, a.validity_at(),
              b.validity_at(), a.valid_from(), b.valid_from(), Date);
  terms.Value(What{"convenant.valid_until", "geldig tot", "valid until", Wider::kMore}, a.validity_at(),
              b.validity_at(), a.valid_until(), b.valid_until(), Date);
  terms.Text({"convenant.controller", "wie de afspraak bewaakt", "controller"}, a.validity_at(),
             b.validity_at(), a.controller(), b.controller());
  terms.Words({"oversight.privacy_officers", "wie onderbouwingen leest", "who reads justifications"},
              a.oversight_at(), b.oversight_at(), a.oversight(), b.oversight());
  terms.Number({"thresholds.max_recipients", "hooguit zoveel organisaties op naam",
                "most organisations that get something named", Wider::kMore},
               a.max_recipients_at(), b.max_recipients_at(), a.max_recipients(), b.max_recipients());
  terms.Number({"thresholds.agenda_days", "werkdagen tussen agenda en overleg",
                "working days between agenda and meeting", Wider::kLess},
               a.agenda_days_at(), b.agenda_days_at(), a.agenda_days(), b.agenda_days());
  terms.Number({"thresholds.small_cell", "kleinste aantal dat wordt verteld", "smallest count that is told",
                Wider::kLess},
               a.small_cell_at(), b.small_cell_at(), a.small_cell(), b.small_cell());
  terms.Number({"thresholds.trend_schools", "scholen voor een trend", "schools for a trend", Wider::kLess},
               a.trend_schools_at(), b.trend_schools_at(), a.trend_schools(), b.trend_schools());
}

void CompareParties(const Convenant& a, const Convenant& b, Terms& terms) {
  terms.Entries({"parties", "partij", "party"}, a.parties(), b.parties(), Effect::kWidening,
                Effect::kNarrowing, [&](const Party& was, const Party& is) {
                  const std::string path = absl::StrCat("parties.", was.id, ".");
                  const auto text = [&](const char* key, const char* nl, const char* en, const std::string& x,
                                        const std::string& y, Wider wider = Wider::kAnyChange) {
                    terms.Text({path + key, was.id + ": " + nl, was.id + ": " + en, wider}, was.at, is.at, x,
                               y);
                  };
                  text("title", "naam", "title", was.title, is.title, Wider::kNever);
                  text("kind", "soort", "kind", was.kind, is.kind);
                  text("under", "tekent onder", "signed for by", was.under, is.under);
                  text("host", "beheert de server", "runs the broker", YesNo(was.host), YesNo(is.host));
                  terms.Value(What{path + "guest", was.id + ": gast", was.id + ": guest", Wider::kLess},
                              was.at, is.at, was.guest, is.guest, YesNo);
                  // Without scopes a party sits everywhere, so both directions can widen.
                  terms.Words({path + "scopes", was.id + ": werkgebied", was.id + ": scopes"}, was.at, is.at,
                              was.scopes, is.scopes);
                  const Bytes none;
                  if (was.root.value_or(none) != is.root.value_or(none)) {
                    terms.Add({path + "root", was.id + ": sleutel", was.id + ": key"}, was.at, is.at,
                              Effect::kNeutral, was.root.has_value() ? ToHex(*was.root).substr(0, 16) : "-",
                              is.root.has_value() ? ToHex(*is.root).substr(0, 16) : "-");
                  }
                });
  for (const auto& [scope, kind] : a.scopes()) {
    const auto now = b.scopes().find(scope);
    if (now == b.scopes().end()) {
      terms.Gone({"scopes", "werkgebied", "scope"}, scope, a.parties_at(), {}, Effect::kNarrowing);
    } else {
      terms.Text({"scopes." + scope, "werkgebied " + scope, "scope " + scope}, a.parties_at(), b.parties_at(),
                 kind, now->second);
    }
  }
  for (const auto& [scope, kind] : b.scopes()) {
    if (a.scopes().count(scope) == 0) {
      terms.Gone({"scopes", "werkgebied", "scope"}, scope, {}, b.parties_at(), Effect::kWidening);
    }
  }
}

void CompareWords(const Convenant& a, const Convenant& b, Terms& terms) {
  terms.Entries({"purposes", "doel", "purpose"}, a.purposes(), b.purposes(), Effect::kWidening,
                Effect::kNarrowing, [&](const Purpose& was, const Purpose& is) {
                  const std::string path = absl::StrCat("purposes.", was.code, ".");
                  terms.Text({path + "title", "omschrijving van " + was.code, "title of " + was.code}, was.at,
                             is.at, was.title, is.title);
                  terms.Text({path + "ground", "grond van " + was.code, "ground of " + was.code}, was.at,
                             is.at, was.ground, is.ground);
                });
  terms.Entries({"categories", "categorie", "category"}, a.categories(), b.categories(), Effect::kWidening,
                Effect::kNarrowing, [&](const Category& was, const Category& is) {
                  terms.Text({absl::StrCat("categories.", was.code, ".title"), "omschrijving van " + was.code,
                              "title of " + was.code},
                             was.at, is.at, was.title, is.title);
                });
  terms.Entries({"levels", "partnersoort", "partner kind"}, a.levels(), b.levels(), Effect::kNeutral,
                Effect::kNeutral, [&](const KindLevels& was, const KindLevels& is) {
                  terms.Text({absl::StrCat("levels.", was.kind, ".contact"), was.kind + ": aanspreekpunt",
                              was.kind + ": contact point", Wider::kNever},
                             was.at, is.at, was.contact, is.contact);
                });
}

// How long a part of `level` (or a justification, 3) is kept; absent where it cannot be.
const RetentionClass* ClassAt(const Convenant& convenant, const Channel& channel, int level) {
  const std::string name = level == 3 ? channel.justification_retention
                                      : channel.retention[static_cast<size_t>(level)].value_or("");
  return name.empty() ? nullptr : convenant.FindRetention(name);
}

// Whoever may keep an identity and must now, or may no more, has less freedom; all else may give more away.
void CompareKept(const Channel& was, const Channel& is, Terms& terms) {
  if (was.kept_identity == is.kept_identity) return;
  terms.Add({absl::StrCat("channels.", was.name, ".kept_identity"), was.name + ": bewaarde identiteit",
             was.name + ": kept identity"},
            was.at, is.at,
            was.kept_identity == KeptIdentity::kAllowed ? Effect::kNarrowing : Effect::kWidening,
            std::string(ToString(was.kept_identity)), std::string(ToString(is.kept_identity)));
}

void CompareChannels(const Convenant& a, const Convenant& b, Terms& terms) {
  terms.Entries(
      {"channels", "kanaal", "channel"}, a.channels(), b.channels(), Effect::kWidening, Effect::kNarrowing,
      [&](const Channel& was, const Channel& is) {
        const std::string path = absl::StrCat("channels.", was.name, ".");
        const auto text = [&](const char* key, const char* nl, const char* en, const std::string& x,
                              const std::string& y, Wider wider = Wider::kAnyChange) {
          terms.Text({path + key, was.name + ": " + nl, was.name + ": " + en, wider}, was.at, is.at, x, y);
        };
        text("title", "naam", "title", was.title, is.title, Wider::kNever);
        text("kind", "soort", "kind", was.kind, is.kind, Wider::kNever);
        text("per", "bestaat per", "exists per", was.per, is.per);
        text("chair", "voorzitter", "chair", was.chair, is.chair);
        CompareKept(was, is, terms);
        constexpr const char* kNames[] = {"L0", "L1", "L2", "justification"};
        for (int level = 0; level <= 3; ++level) {
          const RetentionClass* before = ClassAt(a, was, level);
          const RetentionClass* after = ClassAt(b, is, level);
          if (before == nullptr || after == nullptr) continue;  // The ceiling changed, and requests tell.
          // A justification that goes sooner can no longer be reviewed; one that stays is a record of a
          // person.
          const Wider wider = level == 3 ? Wider::kAnyChange : Wider::kMore;
          const std::string key = absl::StrCat(path, "retention.", kNames[level]);
          terms.Time(
              {key + ".after_close", absl::StrCat(was.name, ", ", kNames[level], ": bewaard na sluiting"),
               absl::StrCat(was.name, ", ", kNames[level], ": kept after closing"), wider},
              before->at, after->at, before->after_close, after->after_close);
          terms.Time({key + ".cap", absl::StrCat(was.name, ", ", kNames[level], ": hooguit bewaard"),
                      absl::StrCat(was.name, ", ", kNames[level], ": kept at most"), wider},
                     before->at, after->at, before->cap, after->cap);
        }
      });
}

}  // namespace

std::vector<TermChange> CompareTerms(const Convenant& old_version, const Convenant& new_version) {
  Terms terms;
  CompareHead(old_version, new_version, terms);
  CompareParties(old_version, new_version, terms);
  CompareWords(old_version, new_version, terms);
  CompareChannels(old_version, new_version, terms);
  CompareReveal(old_version, new_version, terms);
  CompareMatching(old_version, new_version, terms);
  CompareAlerts(old_version, new_version, terms);
  CompareBridges(old_version, new_version, terms);
  CompareTrust(old_version, new_version, terms);
  std::vector<TermChange> changes = terms.Take();
  std::stable_sort(changes.begin(), changes.end(),
                   [](const TermChange& a, const TermChange& b) { return a.path < b.path; });
  return changes;
}

}  // namespace seinpost::policies
