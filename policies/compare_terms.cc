// SPDX-License-Identifier: EUPL-1.2
// What differs between two versions without being an answer to a request: terms, times, thresholds, people.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policies/compare.h"

namespace seinpost::policies {
namespace {

// Which direction gives more away.
enum class Wider { kMore, kLess, kAnyChange, kNever };

struct What {
  std::string path, nl, en;
  Wider wider = Wider::kAnyChange;
};

std::string InDays(absl::Duration duration) {
  if (duration % absl::Hours(24) == absl::ZeroDuration() && duration != absl::ZeroDuration()) {
    return absl::StrCat(duration / absl::Hours(24), " d");
  }
  return absl::FormatDuration(duration);
}
std::string Date(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }
std::string YesNo(bool flag) { return flag ? "yes" : "no"; }
std::string List(const std::vector<std::string>& words) {
  return words.empty() ? "-" : absl::StrJoin(std::set<std::string>(words.begin(), words.end()), ", ");
}

class Terms {
 public:
  void Add(const What& what, const Position& before, const Position& after, Effect effect,
           const std::string& old_value, const std::string& new_value) {
    changes_.push_back({what.path, before.line, after.line, effect,
                        absl::StrCat(what.nl, ": was ", old_value, ", wordt ", new_value),
                        absl::StrCat(what.en, ": was ", old_value, ", becomes ", new_value)});
  }

  // Values with an order.
  template <typename T, typename Show>
  void Value(const What& what, const Position& before, const Position& after, const T& was, const T& is,
             Show show) {
    if (was == is) return;
    Effect effect = Effect::kNeutral;
    if (what.wider == Wider::kAnyChange) effect = Effect::kWidening;
    if (what.wider == Wider::kMore) effect = is > was ? Effect::kWidening : Effect::kNarrowing;
    if (what.wider == Wider::kLess) effect = is < was ? Effect::kWidening : Effect::kNarrowing;
    Add(what, before, after, effect, show(was), show(is));
  }
  void Number(const What& what, const Position& before, const Position& after, uint32_t was, uint32_t is) {
    Value(what, before, after, was, is, [](uint32_t number) { return absl::StrCat(number); });
  }
  void Time(const What& what, const Position& before, const Position& after, absl::Duration was,
            absl::Duration is) {
    Value(what, before, after, was, is, InDays);
  }
  void Text(const What& what, const Position& before, const Position& after, const std::string& was,
            const std::string& is) {
    Value(what, before, after, was, is, [](const std::string& text) {
      return text.empty() ? std::string("-") : absl::StrCat("\"", text, "\"");
    });
  }

  // Lists: whoever comes in widens (kMore), or whoever goes (kLess).
  void Words(const What& what, const Position& before, const Position& after,
             const std::vector<std::string>& was, const std::vector<std::string>& is) {
    const std::set<std::string> old_set(was.begin(), was.end()), new_set(is.begin(), is.end());
    if (old_set == new_set) return;
    const bool more = !std::includes(old_set.begin(), old_set.end(), new_set.begin(), new_set.end());
    const bool less = !std::includes(new_set.begin(), new_set.end(), old_set.begin(), old_set.end());
    Effect effect = Effect::kNarrowing;
    if (what.wider == Wider::kAnyChange || (what.wider == Wider::kMore && more) ||
        (what.wider == Wider::kLess && less)) {
      effect = Effect::kWidening;
    }
    if (what.wider == Wider::kNever) effect = Effect::kNeutral;
    Add(what, before, after, effect, List(was), List(is));
  }

  // Entries of a map: one that is there in one version only, or `both` for one in both.
  template <typename T, typename Both>
  void Entries(const What& what, const ByName<T>& was, const ByName<T>& is, Effect coming, Effect going,
               Both both) {
    for (const auto& [name, entry] : was) {
      const auto now = is.find(name);
      if (now != is.end()) {
        both(entry, now->second);
      } else {
        Gone(what, name, entry.at, {}, going);
      }
    }
    for (const auto& [name, entry] : is) {
      if (was.find(name) == was.end()) Gone(what, name, {}, entry.at, coming);
    }
  }

