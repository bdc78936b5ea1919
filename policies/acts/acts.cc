// SPDX-License-Identifier: EUPL-1.2
// What acts share: seats in a channel, working days, the words of the acts.
#include "policies/acts/acts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "policies/acts/rules.h"

namespace seinpost::policies {
namespace {

template <typename T>
struct Named {
  absl::string_view word;
  T value;
};

template <typename T, size_t N>
absl::StatusOr<T> ParseWord(absl::string_view text, absl::string_view what, const Named<T> (&words)[N]) {
  std::string known;
  for (const Named<T>& named : words) {
    if (named.word == text) return named.value;
    absl::StrAppend(&known, known.empty() ? "" : ", ", named.word);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text.substr(0, 64), "\" is not ", what, "; there are: ", known));
}

}  // namespace

absl::StatusOr<CaseAct> ParseCaseAct(absl::string_view text) {
  constexpr Named<CaseAct> kWords[] = {{"open", CaseAct::kOpen},
                                       {"ask-transfer", CaseAct::kAskTransfer},
                                       {"accept-transfer", CaseAct::kAcceptTransfer},
                                       {"record-outcome", CaseAct::kRecordOutcome},
                                       {"close", CaseAct::kClose}};
  return ParseWord(text, "an act on a case", kWords);
}

absl::StatusOr<AlertAct> ParseAlertAct(absl::string_view text) {
  constexpr Named<AlertAct> kWords[] = {{"seen", AlertAct::kSeen},
                                        {"acknowledge", AlertAct::kAcknowledge},
                                        {"on-site", AlertAct::kOnSite},
                                        {"stand-down", AlertAct::kStandDown}};
  return ParseWord(text, "an act on an alert", kWords);
}

absl::StatusOr<ReviewOf> ParseReviewOf(absl::string_view text) {
  constexpr Named<ReviewOf> kWords[] = {{"metadata", ReviewOf::kMetadata},
                                        {"justifications", ReviewOf::kJustifications},
                                        {"content", ReviewOf::kContent}};
  return ParseWord(text, "something to review", kWords);
}

absl::StatusOr<WithdrawAct> ParseWithdrawAct(absl::string_view text) {
  constexpr Named<WithdrawAct> kWords[] = {{"withdraw", WithdrawAct::kWithdraw},
                                           {"correct", WithdrawAct::kCorrect}};
  return ParseWord(text, "an act on a signal", kWords);
}

int WorkingDaysBetween(absl::Time from, absl::Time to) {
  // Days since a Monday long ago, so that weeks begin at multiples of seven.
  constexpr absl::CivilDay kMonday(1, 1, 1);
  const auto worked = [&](absl::Time time) {
    const int64_t days = absl::ToCivilDay(time, absl::UTCTimeZone()) - kMonday;
    // Of the week that `time` stands in, the days up to and with its own.
    return days / 7 * 5 + std::min<int64_t>(days % 7 + 1, 5);
  };
  return static_cast<int>(std::max<int64_t>(worked(to) - worked(from), 0));
}

Seat::Seat(const MemberId& member, absl::string_view instance, const Facts& all, absl::Time now)
    : id(&member) {
  const Convenant& convenant = *all.convenant;
  channel = convenant.FindChannel(instance);
  const absl::string_view scope = Convenant::ScopeOf(instance);
  if (const auto it = all.members.find(member); it != all.members.end()) facts = &it->second;
  if (!member.convenant.empty()) return;
  party = convenant.FindParty(member.party);
  if (party == nullptr || channel == nullptr) return;
  sits = convenant.IsMemberOf(*party, *channel, scope);
  if (sits && facts != nullptr) reach = ReachOf(convenant, *party, *facts, channel, scope, now);
}

Act::Act(const MemberId& by, absl::string_view channel, const Facts& act_facts, absl::Time act_now)
    : facts(act_facts),
      convenant(*act_facts.convenant),
      now(act_now),
      actor(by, channel, act_facts, act_now) {}

const Position& Act::channel_at() const {
  return actor.channel != nullptr ? actor.channel->at : convenant.channels_at();
}

namespace {

void RefuseSeat(const Act& act, const Seat& seat, Refusals& refusals) {
  const Position& clause = seat.channel != nullptr ? seat.channel->members_at : act.convenant.channels_at();
  refusals.Signal(RefusalCode::kNotAParty, clause,
                  {absl::StrCat(ToString(*seat.id), " zit niet in dit kanaal"),
                   absl::StrCat(ToString(*seat.id), " does not sit in this channel")});
}

void RefuseMandate(const Act& act, const Seat& seat, Refusals& refusals) {
  const KindLevels* levels = act.convenant.FindLevels(seat.party->kind);
  refusals.Signal(RefusalCode::kNoMandate, levels != nullptr ? levels->at : act.convenant.levels_at(),
                  {absl::StrCat(ToString(*seat.id), " heeft nu geen geldig mandaat voor dit kanaal"),
                   absl::StrCat(ToString(*seat.id), " has no valid mandate for this channel now")});
}

}  // namespace

bool JudgeSeat(const Act& act, const Seat& seat, Refusals& refusals) {
  if (!seat.sits) {
    RefuseSeat(act, seat, refusals);
  } else if (!seat.reach.mandated) {
    RefuseMandate(act, seat, refusals);
  } else {
    return true;
  }
  return false;
}

void JudgeActInForce(const Act& act, Refusals& refusals) {
  Text why;
  if (ConvenantHolds(act.facts, act.now, why)) return;
  refusals.Signal(RefusalCode::kNoConvenant, act.convenant.validity_at(), std::move(why));
}

void JudgeActSeat(const Act& act, Refusals& refusals) {
  if (!act.actor.sits) RefuseSeat(act, act.actor, refusals);
}

void JudgeActMandate(const Act& act, Refusals& refusals) {
  if (act.actor.sits && !act.actor.reach.mandated) RefuseMandate(act, act.actor, refusals);
}

void JudgeOriginalState(const Act& act, std::optional<PartKind> kind, Refusals& refusals) {
  if (!act.facts.original.has_value()) return;
  const OriginalFacts& original = *act.facts.original;
  if (original.withdrawn) {
    refusals.Signal(RefusalCode::kWithdrawn, act.channel_at(),
                    {"dit signaal is ingetrokken", "this signal was withdrawn"});
  }
  const bool alive = std::any_of(original.parts.begin(), original.parts.end(), [&](const auto& part) {
    return (!kind.has_value() || part.kind == *kind) && act.now < part.expires;
  });
  if (alive) return;
  const Position& clause =
      act.actor.channel != nullptr ? act.actor.channel->retention_at : act.convenant.channels_at();
  refusals.Signal(RefusalCode::kExpired, clause,
                  {"de bewaartermijn van dit signaal is voorbij", "this signal has expired"});
}

}  // namespace seinpost::policies
