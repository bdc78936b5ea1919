// SPDX-License-Identifier: EUPL-1.2
// Alerts: who is called when, and what the called do (R24, R26).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "policies/acts/rules.h"

namespace seinpost::policies {
namespace {

bool IsCalled(const AlertStep& step, const Party& party) {
  return step.party.empty() ? step.kind == party.kind : step.party == party.id;
}

// R1: the convenant is in force, or it lapsed: like the alert itself, what is done about it goes on for a
// while.
void JudgeAlertInForce(const AlertAsk& ask, Refusals& refusals) {
  Text why;
  if (ConvenantHolds(ask.facts, ask.now, why) || IsLapsed(ask.facts, ask.now)) return;
  refusals.Signal(RefusalCode::kNoConvenant, ask.convenant.validity_at(), std::move(why));
}

// R26: only those act whose step has started.
void JudgeStep(const AlertAsk& ask, Refusals& refusals) {
  if (ask.chain == nullptr) {
    refusals.Signal(RefusalCode::kNotAParty, ask.channel_at(),
                    {"in dit kanaal zijn geen alarmen", "there are no alerts in this channel"});
    return;
  }
  if (!ask.actor.reach.mandated) return;  // Told by R2 and R3.
  const std::vector<size_t> steps =
      StepsOf(*ask.chain, ask.state.channel, ask.request.actor, ask.facts, ask.now);
  if (steps.empty()) {
    refusals.Signal(RefusalCode::kNotAParty, ask.chain->steps_at,
                    {absl::StrCat(ToString(ask.request.actor), " wordt bij dit alarm niet opgeroepen"),
                     absl::StrCat(ToString(ask.request.actor), " is not called by this alert")});
    return;
  }
  const size_t started =
      StartedSteps(*ask.chain, ask.state.raised, ask.state.acknowledged, ask.now, ask.state.unreached);
  if (steps.front() < started) return;
  refusals.Signal(RefusalCode::kNoMandate, ask.chain->steps[steps.front()].at,
                  {absl::StrCat("stap ", steps.front() + 1, " van het alarm is nog niet begonnen"),
                   absl::StrCat("step ", steps.front() + 1, " of the alert has not started")});
}

// R26: acknowledging stops the chain, so whoever raised the alert cannot do it.
void JudgeAcknowledge(const AlertAsk& ask, Refusals& refusals) {
  if (ask.request.act != AlertAct::kAcknowledge || !(ask.request.actor == ask.state.raiser)) return;
  refusals.Signal(
      RefusalCode::kRoleConflict, ask.chain != nullptr ? ask.chain->raise_at : ask.channel_at(),
      {"wie alarm slaat, neemt het niet zelf aan", "who raises an alert does not acknowledge it"});
}

// R26: first somebody takes charge, then he is on site or stands down; after that it is over.
void JudgeOrder(const AlertAsk& ask, Refusals& refusals) {
  if (ask.chain == nullptr) return;
  const bool needs_charge = ask.request.act == AlertAct::kOnSite || ask.request.act == AlertAct::kStandDown;
  if (needs_charge && !ask.state.acknowledged.has_value()) {
    refusals.Signal(RefusalCode::kNoDirector, ask.chain->steps_at,
                    {"niemand heeft dit alarm nog aangenomen", "nobody has acknowledged this alert yet"});
  }
  if (ask.request.act != AlertAct::kSeen && ask.state.stood_down) {
    refusals.Signal(RefusalCode::kExpired, ask.chain->at,
                    {"dit alarm is al afgemeld", "this alert was stood down already"});
  }
}

// R26: an alert ends with an outcome.
void JudgeStandDown(const AlertAsk& ask, Refusals& refusals) {
  if (ask.request.act != AlertAct::kStandDown || ask.request.outcome) return;
  refusals.Signal(RefusalCode::kNoOutcome, ask.chain != nullptr ? ask.chain->at : ask.channel_at(),
                  {"er staat niet bij hoe het is afgelopen", "it does not say how it ended"});
}

constexpr ActRule<AlertAsk> kAlertRules[] = {
    {"in force", "R1", FactNeed::kPublic, JudgeAlertInForce},
    {"seat", "R2", FactNeed::kPublic, Shared<AlertAsk, JudgeActSeat>},
    {"mandate", "R3", FactNeed::kPublic, Shared<AlertAsk, JudgeActMandate>},
    {"step", "R26", FactNeed::kBroker, JudgeStep},
    {"acknowledge", "R26", FactNeed::kPublic, JudgeAcknowledge},
    {"order", "R26", FactNeed::kBroker, JudgeOrder},
    {"stand-down", "R26", FactNeed::kPublic, JudgeStandDown},
};

}  // namespace

size_t StartedSteps(const AlertChain& chain, absl::Time raised, std::optional<absl::Time> acknowledged,
                    absl::Time now, const std::set<size_t>& unreached) {
  absl::Time start = raised;
  size_t started = 0;
  for (const AlertStep& step : chain.steps) {
    if (now < start || (acknowledged.has_value() && *acknowledged < start)) break;
    if (unreached.count(started) == 0) start += step.within;
    ++started;
  }
  return started;
}

std::vector<size_t> StepsOf(const AlertChain& chain, absl::string_view channel, const MemberId& member,
                            const Facts& facts, absl::Time now) {
  const Seat seat(member, channel, facts, now);
  std::vector<size_t> steps;
  if (!seat.reach.mandated) return steps;
  const KindLevels& levels = *facts.convenant->FindLevels(seat.party->kind);  // as he has a mandate by it
  const absl::string_view scope = Convenant::ScopeOf(channel);
  for (size_t i = 0; i < chain.steps.size(); ++i) {
    const AlertStep& step = chain.steps[i];
    const bool mandated = std::any_of(seat.facts->mandates.begin(), seat.facts->mandates.end(),
                                      [&](const MandateFacts& mandate) {
                                        return (step.function.empty() || step.function == mandate.function) &&
                                               IsValidMandate(mandate, levels, *seat.channel, scope, now);
                                      });
    if (mandated && IsCalled(step, *seat.party)) steps.push_back(i);
  }
  return steps;
}

std::optional<JustificationDuty> AlertDuty(const AlertChain& chain, const AlertFacts& state, absl::Time now) {
  if (!state.names_somebody || state.justified.has_value()) return std::nullopt;
  const absl::Time due = state.raised + chain.justify_within;
  return JustificationDuty{due, now > due};
}

AlertAsk::AlertAsk(const AlertRequest& alert_request, const AlertFacts& alert_state, const Facts& known,
                   absl::Time at)
    : Act(alert_request.actor, alert_state.channel, known, at), request(alert_request), state(alert_state) {
  if (actor.channel != nullptr) chain = convenant.FindAlertChain(actor.channel->name);
}

absl::Span<const ActRule<AlertAsk>> AlertRules() { return kAlertRules; }

Decision DecideAlert(const AlertRequest& request, const AlertFacts& state, const Facts& facts,
                     absl::Time now) {
  return Judge(AlertAsk(request, state, facts, now), AlertRules());
}

}  // namespace seinpost::policies
