// SPDX-License-Identifier: EUPL-1.2
// R24 and R26: who is called when, and what they do. Scenario S7.
#include "tests/policies/acts/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kBoa[] = "handhaving/boa";
constexpr char kCoordinator[] = "sass/coordinator";

// An alert of school A, just raised: enforcement has two minutes, the police five, then the coordinator.
struct Raised : ActsExample {
  AlertFacts state = {
      .channel = "direct@school-a", .raiser = Member("school/zorgcoordinator"), .raised = March(2)};
  const AlertChain& chain = *convenant.FindAlertChain("direct");

  Decision Do(AlertAct act, const char* actor, bool outcome = false) const {
    return DecideAlert({.act = act, .actor = Member(actor), .outcome = outcome}, state, facts, now);
  }
  void Acknowledged(absl::Duration after) { state.acknowledged = state.raised + after; }
};

TEST(R26, StepsStartInTime) {
  const Raised raised;
  const absl::Duration kSecond = absl::Seconds(1), k2 = absl::Minutes(2), k7 = absl::Minutes(7);
  const absl::Duration kNever = absl::InfiniteDuration();
  const struct {
    absl::Duration now, acknowledged;
    std::set<size_t> unreached;
    size_t started;
  } kCases[] = {
      {-kSecond, kNever, {}, 0},
      {absl::ZeroDuration(), kNever, {}, 1},
      {k2 - kSecond, kNever, {}, 1},
      {k2, kNever, {}, 2},
      {k7 - kSecond, kNever, {}, 2},
      {k7, kNever, {}, 3},
      {absl::Hours(24), kNever, {}, 3},  // there are no more
      // An acknowledgement before the next step starts stops it; one at that moment came too late.
      {k7, absl::ZeroDuration(), {}, 1},
      {k7, k2 - kSecond, {}, 1},
      {k7, k2, {}, 2},
      {k7, k7 - kSecond, {}, 2},
      {absl::Hours(24), k7, {}, 3},
      // Nobody of a step reached: the next one starts at once.
      {absl::ZeroDuration(), kNever, {0}, 2},
      {absl::Minutes(5) - kSecond, kNever, {0}, 2},
      {absl::Minutes(5), kNever, {0}, 3},
      {absl::ZeroDuration(), kNever, {1}, 1},
      {k2 - kSecond, kNever, {1}, 1},
      {k2, kNever, {1}, 3},
      {absl::ZeroDuration(), kNever, {0, 1}, 3},
      {absl::ZeroDuration(), kNever, {0, 1, 2}, 3},
      {absl::ZeroDuration(), absl::ZeroDuration(), {0}, 2},
      {absl::Hours(1), kSecond, {0}, 2},
  };
  for (const auto& test : kCases) {
    std::optional<absl::Time> acknowledged;
    if (test.acknowledged != kNever) acknowledged = March(2) + test.acknowledged;
    EXPECT_EQ(StartedSteps(raised.chain, March(2), acknowledged, March(2) + test.now, test.unreached),
              test.started)
        << test.now << ", acknowledged after " << test.acknowledged << ", unreached "
        << test.unreached.size();
  }
}

TEST(R26, StepNeverStopsAgain) {
  const Raised raised;
  for (int acknowledged = 0; acknowledged < 600; acknowledged += 30) {
    size_t before = 0;
    for (int second = 0; second < 900; second += 30) {
      std::optional<absl::Time> by;
      if (second >= acknowledged) by = March(2) + absl::Seconds(acknowledged);
      const size_t started = StartedSteps(raised.chain, March(2), by, March(2) + absl::Seconds(second));
      EXPECT_GE(started, before) << acknowledged << " " << second;
      before = started;
    }
  }
}

TEST(R26, OnlyTheCalledAct) {
  Raised raised;
  for (const AlertAct act : {AlertAct::kSeen, AlertAct::kAcknowledge}) {
    raised.now = March(2);
    EXPECT_THAT(Told(raised.Do(act, kBoa)), IsEmpty());
    const Decision early = raised.Do(act, kWardOfficer);
    EXPECT_THAT(Told(early), ElementsAre("NO_MANDATE R26"));
    EXPECT_EQ(First(early).clause.path, "alerts.oranje.steps[1]");
    raised.now = March(2) + absl::Minutes(2);
    EXPECT_THAT(Told(raised.Do(act, kWardOfficer)), IsEmpty());
    EXPECT_THAT(Told(raised.Do(act, kCoordinator)), ElementsAre("NO_MANDATE R26"));
    raised.now = March(2) + absl::Minutes(7);
    EXPECT_THAT(Told(raised.Do(act, kCoordinator)), IsEmpty());
    EXPECT_THAT(Told(raised.Do(act, "wijkteam/medewerker")), ElementsAre("NOT_A_PARTY R26")) << "no step";
    EXPECT_THAT(Told(raised.Do(act, "politie/jeugdagent")), ElementsAre("NOT_A_PARTY R26")) << "function";
    EXPECT_THAT(Told(raised.Do(act, "schoolbestuur/lid")), ElementsAre("NOT_A_PARTY R2"));
    EXPECT_THAT(Told(raised.Do(act, "handhaving/onbekend")), ElementsAre("NO_MANDATE R3"));
  }
}

