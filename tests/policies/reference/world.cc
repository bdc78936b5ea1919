// SPDX-License-Identifier: EUPL-1.2
#include "tests/policies/reference/world.h"

#include <algorithm>

namespace seinpost::policies::reference {

bool Has(const std::vector<std::string>& words, absl::string_view word) {
  for (const std::string& one : words) {
    if (one == word) return true;
  }
  return false;
}

absl::string_view ChannelName(absl::string_view instance) { return instance.substr(0, instance.find('@')); }

absl::string_view ScopeName(absl::string_view instance) {
  const size_t at = instance.find('@');
  return at == absl::string_view::npos ? "" : instance.substr(at + 1);
}

const Channel* ChannelAt(const Convenant& convenant, const std::string& instance) {
  const auto channel = convenant.channels().find(ChannelName(instance));
  if (channel == convenant.channels().end()) return nullptr;
  if (channel->second.per.empty()) return instance == channel->first ? &channel->second : nullptr;
  const auto scope = convenant.scopes().find(ScopeName(instance));
  const bool exists = scope != convenant.scopes().end() && scope->second == channel->second.per;
  return exists ? &channel->second : nullptr;
}

const Party* PartyOf(const Convenant& convenant, const MemberId& member) {
  const auto party = convenant.parties().find(member.party);
  return party == convenant.parties().end() ? nullptr : &party->second;
}

const std::string& KindOf(const Convenant& convenant, const MemberId& member) {
  static const auto* const kNone = new std::string;
  const Party* party = PartyOf(convenant, member);
  return party == nullptr ? *kNone : party->kind;
}

const std::string& SignerOf(const Convenant& convenant, const std::string& party) {
  const std::string* signer = &party;
  while (!convenant.parties().at(*signer).under.empty()) signer = &convenant.parties().at(*signer).under;
  return *signer;
}

Seat SeatOf(const Convenant& convenant, const MemberId& member, const std::string& instance) {
  const Party* party = PartyOf(convenant, member);
  const Channel* channel = ChannelAt(convenant, instance);
  if (party == nullptr || channel == nullptr || !member.convenant.empty()) return Seat::kNone;
  // A party with places of the channel's kind sits at these only.
  bool has_places = false, sits_here = false;
  for (const std::string& place : party->scopes) {
    if (convenant.scopes().at(place) == channel->per) has_places = true;
    if (place == ScopeName(instance)) sits_here = true;
  }
  if (has_places && !sits_here) return Seat::kNone;
  const bool listed = Has(channel->members, party->kind) || Has(channel->parties, party->id);
  if (listed && !party->guest) return Seat::kMember;
  return Has(channel->guests, party->kind) ? Seat::kGuest : Seat::kNone;
}

Mandates MandatesOf(const Convenant& convenant, const Facts& facts, const MemberId& member, absl::Time now,
                    const std::optional<absl::string_view>& instance) {
  Mandates found;
  const auto entry = facts.members.find(member);
  if (entry == facts.members.end() || !entry->second.known || entry->second.revoked) return found;
  const auto levels = convenant.levels().find(KindOf(convenant, member));
  if (levels == convenant.levels().end()) return found;
  for (const MandateFacts& mandate : entry->second.mandates) {
    const bool holds = mandate.from <= now && now < mandate.until;
    const bool declared = levels->second.functions.count(mandate.function) == 1;
    bool covers = true;
    if (instance && !ScopeName(*instance).empty()) {
      covers = Has(mandate.scopes, "*") || Has(mandate.scopes, ScopeName(*instance));
    }
    if (holds && declared && covers && !mandate.scopes.empty()) found.push_back(&mandate);
  }
  return found;
}

std::optional<Level> Reach(const Convenant& convenant, const Facts& facts, const MemberId& member,
                           absl::Time now, const std::optional<absl::string_view>& instance, bool tied) {
  std::optional<Level> best;
  for (const MandateFacts* mandate : MandatesOf(convenant, facts, member, now, instance)) {
    const KindLevels& levels = convenant.levels().at(KindOf(convenant, member));
    Level reach = levels.ceiling;
    if (tied && levels.tied) reach = *levels.tied;
    const Level function = levels.functions.at(mandate->function).ceiling;
    if (function < reach) reach = function;
    if (mandate->max_level < reach) reach = mandate->max_level;
    if (!best || *best < reach) best = reach;
  }
  return best;
}

namespace {

// The places that a signal is about: the channel's, or else those of the sender's party. Where neither has
// any, nobody is near.
std::vector<std::string> PlacesOf(const Convenant& convenant, const MemberId& sender,
                                  const std::string& instance) {
  if (!ScopeName(instance).empty()) return {std::string(ScopeName(instance))};
  const Party* party = PartyOf(convenant, sender);
  return party == nullptr ? std::vector<std::string>() : party->scopes;
}

bool HasCompetence(const Convenant& convenant, const MemberId& member, const std::string& purpose) {
  const auto levels = convenant.levels().find(KindOf(convenant, member));
  return levels != convenant.levels().end() && Has(levels->second.competence, purpose);
}

}  // namespace

bool HoldsTie(Tie tie, const Convenant& convenant, const Facts& facts, const MemberId& member,
              const MemberId& sender, const std::string& instance, const std::string& purpose,
              absl::Time now) {
  if (tie == Tie::kAction || tie == Tie::kCase) return false;
  if (!member.convenant.empty()) {
    const auto peer = facts.peers.find(member.convenant);
    return tie == Tie::kCompetence && peer != facts.peers.end() &&
           HasCompetence(*peer->second.convenant, member, purpose);
  }
  if (tie == Tie::kCompetence) return HasCompetence(convenant, member, purpose);
  for (const std::string& place : PlacesOf(convenant, sender, instance)) {
    const bool is_school = convenant.scopes().at(place) == "school";
    if (is_school != (tie == Tie::kSchool)) continue;
    for (const MandateFacts* mandate : MandatesOf(convenant, facts, member, now)) {
      if (Has(mandate->scopes, place)) return true;
    }
  }
  return false;
}

namespace {

bool HoldsFunction(const Facts& facts, const MemberId& member, const std::string& function, absl::Time now) {
  const auto entry = facts.members.find(member);
  if (entry == facts.members.end() || !entry->second.known || entry->second.revoked) return false;
  for (const MandateFacts& mandate : entry->second.mandates) {
    if (mandate.function == function && mandate.from <= now && now < mandate.until) return true;
  }
  return false;
}

}  // namespace

bool IsOfficer(const Facts& facts, const MemberId& member, absl::Time now) {
  return HoldsFunction(facts, member, "privacy_officer", now);
}

bool HasAnotherOffice(const Facts& facts, const MemberId& member, absl::Time now) {
  const auto entry = facts.members.find(member);
  if (entry == facts.members.end()) return false;
  std::set<std::string> offices;
  for (const MandateFacts& mandate : entry->second.mandates) {
    const bool ended = mandate.until <= now;
    const bool begun = mandate.from <= now;
    if (begun && !ended) offices.insert(mandate.function);
  }
  offices.erase("privacy_officer");
  return !offices.empty();
}

std::set<MemberId> OfficersFor(const Convenant& convenant, const Facts& facts, const MemberId& sender,
                               absl::Time now) {
  std::set<std::string> parties(convenant.oversight().begin(), convenant.oversight().end());
  if (PartyOf(convenant, sender) != nullptr) {
    parties.insert(sender.party);
    parties.insert(SignerOf(convenant, sender.party));
  }
  std::set<MemberId> officers;
  for (const MemberId& officer : facts.officers) {
    if (!officer.convenant.empty() || parties.count(officer.party) == 0) continue;
    if (IsOfficer(facts, officer, now) && !HasAnotherOffice(facts, officer, now)) officers.insert(officer);
  }
  return officers;
}

std::vector<std::set<MemberId>> ApprovalGroups(const Convenant& convenant, const Facts& facts,
                                               const MemberId& sender, absl::Time now) {
  std::vector<std::set<MemberId>> groups;
  if (!convenant.reveal()) return groups;
  for (const auto& [name, group] : convenant.reveal()->groups) {
    groups.emplace_back();
    for (const auto& [member, known] : facts.members) {
      const bool right_party =
          group.of_sender ? member.party == sender.party : Has(group.parties, member.party);
      if (right_party && member.convenant.empty() && member != sender &&
          HoldsFunction(facts, member, group.function, now)) {
        groups.back().insert(member);
      }
    }
  }
  return groups;
}

Level LevelOfPart(PartKind part, Level signal, SignalKind kind) {
  if (part != PartKind::kNarrative) return Level::kL2;
  if (kind == SignalKind::kAlert || signal == Level::kL0) return Level::kL0;
  return Level::kL1;
}

bool NamesSomebody(PartKind part, bool kept) {
  if (part == PartKind::kIdentity) return !kept;
  return part == PartKind::kCare || part == PartKind::kAttachment;
}

std::string KeyOf(const MemberId& member) {
  if (!member.ref.empty()) return member.ref;
  const std::string key = member.party + "/" + member.handle;
  return member.convenant.empty() ? key : key + "@" + member.convenant;
}

}  // namespace seinpost::policies::reference
