// SPDX-License-Identifier: EUPL-1.2
// Signals that speak of other signals: answers, and what is passed on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/harness.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

TEST(References, AreToWhatTheSenderKnows) {
  TestBroker test;
  const envelope::SealedSignal sealed = test.Seal(SmallPlan(test.network()));
  ASSERT_TRUE(test.Submit(sealed.envelope).ok());
  const Bytes signal = CoreOf(sealed.envelope).signal_id();
  const auto send = [&](absl::string_view from, absl::string_view to, const Bytes& answers,
                        const Bytes& passes_on) {
    envelope::SignalPlan plan = SmallPlan(test.network());
    plan.core.set_in_reply_to(answers);
    plan.core.set_forwards(passes_on);
    plan.parts[0].members = {test.network().member(to)};
    return test.Submit(test.Seal(plan, from).envelope, from).status();
  };
  constexpr char kStranger[] = "sass/coordinator";
  const Bytes nothing(signal.size(), '\x07');
  const absl::Status no_answer = absl::NotFoundError("core.in_reply_to: no such signal for this member");
  const absl::Status no_onward = absl::NotFoundError("core.forwards: no such signal for this member");
  EXPECT_EQ(send(kReader, kSender, signal, ""), absl::OkStatus());
  EXPECT_EQ(send(kStranger, kSender, signal, ""), no_answer);
  EXPECT_EQ(send(kStranger, kSender, nothing, ""), no_answer)
      << "he cannot tell it from one that is not there";
  EXPECT_EQ(send(kReader, kStranger, "", signal), absl::OkStatus());
  EXPECT_EQ(send(kStranger, kSender, "", signal), no_onward);
  EXPECT_EQ(send(kStranger, kSender, "", nothing), no_onward);
}

// From core to case, and there to somebody who sits in case alone.
TEST(R14, PassingOnTwiceLeadsNoFurther) {
  TestBroker test;
  test.AddDevice("halt/medewerker");
  ASSERT_TRUE(test.PutInForce(test.network().MandateObject("halt/medewerker", "halt_worker", {"school-a"},
                                                           policies::Level::kL1, test.clock().Now(),
                                                           test.clock().Now() + absl::Hours(24)))
                  .ok());
  const auto send = [&](const char* from, const char* to, const char* channel, const Bytes& forwards) {
    envelope::SignalPlan plan = SmallPlan(test.network());
    plan.core.set_channel(channel);
    plan.core.set_forwards(forwards);
    plan.parts[0].members = {test.network().member(to)};
    return test.Seal(plan, from).envelope;
  };
  const v1::Envelope first = send(kSender, "sass/coordinator", "core@school-a", "");
  ASSERT_TRUE(test.Submit(first).ok());
  const v1::Envelope second =
      send("sass/coordinator", "wijkteam/medewerker", "case@school-a", CoreOf(first).signal_id());
  const absl::Status passed_on = test.Submit(second, "sass/coordinator").status();
  ASSERT_TRUE(passed_on.ok()) << passed_on;
  EXPECT_THAT(CodesOf(test.Submit(send("wijkteam/medewerker", "halt/medewerker", "case@school-a",
                                       CoreOf(second).signal_id()),
                                  "wijkteam/medewerker")
                          .status()),
              testing::ElementsAre("ONWARD_FORBIDDEN"));
  EXPECT_TRUE(
      test.Submit(send("wijkteam/medewerker", "halt/medewerker", "case@school-a", ""), "wijkteam/medewerker")
          .ok())
      << "of his own he may tell";
}

TEST(R14, PoliceContentIsNotPassedOn) {
  TestBroker test;
  envelope::SignalPlan plan = SmallPlan(test.network());
  plan.parts[0].members = {test.network().member(kSender)};
  const envelope::SealedSignal original = test.Seal(plan, kReader);
  const absl::StatusOr<v1::SubmitReply> sent = test.Submit(original.envelope, kReader);
  ASSERT_TRUE(sent.ok()) << sent.status();
  envelope::SignalPlan onward = SmallPlan(test.network());
  onward.core.set_forwards(CoreOf(original.envelope).signal_id());
  onward.parts[0].members = {test.network().member("sass/coordinator")};
  const absl::Status refused = test.Submit(test.Seal(onward).envelope).status();
  EXPECT_THAT(CodesOf(refused), testing::Contains("ONWARD_FORBIDDEN")) << refused;
  EXPECT_THAT(test.LastEvent(), HasSubstr("ONWARD_FORBIDDEN"));
}

}  // namespace
}  // namespace seinpost::test
