// SPDX-License-Identifier: EUPL-1.2
#include "policies/analysis/domain_facts.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/analysis/domain.h"
#include "policies/instead/alternatives.h"

namespace seinpost::policies {
namespace {

// How many persons each function of each party needs.
using Seats = std::map<std::pair<std::string, std::string>, size_t>;

void AtLeast(Seats& seats, const std::string& party, const std::string& function, size_t persons) {
  size_t& seat = seats[{party, function}];
  seat = std::max(seat, persons);
}

Seats SeatsOf(const Convenant& convenant) {
  Seats seats;
  for (const auto& [id, party] : convenant.parties()) {
    const KindLevels* levels = convenant.FindLevels(party.kind);
    if (levels == nullptr) continue;
    for (const auto& [function, entry] : levels->functions) AtLeast(seats, id, function, 2);
  }
  for (const std::string& party : convenant.oversight()) {
    AtLeast(seats, party, std::string(kPrivacyOfficer), kPersonsPerReview);
  }
  if (!convenant.reveal().has_value()) return seats;
  for (const auto& [name, group] : convenant.reveal()->groups) {
    for (const auto& [id, party] : convenant.parties()) {
      const bool meant = group.of_sender || absl::c_linear_search(group.parties, id);
      const bool can_hold =
          group.function == kPrivacyOfficer || seats.count(std::pair(id, group.function)) != 0;
      // Whoever sends is no approver himself: one more than the reviewers.
      if (meant && can_hold) AtLeast(seats, id, group.function, kPersonsPerReview + 1);
    }
  }
  return seats;
}

void AddMembers(const Convenant& convenant, const std::string& peer, Facts& facts) {
  for (const auto& [seat, persons] : SeatsOf(convenant)) {
    const auto& [party_id, function] = seat;
    const bool officer = function == kPrivacyOfficer;
    for (size_t index = 0; index < persons; ++index) {
      const MemberId id = SyntheticMember(peer, party_id, function, index);
      MandateFacts mandate;
      mandate.function = function;
      mandate.scopes =
          officer ? std::vector<std::string>{"*"} : MandateScopes(convenant, *convenant.FindParty(party_id));
      mandate.max_level = officer ? Level::kL0 : Level::kL2;
      mandate.from = absl::InfinitePast();
      mandate.until = absl::InfiniteFuture();
      MemberFacts& member = facts.members[id];
      member.known = true;
      member.mandates.push_back(std::move(mandate));
      if (officer && peer.empty()) facts.officers.push_back(id);
    }
  }
}

absl::Time NoonOf(absl::Time first_day) { return first_day + absl::Hours(12); }

}  // namespace

MemberId SyntheticMember(const std::string& peer, const std::string& party, const std::string& function,
                         size_t index) {
  MemberId member;
  member.convenant = peer;
  member.party = party;
  member.handle = index == 0 ? function : absl::StrCat(function, "-", index + 1);
  return member;
}

std::vector<std::string> MandateScopes(const Convenant& convenant, const Party& party) {
  std::set<std::string> bound;
  for (const std::string& own : party.scopes) bound.insert(convenant.scopes().find(own)->second);
  std::vector<std::string> scopes = party.scopes;
  for (const auto& [scope, kind] : convenant.scopes()) {
    if (bound.count(kind) == 0) scopes.push_back(scope);
  }
  // A convenant without scopes has nothing else to name.
  if (scopes.empty()) scopes.emplace_back("*");
  return scopes;
}

Facts DomainFacts(const Convenant& convenant, const std::vector<const Convenant*>& peers) {
  Facts facts;
  facts.convenant = &convenant;
  facts.convenant_active = true;
  facts.all_signatures = true;
  AddMembers(convenant, "", facts);
  for (const Convenant* peer : peers) {
    facts.peers[peer->id()] = PeerFacts{peer, true};
    AddMembers(*peer, peer->id(), facts);
  }
  return facts;
}

Asker::Asker(const Convenant& convenant, const std::vector<const Convenant*>& peers)
    : convenant_(convenant), now_(NoonOf(convenant.valid_from())) {
  facts_ = DomainFacts(convenant, peers);
  for (const Convenant* peer : peers) {
    now_ = std::max(now_, NoonOf(peer->valid_from()));
    for (const auto& [name, bridge] : convenant.bridges()) {
      if (bridge.convenant == peer->id()) now_ = std::max(now_, NoonOf(bridge.from));
    }
    for (const auto& [name, bridge] : peer->bridges()) {
      if (bridge.convenant == convenant.id()) now_ = std::max(now_, NoonOf(bridge.from));
    }
  }
}

void Asker::AddKept(SendRequest& request) const {
  PartRequest kept;
  kept.kind = PartKind::kIdentity;
  kept.kept = true;
  for (const std::vector<MemberId>& group : ApproversOf(request.sender, facts_, now_)) {
    kept.recipients.insert(kept.recipients.end(), group.begin(), group.end());
  }
  request.parts.push_back(std::move(kept));
}

SendRequest Asker::RequestFor(const Share& share, const std::string& purpose, const std::string& category,
                              const Conditions& conditions) const {
  const ItemTraits& traits = TraitsOf(share.item);
  SendRequest request;
  request.kind = traits.signal;
  request.sender = share.sender->member;
  request.convenant_id = convenant_.id();
  request.convenant_version = convenant_.version();
  request.channel = *share.instance;
  request.category = category;
  request.purpose = purpose;
  request.level = traits.level;
  request.has_case_ref = traits.level != Level::kL0;
  request.created = now_;
  const bool alert = traits.signal == SignalKind::kAlert;
  if (alert && conditions.emergency_asked) request.emergency_called = true;
  if (!alert && traits.level == Level::kL2 && conditions.informed) request.informed = Informed::kYes;
  request.parts.emplace_back().recipients = {share.recipient->member};
  const Channel* channel = convenant_.FindChannel(*share.instance);
  const bool required =
      traits.level == Level::kL1 && channel != nullptr && channel->kept_identity == KeptIdentity::kRequired;
  if (share.item == Item::kKeptIdentity || required) AddKept(request);
  if (traits.part == PartKind::kNarrative || share.item == Item::kKeptIdentity) return request;
  PartRequest& part = request.parts.emplace_back();
  part.kind = traits.part;
  part.recipients = {share.recipient->member};
  const bool named = traits.part != PartKind::kSource && !alert;
  if (!named || !conditions.justified) return request;
  Change justify;
  justify.kind = Change::Kind::kAddJustification;
  return Apply(request, {justify}, facts_, now_);
}

Decision Asker::Ask(const SendRequest& request, const Share& share, const Conditions& conditions) {
  facts_.broker.chair_approved = conditions.chair_approved;
  std::set<MemberId> roles;
  if (conditions.sender_role) roles.insert(share.sender->member);
  if (conditions.recipient_role) roles.insert(share.recipient->member);
  facts_.broker.case_roles = std::move(roles);
  if (conditions.place_named) return DecideSend(request, facts_, now_);
  MemberFacts& recipient = facts_.members.at(share.recipient->member);
  const MemberFacts named = recipient;
  for (MandateFacts& mandate : recipient.mandates) mandate.scopes = {"*"};
  Decision decision = DecideSend(request, facts_, now_);
  facts_.members.at(share.recipient->member) = named;
  return decision;
}

Decision Asker::Ask(const Share& share, const std::string& purpose, const std::string& category,
                    const Conditions& conditions) {
  return Ask(RequestFor(share, purpose, category, conditions), share, conditions);
}

}  // namespace seinpost::policies
