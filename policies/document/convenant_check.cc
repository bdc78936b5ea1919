// SPDX-License-Identifier: EUPL-1.2
// What the sections of a convenant say about each other: names that resolve, and combinations that can hold.
#include <algorithm>
#include <map>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "policies/document/convenant_parser.h"

namespace seinpost::policies {

void ConvenantParser::Complain(const Position& at, absl::string_view sentence) {
  problems_.Add(at.line, at.column, sentence);
}

void ConvenantParser::CheckOneOf(const std::vector<std::string>& words, const std::vector<std::string>& known,
                                 absl::string_view what, const Position& at) {
  for (const std::string& word : words) {
    if (absl::c_linear_search(known, word)) continue;
    if (problems_.full()) return Complain(at, "");  // Looking for likenesses takes time.
    Complain(WordIn(at, word), absl::StrCat("\"", at.path, "\" names the unknown ", what, " \"", word, "\"",
                                            DidYouMean(word, known), "; there are: ", ListOf(known)));
  }
}

// Paths look like "alerts.oranje.steps[0]"; no name holds a dot or a bracket.
const YamlNode* ConvenantParser::NodeAt(absl::string_view path) const {
  const YamlNode* node = &root_;
  for (const absl::string_view step : absl::StrSplit(path, '.')) {
    const size_t bracket = std::min(step.find('['), step.size());
    const YamlNode::Entry* entry = node->Find(step.substr(0, bracket));
    if (entry == nullptr) return nullptr;
    node = &entry->value;
    if (bracket == step.size()) continue;
    size_t index = 0;
    const absl::string_view number = absl::StripSuffix(step.substr(bracket + 1), "]");
    if (!absl::SimpleAtoi(number, &index) || index >= node->items.size()) return nullptr;
    node = &node->items[index];
  }
  return node;
}

Position ConvenantParser::Below(const Position& at, absl::string_view key) const {
  const YamlNode* node = NodeAt(at.path);
  const YamlNode::Entry* entry = node == nullptr ? nullptr : node->Find(key);
  if (entry == nullptr) return at;
  return {entry->line, entry->column, absl::StrCat(at.path, ".", key)};
}

Position ConvenantParser::WordIn(const Position& at, absl::string_view word) const {
  const YamlNode* node = NodeAt(at.path);
  if (node == nullptr) return at;
  for (const YamlNode& item : node->items) {
    if (item.scalar == word) return {item.line, item.column, at.path};
  }
  return at;
}

void ConvenantParser::CheckNotEmpty(const std::vector<std::string>& words, const Position& at) {
  if (words.empty()) Complain(at, absl::StrCat("\"", at.path, "\" must list at least one name"));
}

// A guest does not sign, and gets nothing above L0 (R12).
void ConvenantParser::CheckNoGuests(const std::vector<std::string>& parties, const Position& at) {
  for (const std::string& id : parties) {
    const Party* party = convenant_.FindParty(id);
    if (party == nullptr || !party->guest) continue;
    Complain(WordIn(at, id), absl::StrCat("\"", at.path, "\" names the guest \"", id, "\""));
  }
}

// Rules are tied to some words by name. One that is nearly such a word would pass them by unnoticed.
void ConvenantParser::CheckNotMeant(absl::string_view word, const std::vector<std::string>& fixed,
                                    const Position& at) {
  if (absl::c_linear_search(fixed, word)) return;
  const std::string meant = DidYouMean(word, fixed);
  if (meant.empty()) return;
  Complain(at, absl::StrCat("\"", word, "\" is nearly a word that rules go by", meant,
                            "; otherwise choose a name that differs more"));
}

void ConvenantParser::CheckHead() {
  const Convenant& c = convenant_;
  if (c.valid_until_ <= c.valid_from_) Complain(c.validity_at_, "\"valid_until\" lies before \"valid_from\"");
  if (c.version_ == 1 && c.previous_.has_value()) Complain(c.previous_at_, "version 1 has no \"previous\"");
  if (c.version_ > 1 && !c.previous_.has_value()) {
    Complain(c.version_at_, "a version after the first names the hash of the one before it in \"previous\"");
  }
  CheckKnown({c.controller_}, c.parties_, "party", c.controller_at_);
  CheckNoGuests({c.controller_}, c.controller_at_);
}

void ConvenantParser::CheckParties() {
  int hosts = 0;
  for (const auto& [id, party] : convenant_.parties_) {
    CheckKnown({party.kind}, convenant_.levels_, "partner kind", Below(party.at, "kind"));
    const Position scopes_at = Below(party.at, "scopes");
    CheckKnown(party.scopes, convenant_.scopes_, "scope", scopes_at);
    if (party.scopes.empty() && scopes_at.path != party.at.path) {
      Complain(scopes_at, absl::StrCat("\"", scopes_at.path,
                                       "\" names no scope; leave it out for a party that sits everywhere"));
    }
    CheckPartyChain(party);
    hosts += party.host ? 1 : 0;
    if (!party.guest) continue;
    if (party.host)
      Complain(Below(party.at, "host"), absl::StrCat("the guest \"", id, "\" cannot be the host"));
    if (party.under.empty()) {
      Complain(
          Below(party.at, "guest"),
          absl::StrCat("the guest \"", id, "\" does not sign, so it must stand under a party that does"));
    }
    const KindLevels* levels = convenant_.FindLevels(party.kind);
    if (levels != nullptr && (levels->ceiling > Level::kL0 || levels->tied.has_value())) {
      Complain(Below(party.at, "kind"),
               absl::StrCat("guests stay at L0, but the kind \"", party.kind, "\" goes higher"));
    }
  }
  if (hosts != 1) {
    Complain(convenant_.parties_at_, absl::StrCat("exactly one party must say host: yes; ", hosts, " do"));
  }
  CheckRoots();
}

void ConvenantParser::CheckPartyChain(const Party& party) {
  if (party.under.empty()) return;
  const Position at = Below(party.at, "under");
  if (party.root.has_value()) {
    Complain(Below(party.at, "root"), absl::StrCat("\"", party.id, "\" has its own root and stands under \"",
                                                   party.under, "\"; it can do only one"));
  }
  std::set<std::string> seen = {party.id};
  for (const Party* step = &party; !step->under.empty();) {
    const Party* next = convenant_.FindParty(step->under);
    if (next == nullptr) {
      if (step == &party) CheckKnown({party.under}, convenant_.parties_, "party", at);
      return;
    }
    if (!seen.insert(next->id).second) {
      return Complain(at, absl::StrCat("\"", party.id, "\" stands under itself"));
    }
    if (next->guest) return Complain(at, absl::StrCat("\"", party.id, "\" stands under a guest"));
    step = next;
  }
}

void ConvenantParser::CheckRoots() {
  std::map<Bytes, std::string> seen;
  for (const auto& [id, party] : convenant_.parties_) {
    if (!party.root.has_value()) continue;
    const auto [it, fresh] = seen.emplace(*party.root, id);
    if (fresh) continue;
    Complain(Below(party.at, "root"),
             absl::StrCat("\"", id, "\" has the same root key as \"", it->second, "\""));
  }
}

// The party that signs for `party`; empty where its chain leads nowhere, which CheckPartyChain tells.
std::string ConvenantParser::SignatoryOf(const std::string& party) const {
  const Party* step = convenant_.FindParty(party);
  for (size_t steps = 0; step != nullptr && steps < convenant_.parties_.size(); ++steps) {
    if (step->under.empty()) return step->id;
    step = convenant_.FindParty(step->under);
  }
  return "";
}

void ConvenantParser::CheckPurposes() {
  for (const auto& [code, purpose] : convenant_.purposes_) {
    CheckKnown(purpose.may_use, convenant_.levels_, "partner kind", purpose.may_use_at);
    if (!purpose.everyone_may_use && purpose.may_use.empty()) {
      Complain(purpose.may_use_at, absl::StrCat("nobody may use the purpose \"", code, "\""));
    }
  }
}

void ConvenantParser::CheckLevels() {
  const Level cap = LevelCap(convenant_.kind_);
  for (const auto& [kind, levels] : convenant_.levels_) {
    CheckNotMeant(kind, {std::string(kPolice), std::string(kEnforcement)}, levels.at);
    const auto check_cap = [&](Level level, const Position& at) {
      if (level <= cap) return;
      Complain(at, absl::StrCat("a ", ToString(convenant_.kind_), " goes no higher than ", ToString(cap),
                                ", but \"", at.path, "\" says ", ToString(level)));
    };
    check_cap(levels.ceiling, levels.ceiling_at);
    if (levels.tied.has_value()) {
      check_cap(*levels.tied, levels.tied_at);
      if (*levels.tied <= levels.ceiling) {
        Complain(levels.tied_at,
                 absl::StrCat("\"", levels.tied_at.path, "\" must be above the ordinary ceiling"));
      }
    }
    CheckKnown(levels.competence, convenant_.purposes_, "purpose", Below(levels.at, "competence"));
    if (!levels.contact.empty()) CheckReader(kind, levels.contact, Below(levels.at, "contact"));
    for (const auto& [function, entry] : levels.functions) {
      CheckNotMeant(function, {std::string(kPrivacyOfficer)}, entry.at);
      if (function == kPrivacyOfficer) {
        Complain(entry.at, "a privacy officer reads no signals, so the function has no ceiling");
      }
      const Level most = levels.tied.value_or(levels.ceiling);
      if (entry.ceiling > most) {
        Complain(entry.at, absl::StrCat("\"", entry.at.path, "\" is above the ceiling of its partner kind"));
      }
    }
  }
}

// `function` is one of `kind`, or that of a privacy officer, which every kind has.
void ConvenantParser::CheckFunction(const std::string& kind, const std::string& function,
                                    const Position& at) {
  const KindLevels* levels = convenant_.FindLevels(kind);
  if (levels == nullptr || function == kPrivacyOfficer) return;
  CheckKnown({function}, levels->functions, absl::StrCat("function of ", kind), at);
}

// ... and one that can get signals: a privacy officer gets none (R29).
void ConvenantParser::CheckReader(const std::string& kind, const std::string& function, const Position& at) {
  if (function == kPrivacyOfficer) {
    return Complain(
        WordIn(at, function),
        absl::StrCat("a privacy officer gets no signals, so cannot be named in \"", at.path, "\""));
  }
  CheckFunction(kind, function, at);
}

void ConvenantParser::CheckChannels() {
  for (const auto& [name, channel] : convenant_.channels_) {
    CheckChannel(channel);
    CheckChannelPeople(channel);
    CheckRetention(channel);
  }
}

void ConvenantParser::CheckChannel(const Channel& channel) {
  const Level cap = LevelCap(convenant_.kind_);
  if (channel.ceiling > cap) {
    Complain(channel.ceiling_at,
             absl::StrCat("a ", ToString(convenant_.kind_), " goes no higher than ", ToString(cap),
                          ", but \"", channel.ceiling_at.path, "\" says ", ToString(channel.ceiling)));
  }
  CheckNotMeant(channel.kind, {"theme", "board"}, Below(channel.at, "kind"));
  if ((channel.kind == "theme" || channel.kind == "board") && channel.ceiling > Level::kL0) {
    Complain(channel.ceiling_at,
             absl::StrCat("a ", channel.kind, " channel is about no person and stays at L0"));
  }
  if (channel.identity && channel.ceiling < Level::kL2) {
    Complain(channel.identity_at, "identity parts need a channel that goes up to L2");
  }
  if (channel.kept_identity != KeptIdentity::kForbidden) {
    const Position at = Below(channel.at, "kept_identity");
    if (!convenant_.reveal_.has_value()) {
      Complain(at, "a kept identity needs the section \"reveal\" with approval groups");
    }
    if (channel.ceiling < Level::kL1) {
      Complain(at, "a kept identity needs a channel that goes up to L1");
    }
  }
  if (channel.per.empty()) return;
  std::vector<std::string> kinds;
  for (const auto& scope : convenant_.scopes_) kinds.push_back(scope.second);
  if (!absl::c_linear_search(kinds, channel.per)) {
    Complain(Below(channel.at, "per"),
             absl::StrCat("\"", channel.name, "\" exists per ", channel.per,
                          ", but \"scopes\" holds no scope of that kind", DidYouMean(channel.per, kinds)));
  }
}

void ConvenantParser::CheckChannelPeople(const Channel& channel) {
  CheckKnown(channel.members, convenant_.levels_, "partner kind", channel.members_at);
  CheckKnown(channel.parties, convenant_.parties_, "party", Below(channel.at, "parties"));
  CheckNoGuests(channel.parties, Below(channel.at, "parties"));
  const Position guests_at = Below(channel.at, "guests");
  CheckKnown(channel.guests, convenant_.levels_, "partner kind", guests_at);
  for (const std::string& guest : channel.guests) {
    if (absl::c_linear_search(channel.members, guest)) {
      Complain(WordIn(guests_at, guest),
               absl::StrCat("\"", guest, "\" is both member and guest of \"", channel.name, "\""));
    }
  }
  if (channel.members.empty() && channel.parties.empty()) {
    Complain(channel.members_at, absl::StrCat("\"", channel.name, "\" has no members"));
  }
  if (!channel.chair.empty() && !absl::c_linear_search(channel.members, channel.chair)) {
    Complain(Below(channel.at, "chair"),
             absl::StrCat("the chair of \"", channel.name, "\" is the partner kind \"", channel.chair,
                          "\", which is no member of it", DidYouMean(channel.chair, channel.members)));
  }
}

void ConvenantParser::CheckRetention(const Channel& channel) {
  for (Level level : {Level::kL0, Level::kL1, Level::kL2}) {
    const std::optional<std::string>& name = channel.retention[static_cast<size_t>(level)];
    if (!name.has_value()) continue;
    const Position at = Below(channel.retention_at, ToString(level));
    CheckKnown({*name}, convenant_.retention_, "retention class", at);
    if (level > channel.ceiling) {
      Complain(at, absl::StrCat("\"", channel.name, "\" never carries ", ToString(level),
                                ", so it keeps nothing at that level"));
    }
  }
  if (channel.justification_retention.empty()) return;
  const Position at = Below(channel.retention_at, "justification");
  CheckKnown({channel.justification_retention}, convenant_.retention_, "retention class", at);
  if (channel.ceiling < Level::kL2) {
    Complain(at, absl::StrCat("\"", channel.name, "\" never carries L2, so it has no justifications"));
  }
}

void ConvenantParser::CheckOversight() {
  CheckKnown(convenant_.oversight_, convenant_.parties_, "party", convenant_.oversight_at_);
  CheckNoGuests(convenant_.oversight_, convenant_.oversight_at_);
  const bool named = std::any_of(convenant_.channels_.begin(), convenant_.channels_.end(),
                                 [](const auto& channel) { return channel.second.ceiling == Level::kL2; });
  if (named && convenant_.oversight_.empty()) {
    Complain(convenant_.oversight_at_,
             "where a channel goes up to L2, \"oversight\" must name the parties whose privacy officers "
             "review it");
  }
}

void ConvenantParser::CheckTrust() {
  if (!convenant_.trust_.has_value()) return;
  const Trust& trust = *convenant_.trust_;
  CheckWitnesses(trust);
  if (trust.voprf_broker_key.has_value() != trust.voprf_steward_key.has_value()) {
    Complain(trust.at, "\"trust\" must hold both shares of the match key or none");
  } else if (trust.voprf_broker_key.has_value() && *trust.voprf_broker_key == *trust.voprf_steward_key) {
    Complain(Below(trust.at, "voprf_steward_key"),
             "the two shares of the match key are the same, so one holder could compute it alone");
  }
  const auto signatories =
      static_cast<size_t>(std::count_if(convenant_.parties_.begin(), convenant_.parties_.end(),
                                        [](const auto& p) { return p.second.under.empty(); }));
  if (trust.change_quorum > signatories) {
    Complain(Below(trust.at, "change_quorum"),
             "\"trust.change_quorum\" asks for more signatures than there are signatories");
  }
  if (trust.witness_stop_after < trust.witness_alarm_after) {
    Complain(Below(trust.at, "witness_stop_after"),
             "\"trust.witness_stop_after\" lies before \"trust.witness_alarm_after\"");
  }
}

// A quorum of witnesses is worth as many as there are different ones, the broker not among them.
void ConvenantParser::CheckWitnesses(const Trust& trust) {
  if (trust.witness_quorum > trust.witnesses.size()) {
    Complain(Below(trust.at, "witness_quorum"),
             "\"trust.witness_quorum\" asks for more witnesses than there are");
  }
  if (trust.witness_quorum == 0 && !trust.witnesses.empty()) {
    Complain(Below(trust.at, "witnesses"),
             "\"trust.witness_quorum\" must say how many of the witnesses have to sign");
  }
  std::map<Bytes, std::string> seen = {{trust.broker_key, "the broker"}, {trust.log_key, "the log"}};
  for (const Witness& witness : trust.witnesses) {
    const auto [it, fresh] = seen.emplace(witness.key, witness.name);
    if (fresh) continue;
    Complain(witness.at, absl::StrCat("the witness \"", witness.name, "\" has the key of ", it->second));
  }
}

}  // namespace seinpost::policies
