// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/quota.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace seinpost::server {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

TEST(Quota, TakesSeveralAtOnceOrNothing) {
  Quota quota(60);
  EXPECT_TRUE(quota.Take("a", kStart, 40).ok());
  const absl::Status over = quota.Take("a", kStart, 30);
  EXPECT_TRUE(absl::IsResourceExhausted(over));
  EXPECT_EQ(RetryAfter(over), absl::Seconds(10));
  EXPECT_TRUE(quota.Take("a", kStart, 20).ok()) << "a refused call takes nothing";
  EXPECT_FALSE(quota.Take("a", kStart).ok());
}

TEST(Quota, LetsThroughOnceAMinuteWhatIsMoreThanAMinutesWorth) {
  Quota quota(60);
  EXPECT_TRUE(quota.Take("a", kStart, 90).ok());
  EXPECT_EQ(RetryAfter(quota.Take("a", kStart, 90)), absl::Seconds(90)) << "half a minute of debt, and full";
  EXPECT_TRUE(quota.Take("a", kStart + absl::Seconds(90), 90).ok());
}

TEST(Quota, ChargesAfterTheWorkAndWaitsUntilItIsPaid) {
  Quota quota(60);
  EXPECT_TRUE(quota.Take("a", kStart, 0).ok());
  quota.Charge("a", kStart, 90);
  EXPECT_EQ(RetryAfter(quota.Take("a", kStart, 0)), absl::Seconds(30));
  EXPECT_TRUE(quota.Take("b", kStart, 0).ok());
  EXPECT_TRUE(quota.Take("a", kStart + absl::Seconds(30), 0).ok());
  quota.Charge("a", kStart + absl::Seconds(30), 1'000'000);
  EXPECT_EQ(RetryAfter(quota.Take("a", kStart + absl::Seconds(30), 0)), absl::Minutes(1))
      << "nobody pays for longer";
}

TEST(MemberQuotas, AreBoundedInNumberAndLockNobodyOut) {
  Quota quota(2, /*max_buckets=*/100);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(quota.Take(absl::StrCat("device ", i), kStart).ok()) << i;
    EXPECT_LE(quota.buckets(), 101u);
  }
  EXPECT_TRUE(quota.Take("device 999", kStart).ok());
  EXPECT_FALSE(quota.Take("device 999", kStart).ok()) << "who was here a moment ago is remembered";
  EXPECT_TRUE(quota.Take("another", kStart + absl::Minutes(1)).ok());
  EXPECT_LE(quota.buckets(), 2u) << "full buckets are forgotten";
}

TEST(MemberQuotas, ADebtIsNotForgottenBeforeItIsPaid) {
  Quota quota(60);
  quota.Charge("a", kStart, 120);
  EXPECT_TRUE(quota.Take("b", kStart + absl::Seconds(59)).ok());
  EXPECT_FALSE(quota.Take("a", kStart + absl::Seconds(59), 0).ok());
}

TEST(MemberQuotas, AnOrganisationSharesSomeTimesWhatADeviceMayHave) {
  SharedQuota quota(10, /*organisation_times=*/2);
  EXPECT_TRUE(quota.Take("a1", "a", kStart, 10).ok());
  EXPECT_FALSE(quota.Take("a1", "a", kStart).ok()) << "a device";
  EXPECT_TRUE(quota.Take("a2", "a", kStart, 10).ok());
  EXPECT_FALSE(quota.Take("a3", "a", kStart).ok()) << "all of them";
  EXPECT_TRUE(quota.Take("b1", "b", kStart, 10).ok()) << "another organisation";
  EXPECT_TRUE(quota.Take("a3", "a", kStart + absl::Seconds(6), 1).ok());
  EXPECT_TRUE(quota.Take("a3", "c", kStart + absl::Seconds(6), 9).ok())
      << "what the organisation refused was not taken from the device";
  SharedQuota unlimited(0, 2);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(unlimited.Take("a1", "a", kStart, 1000).ok());
}

}  // namespace
}  // namespace seinpost::server
