// SPDX-License-Identifier: EUPL-1.2
// Clauses that no allowed request uses, and ceilings that none reaches.
#include "policies/analysis/findings.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace seinpost::policies {
namespace {

using Pair = std::pair<std::string, std::string>;

// What allowed requests make use of, with every condition met.
struct Usage {
  std::set<std::string> purposes, categories, kinds, channels, retention;
  std::map<std::string, Level> untied;    // highest level of a kind without a role in the case
  std::map<std::string, Level> tied;      // ... with one
  std::map<Pair, Level> function_levels;  // ... of a function, with one
  std::map<std::string, Level> channel_levels;
  std::set<Pair> named_for;                         // recipient's kind, purpose of something named
  std::set<std::tuple<std::string, Pair>> senders;  // channel, (kind, purpose) above L0
  bool kept = false;
};

template <typename Key>
void Raise(std::map<Key, Level>& levels, const Key& key, Level level) {
  Level& best = levels[key];
  best = std::max(best, level);
}

template <typename Key>
Level LevelOf(const std::map<Key, Level>& levels, const Key& key) {
  const auto it = levels.find(key);
  return it == levels.end() ? Level::kL0 : it->second;
}

class UsageCounter {
 public:
  explicit UsageCounter(const Convenant& convenant)
      : convenant_(convenant), domain_({&convenant}), asker_(convenant) {}

  Usage Count(const Progress& progress) {
    domain_.Visit([&](const Share& share) { Visit(share); }, progress);
    return std::move(usage_);
  }

 private:
  void Visit(const Share& share) {
    SendRequest request = asker_.RequestFor(share, "", "");
    for (const std::vector<std::string>& purposes : domain_.purposes()) {
      for (const std::vector<std::string>& categories : domain_.categories()) {
        request.purpose = purposes.front();
        request.category = categories.front();
        if (!asker_.Ask(request, share).allowed) continue;
        usage_.purposes.insert(purposes.begin(), purposes.end());
        usage_.categories.insert(categories.begin(), categories.end());
        Record(share, request, purposes);
      }
    }
  }

  void Record(const Share& share, const SendRequest& request, const std::vector<std::string>& purposes) {
    const ItemTraits& traits = TraitsOf(share.item);
    const std::string channel = share.instance->substr(0, share.instance->find('@'));
    usage_.channels.insert(channel);
    for (const Role* role : {share.sender, share.recipient}) {
      usage_.kinds.insert(role->kind);
    }
    usage_.kept |= share.item == Item::kKeptIdentity;
    for (const PartRequest& part : request.parts) {
      const std::string* retention =
          convenant_.FindChannel(*share.instance)->RetentionClass(part.kind, traits.level, traits.signal);
      if (retention != nullptr) usage_.retention.insert(*retention);
    }
    // An alert is not judged by ceilings, and a source stays at home.
    if (traits.signal == SignalKind::kAlert || traits.part == PartKind::kSource) return;
    Raise(usage_.channel_levels, channel, traits.level);
    const Level part_level =
        share.item == Item::kKeptIdentity ? Level::kL1 : PartLevel(traits.part, traits.level, traits.signal);
    RecordLevel(share, request, *share.sender, traits.level);
    RecordLevel(share, request, *share.recipient, part_level);
    if (traits.level == Level::kL0) return;
    for (const std::string& purpose : purposes) {
      if (part_level == Level::kL2) usage_.named_for.emplace(share.recipient->kind, purpose);
      usage_.senders.emplace(channel, Pair(share.sender->kind, purpose));
    }
  }

  void RecordLevel(const Share& share, const SendRequest& request, const Role& role, Level level) {
    Raise(usage_.function_levels, Pair(role.kind, role.function), level);
    Raise(usage_.tied, role.kind, level);
    if (level == Level::kL0 || LevelOf(usage_.untied, role.kind) >= level) return;
    // Only his own role is taken away: the other's may be what lets the request through.
    Conditions conditions;
    (&role == share.sender ? conditions.sender_role : conditions.recipient_role) = false;
    if (asker_.Ask(request, share, conditions).allowed) Raise(usage_.untied, role.kind, level);
  }

  const Convenant& convenant_;
  Domain domain_;
  Asker asker_;
  Usage usage_;
};

class DeadClauses {
 public:
  DeadClauses(const Convenant& convenant, const Usage& usage, std::vector<Finding>& findings)
      : convenant_(convenant), usage_(usage), findings_(findings) {}

  void Find() {
    for (const auto& [code, purpose] : convenant_.purposes()) {
      Dead(usage_.purposes, code, "dead-purpose", purpose.at, "doel", "purpose");
    }
    for (const auto& [code, category] : convenant_.categories()) {
      Dead(usage_.categories, code, "dead-category", category.at, "categorie", "category");
    }
    for (const auto& [name, channel] : convenant_.channels()) {
      Dead(usage_.channels, name, "dead-channel", channel.at, "kanaal", "channel");
      const Level most = LevelOf(usage_.channel_levels, name);
      if (usage_.channels.count(name) != 0)
        Ceiling(name, channel.ceiling, most, channel.ceiling_at, "ceiling-channel");
    }
    for (const auto& [name, retention] : convenant_.retention()) {
      Dead(usage_.retention, name, "dead-retention", retention.at, "bewaarklasse", "retention class",
           IsJustificationClass(name));
    }
    for (const auto& [kind, levels] : convenant_.levels()) FindIn(levels);
    for (const auto& [name, bridge] : convenant_.bridges()) FindIn(bridge);
    if (convenant_.reveal().has_value() && !usage_.kept) {
      Add("dead-reveal", Severity::kWarning, convenant_.reveal()->at,
          "niemand kan ergens een identiteit bewaren, dus er valt niets te openen",
          "nobody can keep an identity anywhere, so there is nothing to open");
    }
  }

