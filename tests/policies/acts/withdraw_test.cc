// SPDX-License-Identifier: EUPL-1.2
// R33: taking back and correcting. Scenario S13.
#include "tests/policies/acts/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Sent : ActsExample {
  Sent() { Original(Level::kL1); }
  WithdrawRequest request = {
      .actor = Member("school/zorgcoordinator"), .channel = "core@school-a", .level = Level::kL1};
  Decision Do(WithdrawAct act) {
    request.act = act;
    return DecideWithdraw(request, facts, now);
  }
};

constexpr WithdrawAct kBoth[] = {WithdrawAct::kWithdraw, WithdrawAct::kCorrect};

TEST(R33, SenderWithdrawsAndCorrects) {
  Sent sent;
  for (const WithdrawAct act : kBoth) EXPECT_THAT(Told(sent.Do(act)), IsEmpty());
}

TEST(R33, NobodyElseDoes) {
  Sent sent;
  for (const WithdrawAct act : kBoth) {
    for (const char* actor : {"school/teamleider", "politie/wijkagent", "school/zorgcoordinator@elders"}) {
      sent.request.actor = Member(actor);
      EXPECT_THAT(Told(sent.Do(act)), ElementsAre("NO_MANDATE R33")) << actor;
    }
  }
  sent.request.actor = Member("school/zorgcoordinator");
  sent.facts.original.reset();
  EXPECT_THAT(Told(sent.Do(WithdrawAct::kWithdraw)), ElementsAre("NO_MANDATE R33"));
}

TEST(R33, SenderHasAMandateNow) {
  Sent sent;
  MandateFacts& mandate = sent.At("school/zorgcoordinator").mandates[0];
  for (const WithdrawAct act : kBoth) {
    mandate.until = sent.now + absl::Seconds(1);
    EXPECT_THAT(Told(sent.Do(act)), IsEmpty());
    mandate.until = sent.now;
    EXPECT_THAT(Told(sent.Do(act)), ElementsAre("NO_MANDATE R33"));
  }
}

TEST(R33, OnceOnlyAndInTime) {
  Sent sent;
  for (const WithdrawAct act : kBoth) {
    sent.facts.original->withdrawn = true;
    EXPECT_THAT(Told(sent.Do(act)), ElementsAre("WITHDRAWN R33"));
    sent.facts.original->withdrawn = false;
    sent.facts.original->parts[0].expires = sent.now;
    EXPECT_THAT(Told(sent.Do(act)), IsEmpty()) << "the identity is still there";
    sent.facts.original->parts[1].expires = sent.now + absl::Seconds(1);
    EXPECT_THAT(Told(sent.Do(act)), IsEmpty());
    sent.facts.original->parts[1].expires = sent.now;
    EXPECT_THAT(Told(sent.Do(act)), ElementsAre("EXPIRED R33"));
    sent.Original(Level::kL1);
  }
}

TEST(R33, CorrectionStaysWhereItWas) {
  Sent sent;
  sent.request.channel = "case@school-a";
  EXPECT_THAT(Told(sent.Do(WithdrawAct::kCorrect)), ElementsAre("SCOPE_MISMATCH R33"));
  EXPECT_THAT(Told(sent.Do(WithdrawAct::kWithdraw)), IsEmpty()) << "there is no new text";
  sent.request.channel = "core@school-a";
  for (const Level level : {Level::kL0, Level::kL2}) {
    sent.request.level = level;
    EXPECT_THAT(Told(sent.Do(WithdrawAct::kCorrect)), ElementsAre("LEVEL_EXCEEDED R33"));
  }
}

TEST(R33, WithdrawingOutlivesTheConvenant) {
  Sent sent;
  sent.facts.convenant_active = false;
  EXPECT_THAT(Told(sent.Do(WithdrawAct::kWithdraw)), IsEmpty());
  EXPECT_THAT(Told(sent.Do(WithdrawAct::kCorrect)), ElementsAre("NO_CONVENANT R1"));
}

}  // namespace
}  // namespace seinpost::policies
