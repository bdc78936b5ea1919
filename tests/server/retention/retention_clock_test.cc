// SPDX-License-Identifier: EUPL-1.2
// A mistake of the broker's clock destroys nothing.
#include "server/retention/retention_clock.h"

#include <gtest/gtest.h>

namespace seinpost::server {
namespace {

const absl::Time kBegin = absl::FromUnixSeconds(1'800'000'000);

TEST(RetentionClock, FollowsAClockThatGoes) {
  ClockVerdict verdict = JudgeClock(std::nullopt, kBegin);
  EXPECT_TRUE(verdict.go);
  for (int day = 1; day < 400; ++day) {
    verdict = JudgeClock(verdict.row, kBegin + day * absl::Hours(24));
    ASSERT_TRUE(verdict.go) << day;
    ASSERT_FALSE(verdict.newly_held);
  }
  EXPECT_EQ(verdict.row.trusted, kBegin + 399 * absl::Hours(24));
}

TEST(RetentionClock, HoldsAtAJumpAndSaysSoOnce) {
  ClockVerdict verdict = JudgeClock(std::nullopt, kBegin);
  const absl::Time jumped = kBegin + kFarAhead + absl::Seconds(1);
  verdict = JudgeClock(verdict.row, jumped);
  EXPECT_FALSE(verdict.go);
  EXPECT_TRUE(verdict.newly_held);
  verdict = JudgeClock(verdict.row, jumped + absl::Seconds(10));
  EXPECT_FALSE(verdict.go);
  EXPECT_FALSE(verdict.newly_held);
  EXPECT_EQ(verdict.row.trusted, kBegin) << "what it shows meanwhile is not believed";
  verdict = JudgeClock(verdict.row, kBegin + absl::Hours(1));
  EXPECT_TRUE(verdict.go) << "it was put right";
  EXPECT_EQ(verdict.row.held_since, absl::UnixEpoch());
}

TEST(RetentionClock, BelievesAgainWhatGoesOnForThreeDays) {
  ClockVerdict verdict = JudgeClock(std::nullopt, kBegin);
  const absl::Time jumped = kBegin + absl::Hours(24 * 60);
  for (absl::Duration since; since < kHeldFor; since += absl::Hours(6)) {
    verdict = JudgeClock(verdict.row, jumped + since);
    ASSERT_FALSE(verdict.go) << since;
  }
  verdict = JudgeClock(verdict.row, jumped + kHeldFor);
  EXPECT_TRUE(verdict.go);
  EXPECT_EQ(verdict.row.trusted, jumped + kHeldFor);
}

TEST(RetentionClock, ASecondJumpIsHeldAnew) {
  ClockVerdict verdict = JudgeClock(std::nullopt, kBegin);
  const absl::Time jumped = kBegin + absl::Hours(24 * 60);
  verdict = JudgeClock(verdict.row, jumped);
  const absl::Time again = jumped + absl::Hours(24 * 60);
  verdict = JudgeClock(verdict.row, again);
  EXPECT_TRUE(verdict.newly_held);
  verdict = JudgeClock(verdict.row, again + kHeldFor - absl::Hours(30));
  EXPECT_FALSE(verdict.go) << "counted from the second";
}

TEST(RetentionClock, IsFollowedBackAndThenForwardAgainIsAJump) {
  ClockVerdict verdict = JudgeClock(std::nullopt, kBegin);
  verdict = JudgeClock(verdict.row, kBegin - absl::Hours(24 * 30));
  EXPECT_TRUE(verdict.go) << "less is due by an earlier time";
  verdict = JudgeClock(verdict.row, kBegin);
  EXPECT_FALSE(verdict.go);
}

TEST(RetentionClock, IsKept) {
  const RetentionClockRow row{kBegin, kBegin + absl::Hours(60), kBegin + absl::Hours(70)};
  const absl::StatusOr<RetentionClockRow> again = RetentionClockRow::Decode(row.Encode());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->trusted, row.trusted);
  EXPECT_EQ(again->held_since, row.held_since);
  EXPECT_EQ(again->held_at, row.held_at);
  EXPECT_FALSE(RetentionClockRow::Decode(row.Encode().substr(1)).ok());
}

}  // namespace
}  // namespace seinpost::server
