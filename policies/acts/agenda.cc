// SPDX-License-Identifier: EUPL-1.2
// Agendas: announced by the chair, in time for partners to prepare (R17).
#include "absl/strings/str_cat.h"
#include "policies/acts/rules.h"

namespace seinpost::policies {
namespace {

bool IsLate(const AgendaRequest& request, const Facts& facts, absl::Time now) {
  return request.cases > 0 &&
         WorkingDaysBetween(now, request.meeting) < static_cast<int>(facts.convenant->agenda_days());
}

// R5: no case on the agenda of a meeting on themes.
void JudgeAgendaChannel(const AgendaAsk& ask, Refusals& refusals) {
  const Channel* channel = ask.actor.channel;
  if (channel == nullptr || channel->ceiling > Level::kL0 || ask.request.cases == 0) return;
  refusals.Signal(RefusalCode::kSubjectAtThematic, channel->ceiling_at,
                  {absl::StrCat("in het kanaal ", ask.request.channel, " wordt geen casus besproken"),
                   absl::StrCat("no case is discussed in the channel ", ask.request.channel)});
}

// R17: the chair announces.
void JudgeChair(const AgendaAsk& ask, Refusals& refusals) {
  if (!ask.actor.sits || ask.actor.channel->chair == ask.actor.party->kind) return;
  const std::string& chair = ask.actor.channel->chair;
  refusals.Signal(
      RefusalCode::kNoMandate, ask.channel_at(),
      {chair.empty() ? "dit kanaal heeft geen voorzitter" : absl::StrCat("hier zit ", chair, " voor"),
       chair.empty() ? "this channel has no chair" : absl::StrCat("the chair here is ", chair)});
}

// R17: cases stand on the agenda a number of working days before the meeting, unless urgent, and why. An
// agenda for a meeting that was held already is always late.
void JudgeNotice(const AgendaAsk& ask, Refusals& refusals) {
  const Position& clause = ask.convenant.agenda_days_at();
  if (ask.request.meeting <= ask.now) {
    refusals.Signal(RefusalCode::kAgendaLate, clause,
                    {"dit overleg is al geweest", "this meeting was held already"});
    return;
  }
  if (!IsLate(ask.request, ask.facts, ask.now) || (ask.request.urgent && ask.request.reason)) return;
  const Text urgent = ask.request.urgent ? Text{", en waarom het spoed heeft, staat er niet bij",
                                                ", and why it is urgent is not said"}
                                         : Text{};
  refusals.Signal(RefusalCode::kAgendaLate, clause,
                  {absl::StrCat("een casus staat ", ask.convenant.agenda_days(),
                                " werkdagen voor het overleg op de agenda", urgent.nl),
                   absl::StrCat("a case stands on the agenda ", ask.convenant.agenda_days(),
                                " working days before the meeting", urgent.en)});
}

constexpr ActRule<AgendaAsk> kAgendaRules[] = {
    {"in force", "R1", FactNeed::kPublic, Shared<AgendaAsk, JudgeActInForce>},
    {"seat", "R2", FactNeed::kPublic, Shared<AgendaAsk, JudgeActSeat>},
    {"mandate", "R3", FactNeed::kPublic, Shared<AgendaAsk, JudgeActMandate>},
    {"channel", "R5", FactNeed::kPublic, JudgeAgendaChannel},
    {"chair", "R17", FactNeed::kPublic, JudgeChair},
    {"notice", "R17", FactNeed::kPublic, JudgeNotice},
};

}  // namespace

AgendaAsk::AgendaAsk(const AgendaRequest& agenda_request, const Facts& known, absl::Time at)
    : Act(agenda_request.announcer, agenda_request.channel, known, at), request(agenda_request) {}

absl::Span<const ActRule<AgendaAsk>> AgendaRules() { return kAgendaRules; }

Decision DecideAgenda(const AgendaRequest& request, const Facts& facts, absl::Time now) {
  Decision decision = Judge(AgendaAsk(request, facts, now), AgendaRules());
  if (decision.allowed && IsLate(request, facts, now)) decision.duties.emplace_back(kDutyFlagUrgent);
  return decision;
}

}  // namespace seinpost::policies