  // `before` or `after` is empty.
  void Gone(const What& what, const std::string& name, const Position& before, const Position& after,
            Effect effect) {
    const bool coming = before.line == 0;
    changes_.push_back(
        {name.empty() ? what.path : absl::StrCat(what.path, ".", name), before.line, after.line, effect,
         absl::StrCat(what.nl, " ", name, name.empty() ? "" : " ", coming ? "komt erbij" : "vervalt"),
         absl::StrCat(what.en, " ", name, name.empty() ? "" : " ", coming ? "is added" : "is gone")});
  }

  std::vector<TermChange> Take() { return std::move(changes_); }

 private:
  std::vector<TermChange> changes_;
};

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
        text("kept_identity", "bewaarde identiteit", "kept identity",
             std::string(ToString(was.kept_identity)), std::string(ToString(is.kept_identity)),
             is.kept_identity == KeptIdentity::kRequired || is.kept_identity == KeptIdentity::kForbidden
                 ? Wider::kNever
                 : Wider::kAnyChange);
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

void CompareReveal(const Convenant& a, const Convenant& b, Terms& terms) {
  if (!a.reveal().has_value() || !b.reveal().has_value()) {
    if (a.reveal().has_value() || b.reveal().has_value()) {
      terms.Gone({"reveal", "het openen van een bewaarde identiteit", "opening a kept identity"}, "",
                 a.reveal().has_value() ? a.reveal()->at : Position{},
                 b.reveal().has_value() ? b.reveal()->at : Position{},
                 b.reveal().has_value() ? Effect::kWidening : Effect::kNarrowing);
    }
    return;
  }
  const Reveal &was = *a.reveal(), &is = *b.reveal();
  terms.Words({"reveal.ask", "wie een bewaarde identiteit mag vragen", "who may ask for a kept identity",
               Wider::kMore},
              was.ask_at, is.ask_at, was.ask, is.ask);
  terms.Words({"reveal.purposes", "waarvoor een bewaarde identiteit opengaat",
               "what a kept identity is opened for", Wider::kMore},
              was.purposes_at, is.purposes_at, was.purposes, is.purposes);
  terms.Time({"reveal.expires", "een aanvraag blijft open", "a request stays open", Wider::kMore},
             was.expires_at, is.expires_at, was.expires, is.expires);
  // A group less is an approval less.
  terms.Entries({"reveal.approval_groups", "goedkeuringsgroep", "approval group"}, was.groups, is.groups,
                Effect::kNarrowing, Effect::kWidening, [&](const ApprovalGroup& x, const ApprovalGroup& y) {
                  const std::string path = absl::StrCat("reveal.approval_groups.", x.name, ".");
                  terms.Text({path + "function", x.name + ": functie", x.name + ": function"}, x.at, y.at,
                             x.function, y.function);
                  const auto of = [](const ApprovalGroup& group) {
                    return group.of_sender ? std::vector<std::string>{"(sender)"} : group.parties;
                  };
                  terms.Words({path + "of", x.name + ": van", x.name + ": of", Wider::kMore}, x.at, y.at,
                              of(x), of(y));
                });
}

void CompareMatching(const Convenant& a, const Convenant& b, Terms& terms) {
  if (!a.matching().has_value() || !b.matching().has_value()) {
    if (a.matching().has_value() || b.matching().has_value()) {
      terms.Gone({"matching", "het vergelijken van signalen", "matching of signals"}, "",
                 a.matching().has_value() ? a.matching()->at : Position{},
                 b.matching().has_value() ? b.matching()->at : Position{},
                 b.matching().has_value() ? Effect::kWidening : Effect::kNarrowing);
    }
    return;
  }
  const Matching &was = *a.matching(), &is = *b.matching();
  terms.Words(
      {"matching.channels", "kanalen waarin wordt vergeleken", "channels that are matched", Wider::kMore},
      was.channels_at, is.channels_at, was.channels, is.channels);
  terms.Number(
      {"matching.threshold.signals", "signalen voor een melding", "signals for a notice", Wider::kLess},
      was.threshold_at, is.threshold_at, was.min_signals, is.min_signals);
  terms.Number({"matching.threshold.kinds", "soorten partners voor een melding", "partner kinds for a notice",
                Wider::kLess},
               was.threshold_at, is.threshold_at, was.min_kinds, is.min_kinds);
  terms.Time({"matching.window", "periode waarin wordt vergeleken", "window of matching", Wider::kMore},
             was.window_at, is.window_at, was.window, is.window);
  terms.Text({"matching.told", "wie de melding krijgt", "who is told"}, was.told_at, is.told_at,
             absl::StrCat(was.told_kind, "/", was.told_function),
             absl::StrCat(is.told_kind, "/", is.told_function));
  terms.Entries({"matching.keys", "vergelijkingssleutel", "match key"}, was.keys, is.keys, Effect::kWidening,
                Effect::kNarrowing, [&](const Matching::Key& x, const Matching::Key& y) {
                  if (x.everyone && y.everyone) return;
                  const auto kinds = [](const Matching::Key& key, const Convenant& of) {
                    if (!key.everyone) return key.kinds;
                    std::vector<std::string> all;
                    for (const auto& [kind, levels] : of.levels()) all.push_back(kind);
                    return all;
                  };
                  terms.Words({x.at.path, "wie de sleutel berekent", "who may compute the key", Wider::kMore},
                              x.at, y.at, kinds(x, a), kinds(y, b));
                });
}

std::string StepText(const AlertStep& step) {
  return absl::StrCat(step.party.empty() ? step.kind : step.party, step.function.empty() ? "" : "/",
                      step.function);
}

void CompareSteps(const AlertChain& was, const AlertChain& is, Terms& terms) {
  std::vector<std::string> before, after;
  for (const AlertStep& step : was.steps) before.push_back(StepText(step));
  for (const AlertStep& step : is.steps) after.push_back(StepText(step));
  const std::string path = absl::StrCat("alerts.", was.name, ".steps");
  if (before != after) {
    // Another order calls others sooner: a widening as much as somebody new.
    const bool fewer = after.size() < before.size() && std::equal(after.begin(), after.end(), before.begin());
    terms.Add({path, was.name + ": wie wordt geroepen", was.name + ": who is called"}, was.steps_at,
              is.steps_at, fewer ? Effect::kNarrowing : Effect::kWidening, absl::StrJoin(before, " > "),
              absl::StrJoin(after, " > "));
    return;
  }
  for (size_t i = 0; i < was.steps.size(); ++i) {
    const AlertStep &x = was.steps[i], &y = is.steps[i];
    terms.Time(
        {absl::StrCat(path, ".", i + 1, ".within"), absl::StrCat(was.name, ", stap ", i + 1, ": reactietijd"),
         absl::StrCat(was.name, ", step ", i + 1, ": time to answer"), Wider::kLess},
        x.at, y.at, x.within, y.within);
  }
}

void CompareAlerts(const Convenant& a, const Convenant& b, Terms& terms) {
  terms.Entries(
      {"alerts", "alarmketen", "alert chain"}, a.alerts(), b.alerts(), Effect::kWidening, Effect::kNarrowing,
      [&](const AlertChain& was, const AlertChain& is) {
        const std::string path = absl::StrCat("alerts.", was.name, ".");
        terms.Text({path + "channel", was.name + ": kanaal", was.name + ": channel"}, was.at, is.at,
                   was.channel, is.channel);
        const auto raisers = [](const AlertChain& chain) {
          std::vector<std::string> words;
          for (const auto& [kind, functions] : chain.raise) {
            for (const std::string& function : functions) words.push_back(absl::StrCat(kind, "/", function));
          }
          return words;
        };
        terms.Words({path + "raise", was.name + ": wie alarm slaat", was.name + ": who raises", Wider::kMore},
                    was.raise_at, is.raise_at, raisers(was), raisers(is));
        CompareSteps(was, is, terms);
        terms.Words({path + "identity_to", was.name + ": op naam aan", was.name + ": names somebody to",
                     Wider::kMore},
                    was.identity_at, is.identity_at, was.identity_to, is.identity_to);
        terms.Time({path + "justify_within", was.name + ": verantwoord binnen",
                    was.name + ": justified within", Wider::kMore},
                   was.at, is.at, was.justify_within, is.justify_within);
        terms.Time({path + "drill_every", was.name + ": oefening", was.name + ": drill", Wider::kNever},
                   was.at, is.at, was.drill_every.value_or(absl::ZeroDuration()),
                   is.drill_every.value_or(absl::ZeroDuration()));
      });
}

void CompareBridges(const Convenant& a, const Convenant& b, Terms& terms) {
  terms.Entries(
      {"bridges", "brug", "bridge"}, a.bridges(), b.bridges(), Effect::kWidening, Effect::kNarrowing,
      [&](const Bridge& was, const Bridge& is) {
        const std::string path = absl::StrCat("bridges.", was.name, ".");
        const auto words = [&](const char* key, const char* nl, const char* en,
                               const std::vector<std::string>& x, const std::vector<std::string>& y) {
          terms.Words({path + key, was.name + ": " + nl, was.name + ": " + en, Wider::kMore}, was.at, is.at,
                      x, y);
        };
        terms.Text({path + "convenant", was.name + ": naar", was.name + ": to"}, was.at, is.at, was.convenant,
                   is.convenant);
        terms.Value(What{path + "ceiling", was.name + ": plafond", was.name + ": ceiling", Wider::kMore},
                    was.ceiling_at, is.ceiling_at, was.ceiling, is.ceiling,
                    [](Level level) { return std::string(ToString(level)); });
        words("purposes", "doelen", "purposes", was.purposes, is.purposes);
        words("kinds", "onze partners", "our kinds", was.kinds, is.kinds);
        words("their_kinds", "hun partners", "their kinds", was.their_kinds, is.their_kinds);
        words("channels", "kanalen", "channels", was.channels, is.channels);
        terms.Value(What{path + "from", was.name + ": vanaf", was.name + ": from", Wider::kLess}, was.at,
                    is.at, was.from, is.from, Date);
        terms.Value(What{path + "until", was.name + ": tot", was.name + ": until", Wider::kMore},
                    was.until_at, is.until_at, was.until, is.until, Date);
      });
}

void CompareTrust(const Convenant& a, const Convenant& b, Terms& terms) {
  if (!a.trust().has_value() || !b.trust().has_value()) return;  // An example, or the first with keys.
  const Trust &was = *a.trust(), &is = *b.trust();
  terms.Number(
      {"trust.witness_quorum", "getuigen die moeten tekenen", "witnesses that must sign", Wider::kLess},
      was.at, is.at, was.witness_quorum, is.witness_quorum);
  terms.Number({"trust.change_quorum", "handtekeningen voor een wijziging van sleutels",
                "signatures to change keys", Wider::kLess},
               was.at, is.at, was.change_quorum, is.change_quorum);
  terms.Time({"trust.witness_alarm_after", "alarm zonder getuigen na", "alarm without witnesses after",
              Wider::kMore},
             was.at, is.at, was.witness_alarm_after, is.witness_alarm_after);
  terms.Time({"trust.witness_stop_after", "stoppen zonder getuigen na", "stop without witnesses after",
              Wider::kMore},
             was.at, is.at, was.witness_stop_after, is.witness_stop_after);
  const auto witnesses = [](const Trust& trust) {
    std::vector<std::string> words;
    for (const Witness& witness : trust.witnesses)
      words.push_back(absl::StrCat(witness.name, "=", ToHex(witness.key).substr(0, 16)));
    return words;
  };
  terms.Words({"trust.witnesses", "getuigen", "witnesses"}, was.at, is.at, witnesses(was), witnesses(is));
  const Bytes none;
  const bool steward = was.voprf_steward_key.value_or(none) == is.voprf_steward_key.value_or(none) &&
                       was.voprf_broker_key.value_or(none) == is.voprf_broker_key.value_or(none);
  if (!steward) {
    terms.Add({"trust.voprf", "sleutels voor het vergelijken", "keys of matching"}, was.at, is.at,
              Effect::kWidening, was.voprf_steward_key.has_value() ? "set" : "-",
              is.voprf_steward_key.has_value() ? "set" : "-");
  }
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
