// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/duties.h"

#include "client/mail/words.h"
#include "client/signal/reach.h"
#include "gmock/gmock.h"
#include "tests/client/sent_signals.h"
#include "trust/objects.h"

namespace seinpost::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DutiesTest : public test::SentSignals {
 protected:
  // Duties of one kind, by signal.
  std::vector<std::string> Of(Duty::Kind kind) {
    const absl::StatusOr<std::vector<Duty>> duties = DutiesOf(*sender_);
    EXPECT_TRUE(duties.ok()) << duties.status();
    std::vector<std::string> ids;
    for (const Duty& duty : *duties) {
      if (duty.kind == kind) ids.emplace_back(1, duty.signal_id[0]);
    }
    return ids;
  }
};

TEST_F(DutiesTest, SaysWhatBecomesUnreadableWithinThirtyDays) {
  const absl::Duration cap = network_.convenant().FindRetention("casus")->cap;
  Send("a");
  EXPECT_THAT(Of(Duty::Kind::kCap), IsEmpty());
  author_.clock().Advance(cap - absl::Hours(24 * 30) - absl::Seconds(1));
  EXPECT_THAT(Of(Duty::Kind::kCap), IsEmpty());
  author_.clock().Advance(absl::Seconds(1));
  EXPECT_THAT(Of(Duty::Kind::kCap), ElementsAre("a"));
  const std::vector<Duty> duties = *DutiesOf(*sender_);
  const auto found = std::find_if(duties.begin(), duties.end(),
                                  [](const Duty& duty) { return duty.kind == Duty::Kind::kCap; });
  EXPECT_THAT(SentenceOf(*found, Language::kDutch), HasSubstr("verzend het dan voor die tijd opnieuw"));
  EXPECT_EQ(ToJson(*found)["kind"], "send_again_cap");
  // Past the cap it is too late.
  author_.clock().Advance(absl::Hours(24 * 30));
  EXPECT_THAT(Of(Duty::Kind::kCap), IsEmpty());
}

TEST_F(DutiesTest, ALaterSignalInTheCaseEndsTheDuty) {
  Send("a");
  author_.clock().Advance(absl::Hours(1));
  Send("b");
  Send("d", "another case");
  author_.clock().Advance(network_.convenant().FindRetention("casus")->cap - absl::Hours(24));
  EXPECT_THAT(Of(Duty::Kind::kCap), testing::UnorderedElementsAre("b", "d"));
}

TEST_F(DutiesTest, WhatWasMeantToEndSoonerIsNoDuty) {
  envelope::SignalPlan plan = Plan("a");
  plan.parts[0].expires = now() + absl::Hours(24 * 10);
  Send(plan);
  EXPECT_THAT(Of(Duty::Kind::kCap), IsEmpty());
}

TEST_F(DutiesTest, WhoCouldNotBeReachedIsADutyOnceHeCan) {
  // A member whose only device has published nothing.
  const test::TestDevice& silent = network_.AddDevice("politie/jeugdagent-nieuw", /*with_prekeys=*/false);
  log_.TakeObjects();
  Sync();
  envelope::SignalPlan plan = Plan("a");
  plan.parts[0].members.push_back(silent.member_ref);
  const trust::Member& self = **sender_->OwnMember();
  const std::vector<UnreachedMember> unreached = UnreachedBy(plan, sender_->directory(), self);
  ASSERT_EQ(unreached.size(), 1u);
  EXPECT_EQ(unreached[0].member, "politie/jeugdagent-nieuw");
  EXPECT_FALSE(unreached[0].since.has_value());
  Send(plan);
  EXPECT_THAT(Of(Duty::Kind::kUnreached), IsEmpty());  // he still cannot be

  network_.Add(network_.PrekeyObject(silent, "casus", 0));
  log_.TakeObjects();
  Sync();
  EXPECT_THAT(Of(Duty::Kind::kUnreached), ElementsAre("a"));
  const std::vector<Duty> duties = *DutiesOf(*sender_);
  EXPECT_THAT(SentenceOf(duties[0], Language::kDutch),
              HasSubstr("heeft politie/jeugdagent-nieuw niet bereikt"));

  author_.clock().Advance(absl::Hours(1));
  envelope::SignalPlan again = Plan("b");
  again.parts[0].members.push_back(silent.member_ref);
  Send(again);
  EXPECT_THAT(Of(Duty::Kind::kUnreached), IsEmpty());
}

TEST_F(DutiesTest, SaysSinceWhenSomebodyCannotBeReached) {
  envelope::SignalPlan plan = Plan("a");
  plan.core.set_created(absl::ToUnixSeconds(now() + absl::Hours(24 * 200)));  // past all prekeys
  const std::vector<UnreachedMember> unreached =
      UnreachedBy(plan, sender_->directory(), **sender_->OwnMember());
  ASSERT_EQ(unreached.size(), 1u);
  EXPECT_EQ(unreached[0].member, test::kReader);
  ASSERT_TRUE(unreached[0].since.has_value());
  EXPECT_LT(*unreached[0].since, now() + absl::Hours(24 * 200));
  EXPECT_THAT(NamesOf(unreached, Language::kDutch), HasSubstr("politie/wijkagent (sinds "));
}

TEST_F(DutiesTest, ASignalThatTheLogLostIsToBeSentAgain) {
  Send("a");
  ASSERT_TRUE(sender_->state()
                  .Update([](StateData& data) {
                    data.sent.begin()->second.lost = true;
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_THAT(Of(Duty::Kind::kLost), ElementsAre("a"));
  author_.clock().Advance(absl::Hours(1));
  Send("b");
  EXPECT_THAT(Of(Duty::Kind::kLost), IsEmpty());
}

TEST_F(DutiesTest, ASilentDeviceIsADuty) {
  Send("a");
  EXPECT_THAT(Of(Duty::Kind::kUnconfirmed), IsEmpty());
  author_.clock().Advance(absl::Hours(25));
  EXPECT_THAT(Of(Duty::Kind::kUnconfirmed), ElementsAre("a"));
}

TEST_F(DutiesTest, NothingIsSealedToADeviceThatALostTailRevoked) {
  StateData data;
  const envelope::SignalPlan plan = Plan("a");
  EXPECT_TRUE(CheckNoneRevoked(plan, sender_->directory(), data, Language::kDutch).ok());
  data.revoked.insert(reader_->own_device_id());
  const absl::Status status = CheckNoneRevoked(plan, sender_->directory(), data, Language::kDutch);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("die intrekking ging verloren"));
}

}  // namespace
}  // namespace seinpost::client
