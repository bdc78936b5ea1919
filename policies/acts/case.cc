// SPDX-License-Identifier: EUPL-1.2
// Cases: exactly one director (R15), and an outcome (R16).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "policies/acts/rules.h"

namespace seinpost::policies {
namespace {

// Part of a case is a reference, which L0 does not know; L1 is what a director must at least reach.
constexpr Level kCaseLevel = Level::kL1;

// R5: a case is discussed where cases may be.
void JudgeCaseChannel(const CaseAsk& ask, Refusals& refusals) {
  const Channel* channel = ask.actor.channel;
  if (channel == nullptr || channel->ceiling >= kCaseLevel) return;
  refusals.Signal(RefusalCode::kSubjectAtThematic, channel->ceiling_at,
                  {absl::StrCat("in het kanaal ", ask.request.channel, " is geen casus mogelijk"),
                   absl::StrCat("the channel ", ask.request.channel, " carries no cases")});
}

void RefuseLevel(const Seat& seat, Refusals& refusals) {
  refusals.Signal(RefusalCode::kLevelExceeded, *seat.reach.clause,
                  {absl::StrCat(ToString(*seat.id), " gaat hier tot ", ToString(seat.reach.level),
                                "; een casus is ", ToString(kCaseLevel)),
                   absl::StrCat(ToString(*seat.id), " goes up to ", ToString(seat.reach.level),
                                " here; a case is ", ToString(kCaseLevel))});
}

// R4: whoever acts on a case may hear of it.
void JudgeCaseLevel(const CaseAsk& ask, Refusals& refusals) {
  const Reach& reach = ask.actor.reach;
  if (reach.mandated && reach.level < kCaseLevel) RefuseLevel(ask.actor, refusals);
}

// R15: a closed case stays closed; its retention runs from then.
void JudgeCaseOpen(const CaseAsk& ask, Refusals& refusals) {
  if (!ask.state.closed) return;
  refusals.Signal(RefusalCode::kExpired, ask.channel_at(),
                  {"deze casus is gesloten", "this case was closed"});
}

bool IsChair(const CaseAsk& ask) {
  return ask.actor.sits && ask.actor.channel->chair == ask.actor.party->kind;
}

// R15: one director at a time. He alone transfers and closes; he or the chair records the outcome.
void JudgeDirector(const CaseAsk& ask, Refusals& refusals) {
  const bool directed = ask.state.director.has_value();
  const auto refuse = [&](const char* nl, const char* en) {
    refusals.Signal(RefusalCode::kNoDirector, ask.channel_at(), {nl, en});
  };
  if (ask.request.act == CaseAct::kOpen) {
    if (directed) refuse("deze casus heeft al een regisseur", "this case has a director already");
  } else if (!directed) {
    refuse("deze casus heeft geen regisseur", "this case has no director");
  } else if (ask.request.act == CaseAct::kRecordOutcome) {
    if (ask.IsDirector() || IsChair(ask)) return;
    refuse("alleen de regisseur of de voorzitter legt de uitkomst vast",
           "only the director or the chair records the outcome");
  } else if (ask.request.act == CaseAct::kAcceptTransfer) {
    if (!ask.state.transfer.has_value()) {
      refuse("van deze casus is geen overdracht gevraagd", "nobody asked to transfer this case");
    } else if (!(ask.state.transfer->to == ask.request.actor)) {
      refuse("alleen wie gevraagd is, neemt de regie over", "only who was asked takes the case over");
    }
  } else if (!ask.IsDirector()) {
    refuse("dit doet alleen de regisseur van de casus", "only the director of the case does this");
  }
}

// R15: the next director is somebody else, who sits in the channel with a mandate and may hear of cases.
void JudgeTarget(const CaseAsk& ask, Refusals& refusals) {
  if (ask.request.act != CaseAct::kAskTransfer) return;
  const Seat target(ask.request.target, ask.request.channel, ask.facts, ask.now);
  if (!JudgeSeat(ask, target, refusals)) return;
  if (target.reach.level < kCaseLevel) RefuseLevel(target, refusals);
  if (ask.state.director.has_value() && *ask.state.director == ask.request.target) {
    refusals.Signal(RefusalCode::kRoleConflict, ask.channel_at(),
                    {absl::StrCat(ToString(ask.request.target), " heeft de regie al"),
                     absl::StrCat(ToString(ask.request.target), " directs the case already")});
  }
}

// R15: one transfer at a time, and no closing while it waits. Not accepted in time, it has fallen back.
void JudgeTransfer(const CaseAsk& ask, Refusals& refusals) {
  const bool pending = IsTransferPending(ask.state, ask.now);
  if (ask.request.act == CaseAct::kAcceptTransfer) {
    if (pending || !ask.state.transfer.has_value()) return;
    refusals.Signal(
        RefusalCode::kExpired, ask.channel_at(),
        {absl::StrCat("de overdracht is niet binnen ", kTransferWorkingDays, " werkdagen aanvaard"),
         absl::StrCat("the transfer was not accepted within ", kTransferWorkingDays, " working days")});
  } else if (pending && (ask.request.act == CaseAct::kAskTransfer || ask.request.act == CaseAct::kClose)) {
    refusals.Signal(RefusalCode::kTransferPending, ask.channel_at(),
                    {"er wacht nog een overdracht op antwoord", "a transfer still waits for an answer"});
  }
}

// R16: an outcome is at least one action with an owner and a due date, or a recorded "no action, because".
void JudgeOutcome(const CaseAsk& ask, Refusals& refusals) {
  if (ask.request.act != CaseAct::kRecordOutcome) return;
  const auto refuse = [&](const char* nl, const char* en) {
    refusals.Signal(RefusalCode::kNoOutcome, ask.channel_at(), {nl, en});
  };
  if (ask.request.actions.empty() != ask.request.no_action) {
    refuse("een uitkomst is ten minste een afspraak, of de reden waarom er geen is",
           "an outcome is at least one action, or the reason why there is none");
  }
  for (const CaseRequest::Action& action : ask.request.actions) {
    if (!action.due.has_value() || *action.due <= ask.now) {
      refuse("een afspraak heeft een dag waarop zij klaar moet zijn, die nog komt",
             "an action has a due date that is still to come");
    }
  }
}

// R16: the owner of an action sits at the table with a mandate.
void JudgeOwners(const CaseAsk& ask, Refusals& refusals) {
  if (ask.request.act != CaseAct::kRecordOutcome) return;
  for (const CaseRequest::Action& action : ask.request.actions) {
    JudgeSeat(ask, Seat(action.owner, ask.request.channel, ask.facts, ask.now), refusals);
  }
}

// R16: a case closes with an outcome, and with no action open.
void JudgeClosing(const CaseAsk& ask, Refusals& refusals) {
  if (ask.request.act != CaseAct::kClose) return;
  if (ask.state.open_actions > 0) {
    refusals.Signal(RefusalCode::kNoOutcome, ask.channel_at(),
                    {absl::StrCat("er staan nog afspraken open: ", ask.state.open_actions),
                     absl::StrCat("actions are still open: ", ask.state.open_actions)});
  } else if (ask.state.actions == 0 && !ask.state.no_action) {
    refusals.Signal(RefusalCode::kNoOutcome, ask.channel_at(),
                    {"er is niets afgesproken, en ook niet waarom niet",
                     "nothing was agreed on, nor why nothing is to be done"});
  }
}

constexpr ActRule<CaseAsk> kCaseRules[] = {
    {"in force", "R1", FactNeed::kPublic, Shared<CaseAsk, JudgeActInForce>},
    {"seat", "R2", FactNeed::kPublic, Shared<CaseAsk, JudgeActSeat>},
    {"mandate", "R3", FactNeed::kPublic, Shared<CaseAsk, JudgeActMandate>},
    {"channel", "R5", FactNeed::kPublic, JudgeCaseChannel},
    {"level", "R4", FactNeed::kPublic, JudgeCaseLevel},
    {"open", "R15", FactNeed::kBroker, JudgeCaseOpen},
    {"director", "R15", FactNeed::kBroker, JudgeDirector},
    {"target", "R15", FactNeed::kPublic, JudgeTarget},
    {"transfer", "R15", FactNeed::kBroker, JudgeTransfer},
    {"outcome", "R16", FactNeed::kPublic, JudgeOutcome},
    {"owners", "R16", FactNeed::kPublic, JudgeOwners},
    {"closing", "R16", FactNeed::kBroker, JudgeClosing},
};

// Whether accepting at `now` makes it the third transfer, or a later one, within the time remembered.
bool PassedOnTooOften(const CaseFacts& state, absl::Time now) {
  const auto recent = std::count_if(state.accepted.begin(), state.accepted.end(),
                                    [&](absl::Time at) { return now - at <= kTransferMemory; });
  return static_cast<size_t>(recent) + 1 >= kTransfersUntilEscalation;
}

}  // namespace

CaseAsk::CaseAsk(const CaseRequest& case_request, const CaseFacts& case_state, const Facts& known,
                 absl::Time at)
    : Act(case_request.actor, case_request.channel, known, at), request(case_request), state(case_state) {}

absl::Span<const ActRule<CaseAsk>> CaseRules() { return kCaseRules; }

bool IsTransferPending(const CaseFacts& state, absl::Time now) {
  return state.transfer.has_value() && WorkingDaysBetween(state.transfer->asked, now) <= kTransferWorkingDays;
}

Decision DecideCase(const CaseRequest& request, const CaseFacts& state, const Facts& facts, absl::Time now) {
  Decision decision = Judge(CaseAsk(request, state, facts, now), CaseRules());
  if (decision.allowed && request.act == CaseAct::kAcceptTransfer && PassedOnTooOften(state, now)) {
    decision.duties.emplace_back(kDutyEscalate);
  }
  return decision;
}

}  // namespace seinpost::policies