TEST(R26, UnreachedStepLetsTheNextAct) {
  Raised raised;
  raised.now = March(2);
  raised.state.unreached = {0};
  EXPECT_THAT(Told(raised.Do(AlertAct::kAcknowledge, kWardOfficer)), IsEmpty());
}

TEST(R26, MandateCountsNow) {
  Raised raised;
  raised.At(kBoa).mandates[0].until = raised.now + absl::Seconds(1);
  EXPECT_THAT(Told(raised.Do(AlertAct::kAcknowledge, kBoa)), IsEmpty());
  raised.At(kBoa).mandates[0].until = raised.now;
  EXPECT_THAT(Told(raised.Do(AlertAct::kAcknowledge, kBoa)), ElementsAre("NO_MANDATE R3"));
}

TEST(R26, FirstSomebodyTakesCharge) {
  Raised raised;
  EXPECT_THAT(Told(raised.Do(AlertAct::kOnSite, kBoa)), ElementsAre("NO_DIRECTOR R26"));
  EXPECT_THAT(Told(raised.Do(AlertAct::kStandDown, kBoa, true)), ElementsAre("NO_DIRECTOR R26"));
  raised.Acknowledged(absl::ZeroDuration());
  EXPECT_THAT(Told(raised.Do(AlertAct::kOnSite, kBoa)), IsEmpty());
  EXPECT_THAT(Told(raised.Do(AlertAct::kStandDown, kBoa, true)), IsEmpty());
}

TEST(R26, StandDownTellsTheOutcomeAndEndsIt) {
  Raised raised;
  raised.Acknowledged(absl::ZeroDuration());
  EXPECT_THAT(Told(raised.Do(AlertAct::kStandDown, kBoa, false)), ElementsAre("NO_OUTCOME R26"));
  raised.state.stood_down = true;
  EXPECT_THAT(Told(raised.Do(AlertAct::kStandDown, kBoa, true)), ElementsAre("EXPIRED R26"));
  EXPECT_THAT(Told(raised.Do(AlertAct::kAcknowledge, kBoa)), ElementsAre("EXPIRED R26"));
  EXPECT_THAT(Told(raised.Do(AlertAct::kSeen, kBoa)), IsEmpty()) << "seeing it late is no harm";
}

TEST(R26, RaiserDoesNotStopTheChain) {
  Raised raised;
  raised.state.raiser = Member(kBoa);
  EXPECT_THAT(Told(raised.Do(AlertAct::kAcknowledge, kBoa)), ElementsAre("ROLE_CONFLICT R26"));
  EXPECT_THAT(Told(raised.Do(AlertAct::kSeen, kBoa)), IsEmpty());
}

TEST(R26, ChannelWithoutChain) {
  Raised raised;
  raised.state.channel = "case@school-a";
  EXPECT_THAT(Told(raised.Do(AlertAct::kSeen, kWardOfficer)), ElementsAre("NOT_A_PARTY R26"));
}

TEST(R26, AlertOutlivesTheConvenantByThirtyDays) {
  Raised raised;
  raised.At(kBoa).mandates[0].until = absl::InfiniteFuture();
  raised.now = raised.convenant.valid_until() + absl::Hours(24 * 30) - absl::Seconds(1);
  EXPECT_THAT(Told(raised.Do(AlertAct::kAcknowledge, kBoa)), IsEmpty());
  raised.now += absl::Seconds(1);
  EXPECT_THAT(Told(raised.Do(AlertAct::kAcknowledge, kBoa)), ElementsAre("NO_CONVENANT R1"));
  raised.now = March(2);
  raised.facts.all_signatures = false;
  EXPECT_THAT(Told(raised.Do(AlertAct::kAcknowledge, kBoa)), ElementsAre("NO_CONVENANT R1"));
}

TEST(R24, JustificationIsDueWithinTheChainsTime) {
  Raised raised;
  EXPECT_FALSE(AlertDuty(raised.chain, raised.state, raised.now).has_value()) << "it names nobody";
  raised.state.names_somebody = true;
  const absl::Time due = March(2) + absl::Hours(24);
  const std::optional<JustificationDuty> duty = AlertDuty(raised.chain, raised.state, due);
  ASSERT_TRUE(duty.has_value());
  EXPECT_EQ(duty->due, due);
  EXPECT_FALSE(duty->overdue);
  EXPECT_TRUE(AlertDuty(raised.chain, raised.state, due + absl::Seconds(1))->overdue);
  raised.state.justified = due + absl::Hours(1);
  EXPECT_FALSE(AlertDuty(raised.chain, raised.state, due + absl::Hours(2)).has_value());
}

}  // namespace
}  // namespace seinpost::policies
