// SPDX-License-Identifier: EUPL-1.2
// The rule tables of acts.h and what their rules get to see. As in rules.h, each rule only ever refuses.
// Internal to policies/.
#ifndef SEINPOST_POLICIES_ACTS_RULES_H_
#define SEINPOST_POLICIES_ACTS_RULES_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "policies/acts/acts.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {

// A member in a channel at a time, with what is known of him. Null where convenant or facts say nothing.
struct Seat {
  Seat() = default;
  Seat(const MemberId& id, absl::string_view instance, const Facts& facts, absl::Time now);

  const MemberId* id = nullptr;
  const Party* party = nullptr;
  const MemberFacts* facts = nullptr;
  const Channel* channel = nullptr;
  bool sits = false;  // his party is a member of the channel
  Reach reach;        // where he sits
};

// What every act has: someone who does it, mostly somewhere. Borrows all it is made of.
struct Act {
  Act(const MemberId& actor, absl::string_view channel, const Facts& facts, absl::Time now);

  const Facts& facts;
  const Convenant& convenant;
  const absl::Time now;
  const Seat actor;

  // The place of the channel, or of all channels where there is no such one.
  const Position& channel_at() const;
};

// A row of a table; `needs` as in decide.h.
template <typename AnAct>
struct ActRule {
  absl::string_view name;
  absl::string_view rule;  // "R15"
  FactNeed needs;
  void (*judge)(const AnAct& act, Refusals& refusals);
};

// Asks every rule of the table; without reasons the act is allowed.
template <typename AnAct>
Decision Judge(const AnAct& act, absl::Span<const ActRule<AnAct>> rules) {
  Decision decision;
  decision.convenant_id = act.convenant.id();
  decision.convenant_version = act.convenant.version();
  Refusals refusals(act.convenant, decision);
  for (const ActRule<AnAct>& rule : rules) {
    refusals.Speak(rule.rule, rule.needs);
    rule.judge(act, refusals);
  }
  decision.allowed = decision.reasons.empty();
  return decision;
}

// Rules that several acts share. R1: the convenant is in force.
void JudgeActInForce(const Act& act, Refusals& refusals);
// R2: the actor's party sits in the channel.
void JudgeActSeat(const Act& act, Refusals& refusals);
// R3: ... and he has a mandate for it.
void JudgeActMandate(const Act& act, Refusals& refusals);

// NOT_A_PARTY or NO_MANDATE, if that is what keeps `seat` from the channel; true: nothing does.
bool JudgeSeat(const Act& act, const Seat& seat, Refusals& refusals);

// A shared rule as a row of `AnAct`'s table.
template <typename AnAct, void (*judge)(const Act&, Refusals&)>
void Shared(const AnAct& act, Refusals& refusals) {
  judge(act, refusals);
}

struct CaseAsk : Act {
  CaseAsk(const CaseRequest& request, const CaseFacts& state, const Facts& facts, absl::Time now);
  bool IsDirector() const { return state.director.has_value() && *state.director == request.actor; }
  const CaseRequest& request;
  const CaseFacts& state;
};

struct AgendaAsk : Act {
  AgendaAsk(const AgendaRequest& request, const Facts& facts, absl::Time now);
  const AgendaRequest& request;
};

struct AlertAsk : Act {
  AlertAsk(const AlertRequest& request, const AlertFacts& state, const Facts& facts, absl::Time now);
  const AlertRequest& request;
  const AlertFacts& state;
  const AlertChain* chain = nullptr;  // null: no alerts in that channel
};

struct RevealAsk : Act {
  RevealAsk(const RevealRequest& request, const Facts& facts, absl::Time now);
  const RevealRequest& request;
};

struct ApprovalAsk : Act {
  ApprovalAsk(const ApprovalRequest& request, const RevealFacts& reveal, const Facts& facts, absl::Time now);
  const ApprovalRequest& request;
  const RevealFacts& reveal;
  std::vector<std::string> groups;  // the approver's
};

struct MatchAsk : Act {
  MatchAsk(const MatchRequest& request, const Facts& facts, absl::Time now);
  const MatchRequest& request;
};

struct StatisticsAsk {
  const StatisticsRequest& request;
  const Facts& facts;
  const Convenant& convenant;
};

struct ReviewAsk : Act {
  ReviewAsk(const ReviewRequest& request, const ReviewFacts& state, const Facts& facts, absl::Time now);
  const ReviewRequest& request;
  const ReviewFacts& state;
};

struct WithdrawAsk : Act {
  WithdrawAsk(const WithdrawRequest& request, const Facts& facts, absl::Time now);
  const WithdrawRequest& request;
};

// In the order in which reasons are told.
absl::Span<const ActRule<CaseAsk>> CaseRules();
absl::Span<const ActRule<AgendaAsk>> AgendaRules();
absl::Span<const ActRule<AlertAsk>> AlertRules();
absl::Span<const ActRule<RevealAsk>> RevealRules();
absl::Span<const ActRule<ApprovalAsk>> ApprovalRules();
absl::Span<const ActRule<MatchAsk>> MatchRules();
absl::Span<const ActRule<StatisticsAsk>> StatisticsRules();
absl::Span<const ActRule<ReviewAsk>> ReviewRules();
absl::Span<const ActRule<WithdrawAsk>> WithdrawRules();

// Whether the original of `act` can no longer be asked for: refuses WITHDRAWN or EXPIRED. `kind`: the part
// that counts; absent: any.
void JudgeOriginalState(const Act& act, std::optional<PartKind> kind, Refusals& refusals);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_ACTS_RULES_H_
