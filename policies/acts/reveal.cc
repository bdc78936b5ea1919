// SPDX-License-Identifier: EUPL-1.2
// Kept identities: who asks for one, and who together release it (R6, R10, R34). Asking is an L2 decision,
// made by the version of the convenant that is in force.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/acts/rules.h"

namespace seinpost::policies {
namespace {

absl::string_view OriginalChannel(const Facts& facts) {
  return facts.original.has_value() ? absl::string_view(facts.original->channel) : absl::string_view();
}

// R6: an identity is kept in L1 signals only.
bool KeepsIdentity(const Facts& facts) {
  if (!facts.original.has_value() || facts.original->level != Level::kL1) return false;
  const std::vector<OriginalFacts::Part>& parts = facts.original->parts;
  return std::any_of(parts.begin(), parts.end(),
                     [](const auto& part) { return part.kind == PartKind::kIdentity && part.kept; });
}

// The section that provides for revealing, or the next best place.
const Position& RevealAt(const Act& act) {
  return act.convenant.reveal().has_value() ? act.convenant.reveal()->at : act.channel_at();
}

// R6: there is something to reveal.
void JudgeKept(const Act& act, Refusals& refusals) {
  if (!KeepsIdentity(act.facts)) {
    refusals.Signal(RefusalCode::kIdentityKeysetMismatch, RevealAt(act),
                    {"dit signaal bewaart geen identiteit", "this signal keeps no identity"});
    return;
  }
  JudgeOriginalState(act, PartKind::kIdentity, refusals);
}

// R6: the kind of partner may ask.
void JudgeAsker(const RevealAsk& ask, Refusals& refusals) {
  const std::optional<Reveal>& reveal = ask.convenant.reveal();
  if (!reveal.has_value()) {
    refusals.Signal(RefusalCode::kNoMandate, ask.channel_at(),
                    {"dit convenant kent geen onthulling", "this convenant provides for no reveal"});
    return;
  }
  if (ask.actor.party == nullptr || absl::c_linear_search(reveal->ask, ask.actor.party->kind)) return;
  refusals.Signal(RefusalCode::kNoMandate, reveal->ask_at,
                  {absl::StrCat(ask.actor.party->id, " mag niet om een bewaarde identiteit vragen"),
                   absl::StrCat(ask.actor.party->id, " may not ask for a kept identity")});
}

// R10: for a purpose that reveals and that he may use.
void JudgeRevealPurpose(const RevealAsk& ask, Refusals& refusals) {
  const std::optional<Reveal>& reveal = ask.convenant.reveal();
  const std::string& code = ask.request.purpose;
  if (reveal.has_value() && !absl::c_linear_search(reveal->purposes, code)) {
    refusals.Signal(RefusalCode::kPurposeNotAllowed, reveal->purposes_at,
                    {absl::StrCat("het doel ", code, " is geen reden voor een onthulling"),
                     absl::StrCat("the purpose ", code, " is no reason for a reveal")});
  }
  const Purpose* purpose = ask.convenant.FindPurpose(code);
  if (purpose == nullptr || ask.actor.party == nullptr || purpose->everyone_may_use) return;
  if (absl::c_linear_search(purpose->may_use, ask.actor.party->kind)) return;
  refusals.Signal(RefusalCode::kPurposeNotAllowed, purpose->may_use_at,
                  {absl::StrCat(ask.actor.party->id, " mag het doel ", code, " niet gebruiken"),
                   absl::StrCat(ask.actor.party->id, " may not use the purpose ", code)});
}

// R4, R31: he may hear names in this channel, be it by his role in the case.
void JudgeRevealLevel(const RevealAsk& ask, Refusals& refusals) {
  const Reach& reach = ask.actor.reach;
  if (!reach.mandated) return;  // Told by R2 and R3.
  const bool role = ask.facts.broker.case_roles.count(ask.request.requester) > 0;
  const Level level = role ? reach.tied : reach.level;
  if (level < Level::kL2) {
    refusals.Signal(
        RefusalCode::kLevelExceeded, *reach.clause,
        {absl::StrCat(ToString(ask.request.requester), " gaat hier tot ", ToString(level)),
         absl::StrCat(ToString(ask.request.requester), " goes up to ", ToString(level), " here")});
  }
  const auto judge = [&](const Restriction* order, const Position& clause) {
    if (order == nullptr || order->ceiling == Level::kL2) return;
    refusals.Signal(RefusalCode::kLevelExceeded, clause, LoweredBy(*order));
  };
  judge(RestrictionOfChannel(ask.facts, *ask.actor.channel), ask.actor.channel->ceiling_at);
  judge(RestrictionOfParty(ask.facts, *ask.actor.party), ask.actor.party->at);
}

// R9: he has to do with the matter, as if its sender gave him the name for this purpose.
void JudgeTie(const RevealAsk& ask, Refusals& refusals) {
  if (!ask.facts.original.has_value()) return;  // Told by R6.
  const OriginalFacts& original = *ask.facts.original;
  SendRequest given;
  given.sender = original.sender;
  given.channel = original.channel;
  given.purpose = ask.request.purpose;
  given.level = Level::kL2;
  given.has_case_ref = true;
  given.parts.push_back({.kind = PartKind::kIdentity, .recipients = {ask.request.requester}});
  if (TieOf(given, ask.request.requester, ask.facts, ask.now).has_value()) return;
  refusals.Signal(RefusalCode::kNoInvolvement, RevealAt(ask),
                  {absl::StrCat(ToString(ask.request.requester),
                                " heeft met deze school of wijk, deze casus en dit doel niets te maken"),
                   absl::StrCat(ToString(ask.request.requester),
                                " has nothing to do with this school or ward, this case or this purpose")});
}

// R10: approvers and officers read why.
void JudgeRevealJustification(const RevealAsk& ask, Refusals& refusals) {
  if (ask.request.justified) return;
  refusals.Signal(RefusalCode::kNoJustification, RevealAt(ask),
                  {"een onderbouwing ontbreekt", "a justification is missing"});
}

// R34: as of any L2 signal, it is known whether parents or pupil know.
void JudgeRevealInformed(const RevealAsk& ask, Refusals& refusals) {
  const RevealRequest& request = ask.request;
  const bool reason_missing = request.informed == Informed::kNo && request.informed_code.empty();
  if (request.informed != Informed::kNotStated && !reason_missing) return;
  refusals.Signal(RefusalCode::kInformedMissing, RevealAt(ask),
                  reason_missing ? Text{"er staat niet bij waarom ouders of leerling niet zijn geïnformeerd",
                                        "it does not say why parents or pupil were not informed"}
                                 : Text{"er staat niet bij of ouders of leerling zijn geïnformeerd",
                                        "it does not say whether parents or pupil were informed"});
}

// R6: the request lives no longer than the convenant allows.
void JudgeRevealExpiry(const RevealAsk& ask, Refusals& refusals) {
  const std::optional<Reveal>& reveal = ask.convenant.reveal();
  if (!reveal.has_value()) return;
  if (ask.request.expires > ask.now && ask.request.expires <= ask.now + reveal->expires) return;
  refusals.Signal(RefusalCode::kExpired, reveal->expires_at,
                  {"dit verzoek is verlopen, of loopt langer dan mag",
                   "this request has expired, or runs longer than allowed"});
}

constexpr ActRule<RevealAsk> kRevealRules[] = {
    {"in force", "R1", FactNeed::kPublic, Shared<RevealAsk, JudgeActInForce>},
    {"kept", "R6", FactNeed::kBroker, Shared<RevealAsk, JudgeKept>},
    {"seat", "R2", FactNeed::kPublic, Shared<RevealAsk, JudgeActSeat>},
    {"asker", "R6", FactNeed::kPublic, JudgeAsker},
    {"mandate", "R3", FactNeed::kPublic, Shared<RevealAsk, JudgeActMandate>},
    {"level", "R4", FactNeed::kBroker, JudgeRevealLevel},
    {"tie", "R9", FactNeed::kBroker, JudgeTie},
    {"purpose", "R10", FactNeed::kPublic, JudgeRevealPurpose},
    {"justification", "R10", FactNeed::kPublic, JudgeRevealJustification},
    {"informed", "R34", FactNeed::kPublic, JudgeRevealInformed},
    {"expiry", "R6", FactNeed::kPublic, JudgeRevealExpiry},
};

// R6: the request still stands.
void JudgeRequestStands(const ApprovalAsk& ask, Refusals& refusals) {
  if (ask.now < ask.reveal.expires) return;
  refusals.Signal(RefusalCode::kExpired, RevealAt(ask),
                  {"dit verzoek is verlopen", "this request has expired"});
}

const Position& GroupsAt(const Act& act) {
  return act.convenant.reveal().has_value() ? act.convenant.reveal()->groups_at : act.channel_at();
}

// R6: he stands in one approval group, and in one only.
void JudgeGroup(const ApprovalAsk& ask, Refusals& refusals) {
  const std::string name = ToString(ask.request.approver);
  if (ask.groups.empty()) {
    refusals.Signal(
        RefusalCode::kNoMandate, GroupsAt(ask),
        {absl::StrCat(name, " keurt hier niets goed"), absl::StrCat(name, " approves nothing here")});
  } else if (ask.groups.size() > 1) {
    refusals.Signal(RefusalCode::kRoleConflict, GroupsAt(ask),
                    {absl::StrCat(name, " staat in twee groepen die goedkeuren"),
                     absl::StrCat(name, " stands in two approval groups")});
  }
}

// R6: four eyes: not the requester's, and nobody's twice.
void JudgeFourEyes(const ApprovalAsk& ask, Refusals& refusals) {
  if (ask.request.approver == ask.reveal.requester) {
    refusals.Signal(RefusalCode::kRoleConflict, GroupsAt(ask),
                    {"wie het vraagt, keurt het niet goed", "who asks does not approve"});
  }
  for (const auto& [group, approver] : ask.reveal.approved) {
    if (!(approver == ask.request.approver)) continue;
    if (ask.groups.size() == 1 && ask.groups.front() == group) continue;
    refusals.Signal(RefusalCode::kRoleConflict, GroupsAt(ask),
                    {absl::StrCat(ToString(approver), " heeft al goedgekeurd voor ", group),
                     absl::StrCat(ToString(approver), " approved for ", group, " already")});
  }
}

constexpr ActRule<ApprovalAsk> kApprovalRules[] = {
    {"in force", "R1", FactNeed::kPublic, Shared<ApprovalAsk, JudgeActInForce>},
    {"kept", "R6", FactNeed::kBroker, Shared<ApprovalAsk, JudgeKept>},
    {"request", "R6", FactNeed::kPublic, JudgeRequestStands},
    {"group", "R6", FactNeed::kPublic, JudgeGroup},
    {"four eyes", "R6", FactNeed::kBroker, JudgeFourEyes},
};

}  // namespace

std::vector<std::string> ApprovalGroupsOf(const MemberId& member, const MemberId& sender, const Facts& facts,
                                          absl::Time now) {
  std::vector<std::string> groups;
  if (!facts.convenant->reveal().has_value()) return groups;
  const std::vector<std::vector<MemberId>> approvers = ApproversOf(sender, facts, now);
  size_t index = 0;
  for (const auto& [name, group] : facts.convenant->reveal()->groups) {
    if (index >= approvers.size()) break;
    const std::vector<MemberId>& members = approvers[index++];
    if (absl::c_linear_search(members, member)) groups.push_back(name);
  }
  return groups;
}

RevealAsk::RevealAsk(const RevealRequest& reveal_request, const Facts& known, absl::Time at)
    : Act(reveal_request.requester, OriginalChannel(known), known, at), request(reveal_request) {}

ApprovalAsk::ApprovalAsk(const ApprovalRequest& approval_request, const RevealFacts& asked,
                         const Facts& known, absl::Time at)
    : Act(approval_request.approver, OriginalChannel(known), known, at),
      request(approval_request),
      reveal(asked) {
  if (known.original.has_value())
    groups = ApprovalGroupsOf(request.approver, known.original->sender, known, at);
}

absl::Span<const ActRule<RevealAsk>> RevealRules() { return kRevealRules; }
absl::Span<const ActRule<ApprovalAsk>> ApprovalRules() { return kApprovalRules; }

Decision DecideReveal(const RevealRequest& request, const Facts& facts, absl::Time now) {
  Decision decision = Judge(RevealAsk(request, facts, now), RevealRules());
  if (decision.allowed && request.informed == Informed::kNotYet) decision.duties.emplace_back(kDutyInform);
  return decision;
}

Decision DecideApproval(const ApprovalRequest& request, const RevealFacts& reveal, const Facts& facts,
                        absl::Time now) {
  return Judge(ApprovalAsk(request, reveal, facts, now), ApprovalRules());
}

}  // namespace seinpost::policies
