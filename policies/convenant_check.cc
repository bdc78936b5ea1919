// SPDX-License-Identifier: EUPL-1.2
// What the sections of a convenant say about each other: names that resolve, and combinations that can hold.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "policies/convenant_parser.h"

namespace seinpost::policies {
namespace {

bool Contains(const std::vector<std::string>& words, absl::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

void ConvenantParser::Complain(const Position& at, absl::string_view sentence) {
  problems_.Add(at.line, at.column, sentence);
}

void ConvenantParser::CheckOneOf(const std::vector<std::string>& words, const std::vector<std::string>& known,
                                 absl::string_view what, const Position& at) {
  for (const std::string& word : words) {
    if (Contains(known, word) || problems_.full()) continue;
    Complain(at, absl::StrCat("\"", at.path, "\" names the unknown ", what, " \"", word, "\"",
                              DidYouMean(word, known), "; there are: ", ListOf(known)));
  }
}

void ConvenantParser::CheckHead() {
  const Convenant& c = convenant_;
  if (c.valid_until_ <= c.valid_from_) Complain(c.validity_at_, "\"valid_until\" lies before \"valid_from\"");
  if (c.version_ == 1 && c.previous_.has_value()) Complain(c.previous_at_, "version 1 has no \"previous\"");
  if (c.version_ > 1 && !c.previous_.has_value()) {
    Complain(c.version_at_, "a version after the first names the hash of the one before it in \"previous\"");
  }
  CheckKnown({c.controller_}, c.parties_, "party", c.controller_at_);
}

void ConvenantParser::CheckParties() {
  int hosts = 0;
  for (const auto& [id, party] : convenant_.parties_) {
    CheckKnown({party.kind}, convenant_.levels_, "partner kind", party.at);
    CheckKnown(party.scopes, convenant_.scopes_, "scope", party.at);
    CheckPartyChain(party);
    hosts += party.host ? 1 : 0;
    if (!party.guest) continue;
    if (party.host) Complain(party.at, absl::StrCat("the guest \"", id, "\" cannot be the host"));
    if (party.under.empty()) {
      Complain(party.at, absl::StrCat("the guest \"", id,
                                      "\" does not sign, so it must stand under a party that does"));
    }
    const KindLevels* levels = convenant_.FindLevels(party.kind);
    if (levels != nullptr && (levels->ceiling > Level::kL0 || levels->tied.has_value())) {
      Complain(party.at, absl::StrCat("guests stay at L0, but the kind \"", party.kind, "\" goes higher"));
    }
  }
  if (hosts != 1) {
    Complain(convenant_.parties_at_, absl::StrCat("exactly one party must say host: yes; ", hosts, " do"));
  }
  CheckRoots();
}

void ConvenantParser::CheckPartyChain(const Party& party) {
  if (party.under.empty()) return;
  if (party.root.has_value()) {
    Complain(party.at, absl::StrCat("\"", party.id, "\" has its own root and stands under \"", party.under,
                                    "\"; it can do only one"));
  }
  std::set<std::string> seen = {party.id};
  for (const Party* step = &party; !step->under.empty();) {
    const Party* next = convenant_.FindParty(step->under);
    if (next == nullptr) {
      if (step == &party) CheckKnown({party.under}, convenant_.parties_, "party", party.at);
      return;
    }
    if (!seen.insert(next->id).second) {
      return Complain(party.at, absl::StrCat("\"", party.id, "\" stands under itself"));
    }
    if (next->guest) return Complain(party.at, absl::StrCat("\"", party.id, "\" stands under a guest"));
    step = next;
  }
}

void ConvenantParser::CheckRoots() {
  std::map<Bytes, std::string> seen;
  for (const auto& [id, party] : convenant_.parties_) {
    if (!party.root.has_value()) continue;
    const auto [it, fresh] = seen.emplace(*party.root, id);
    if (!fresh)
      Complain(party.at, absl::StrCat("\"", id, "\" has the same root key as \"", it->second, "\""));
  }
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
    CheckKnown(levels.competence, convenant_.purposes_, "purpose", levels.at);
    if (!levels.contact.empty()) CheckFunction(kind, levels.contact, levels.at);
    for (const auto& [function, entry] : levels.functions) {
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
  if ((channel.kind == "theme" || channel.kind == "board") && channel.ceiling > Level::kL0) {
    Complain(channel.ceiling_at,
             absl::StrCat("a ", channel.kind, " channel is about no person and stays at L0"));
  }
  if (channel.identity && channel.ceiling < Level::kL2) {
    Complain(channel.identity_at, "identity parts need a channel that goes up to L2");
  }
  if (channel.kept_identity != KeptIdentity::kForbidden) {
    if (!convenant_.reveal_.has_value()) {
      Complain(channel.at, "a kept identity needs the section \"reveal\" with approval groups");
    }
    if (channel.ceiling < Level::kL1) {
      Complain(channel.at, "a kept identity needs a channel that goes up to L1");
    }
  }
  if (channel.per.empty()) return;
  const bool exists = std::any_of(convenant_.scopes_.begin(), convenant_.scopes_.end(),
                                  [&](const auto& scope) { return scope.second == channel.per; });
  if (!exists) {
    Complain(channel.at, absl::StrCat("\"", channel.name, "\" exists per ", channel.per,
                                      ", but \"scopes\" holds no scope of that kind"));
  }
}

void ConvenantParser::CheckChannelPeople(const Channel& channel) {
  CheckKnown(channel.members, convenant_.levels_, "partner kind", channel.members_at);
  CheckKnown(channel.parties, convenant_.parties_, "party", channel.at);
  CheckKnown(channel.guests, convenant_.levels_, "partner kind", channel.at);
  for (const std::string& guest : channel.guests) {
    if (Contains(channel.members, guest)) {
      Complain(channel.at,
               absl::StrCat("\"", guest, "\" is both member and guest of \"", channel.name, "\""));
    }
  }
  if (channel.members.empty() && channel.parties.empty()) {
    Complain(channel.members_at, absl::StrCat("\"", channel.name, "\" has no members"));
  }
  if (!channel.chair.empty() && !Contains(channel.members, channel.chair)) {
    Complain(channel.at, absl::StrCat("the chair of \"", channel.name, "\" is the partner kind \"",
                                      channel.chair, "\", which is no member of it"));
  }
}

void ConvenantParser::CheckRetention(const Channel& channel) {
  for (Level level : {Level::kL0, Level::kL1, Level::kL2}) {
    const std::optional<std::string>& name = channel.retention[static_cast<size_t>(level)];
    if (!name.has_value()) continue;
    CheckKnown({*name}, convenant_.retention_, "retention class", channel.retention_at);
    if (level > channel.ceiling) {
      Complain(channel.retention_at, absl::StrCat("\"", channel.name, "\" never carries ", ToString(level),
                                                  ", so it keeps nothing at that level"));
    }
  }
  if (channel.justification_retention.empty()) return;
  CheckKnown({channel.justification_retention}, convenant_.retention_, "retention class",
             channel.retention_at);
  if (channel.ceiling < Level::kL2) {
    Complain(channel.retention_at,
             absl::StrCat("\"", channel.name, "\" never carries L2, so it has no justifications"));
  }
}

void ConvenantParser::CheckOversight() {
  CheckKnown(convenant_.oversight_, convenant_.parties_, "party", convenant_.oversight_at_);
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
  if (trust.witness_quorum > trust.witnesses.size()) {
    Complain(trust.at, "\"trust.witness_quorum\" asks for more witnesses than there are");
  }
  if (trust.voprf_broker_key.has_value() != trust.voprf_steward_key.has_value()) {
    Complain(trust.at, "\"trust\" must hold both shares of the match key or none");
  }
  const auto signatories =
      static_cast<size_t>(std::count_if(convenant_.parties_.begin(), convenant_.parties_.end(),
                                        [](const auto& p) { return p.second.under.empty(); }));
  if (trust.change_quorum > signatories) {
    Complain(trust.at, "\"trust.change_quorum\" asks for more signatures than there are signatories");
  }
  if (trust.witness_stop_after < trust.witness_alarm_after) {
    Complain(trust.at, "\"trust.witness_stop_after\" lies before \"trust.witness_alarm_after\"");
  }
}

}  // namespace seinpost::policies