 private:
  void Add(const char* code, Severity severity, const Position& at, std::string nl, std::string en) {
    findings_.push_back({code, severity, at, std::move(nl), std::move(en)});
  }

  void Dead(const std::set<std::string>& used, const std::string& name, const char* code, const Position& at,
            const char* nl, const char* en, bool otherwise_used = false) {
    if (used.count(name) != 0 || otherwise_used) return;
    Add(code, Severity::kWarning, at,
        absl::StrCat(nl, " ", name, ": geen enkel toegestaan signaal gebruikt dit"),
        absl::StrCat(en, " ", name, ": no allowed signal ever uses it"));
  }

  // Justifications go with named parts; where those travel, the class is used.
  bool IsJustificationClass(const std::string& name) const {
    return std::any_of(convenant_.channels().begin(), convenant_.channels().end(), [&](const auto& entry) {
      return entry.second.justification_retention == name &&
             LevelOf(usage_.channel_levels, entry.first) == Level::kL2;
    });
  }

  void Ceiling(const std::string& name, Level ceiling, Level most, const Position& at, const char* code) {
    if (most >= ceiling) return;
    Add(code, Severity::kWarning, at,
        absl::StrCat(name, ": het plafond ", ToString(ceiling), " wordt nooit gehaald; hooguit ",
                     ToString(most)),
        absl::StrCat(name, ": the ceiling ", ToString(ceiling), " is never reached; at most ",
                     ToString(most)));
  }

  void FindIn(const KindLevels& levels) {
    const bool has_party = std::any_of(convenant_.parties().begin(), convenant_.parties().end(),
                                       [&](const auto& party) { return party.second.kind == levels.kind; });
    if (usage_.kinds.count(levels.kind) == 0) {
      // A party that only signs, such as a board, may be meant so.
      Add("dead-kind", has_party ? Severity::kNote : Severity::kWarning, levels.at,
          absl::StrCat("partnersoort ", levels.kind,
                       has_party ? ": verstuurt en ontvangt nooit iets" : ": geen partij is van deze soort"),
          absl::StrCat("partner kind ", levels.kind,
                       has_party ? ": never sends or gets anything" : ": no party is of this kind"));
      return;
    }
    Ceiling(levels.kind, levels.ceiling, LevelOf(usage_.untied, levels.kind), levels.ceiling_at,
            "ceiling-kind");
    if (levels.tied.has_value()) {
      Ceiling(levels.kind, *levels.tied, LevelOf(usage_.tied, levels.kind), levels.tied_at, "ceiling-tied");
    }
    // Whoever is of a kind that tells anything can tell it at L0: no function is dead by itself.
    for (const auto& [function, entry] : levels.functions) {
      const Pair key(levels.kind, function);
      Ceiling(absl::StrCat(levels.kind, "/", function), entry.ceiling, LevelOf(usage_.function_levels, key),
              entry.at, "ceiling-function");
    }
    for (const std::string& purpose : levels.competence) {
      if (usage_.named_for.count({levels.kind, purpose}) != 0) continue;
      Add("dead-competence", Severity::kWarning, levels.at,
          absl::StrCat(levels.kind, " is bevoegd voor ", purpose,
                       ", maar krijgt daarvoor nooit iets op naam"),
          absl::StrCat(levels.kind, " is competent for ", purpose, " but never gets anything named for it"));
    }
  }

  void FindIn(const Bridge& bridge) {
    const bool used = std::any_of(usage_.senders.begin(), usage_.senders.end(), [&](const auto& entry) {
      const auto& [channel, kind_purpose] = entry;
      return absl::c_linear_search(bridge.channels, channel) &&
             absl::c_linear_search(bridge.kinds, kind_purpose.first) &&
             absl::c_linear_search(bridge.purposes, kind_purpose.second);
    });
    const bool open = bridge.from < convenant_.valid_until() && bridge.until > convenant_.valid_from();
    if (used && open) return;
    Add("dead-bridge", Severity::kWarning, bridge.at,
        absl::StrCat("brug ", bridge.name,
                     open ? ": niemand kan er boven L0 iets over sturen"
                          : ": is nooit open zolang dit convenant geldt"),
        absl::StrCat("bridge ", bridge.name,
                     open ? ": nobody can send anything above L0 over it"
                          : ": is never open while this convenant holds"));
  }

  const Convenant& convenant_;
  const Usage& usage_;
  std::vector<Finding>& findings_;
};

}  // namespace

const char* ToString(Severity severity) { return severity == Severity::kWarning ? "warning" : "note"; }

std::vector<Finding> FindingsOf(const Convenant& convenant, const Progress& progress) {
  std::vector<Finding> findings = ClauseFindings(convenant);
  const Usage usage = UsageCounter(convenant).Count(progress);
  DeadClauses(convenant, usage, findings).Find();
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.at.line, a.code) < std::tie(b.at.line, b.code);
  });
  return findings;
}

}  // namespace seinpost::policies
