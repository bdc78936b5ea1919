// SPDX-License-Identifier: EUPL-1.2
// Nonces that prove themselves: what makes one good, once, for how long, and by which clock.
#include "server/gate/challenges.h"

#include <gtest/gtest.h>

namespace seinpost::server {
namespace {

const absl::Time kMoment = absl::FromUnixSeconds(1'790'000'000);

TEST(Challenges, AreGoodOnceAndForAMinute) {
  Challenges challenges;
  const Bytes nonce = challenges.Make(kMoment);
  EXPECT_EQ(nonce.size(), 32u);
  EXPECT_NE(challenges.Make(kMoment), nonce);
  EXPECT_TRUE(challenges.IsGood(nonce, kMoment));
  EXPECT_TRUE(challenges.IsGood(nonce, kMoment + kNonceLife - absl::Milliseconds(1)));
  EXPECT_FALSE(challenges.IsGood(nonce, kMoment + kNonceLife));
  EXPECT_FALSE(challenges.Spend(nonce, kMoment + kNonceLife));

  Challenges others;
  const Bytes spent = others.Make(kMoment);
  EXPECT_EQ(others.spent(), 0u);
  EXPECT_TRUE(others.Spend(spent, kMoment));
  EXPECT_FALSE(others.Spend(spent, kMoment));
  EXPECT_FALSE(others.IsGood(spent, kMoment));
  EXPECT_EQ(others.spent(), 1u);
}

TEST(Challenges, RefuseEveryChangedBitEveryOtherSizeAndEveryOtherProcess) {
  Challenges challenges, others;
  const Bytes nonce = challenges.Make(kMoment);
  for (size_t bit = 0; bit < 8 * nonce.size(); ++bit) {
    Bytes flipped = nonce;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_FALSE(challenges.IsGood(flipped, kMoment)) << bit;
  }
  for (size_t size = 0; size < nonce.size(); ++size) {
    EXPECT_FALSE(challenges.IsGood(nonce.substr(0, size), kMoment)) << size;
  }
  EXPECT_FALSE(challenges.IsGood(nonce + "x", kMoment));
  EXPECT_FALSE(challenges.IsGood(Bytes(32, '\0'), kMoment));
  EXPECT_FALSE(others.IsGood(nonce, kMoment));
  EXPECT_TRUE(challenges.IsGood(nonce, kMoment));
}

TEST(Challenges, ForgetWhatIsStaleByAnyClockToCome) {
  Challenges challenges;
  for (int i = 0; i < 100; ++i) {
    const absl::Time now = kMoment + i * absl::Seconds(10);
    ASSERT_TRUE(challenges.Spend(challenges.Make(now), now)) << i;
    EXPECT_LE(challenges.spent(), 7u);
  }
}

TEST(Challenges, LetTheClockBePutRightALittle) {
  Challenges challenges;
  const Bytes nonce = challenges.Make(kMoment), spent = challenges.Make(kMoment);
  ASSERT_TRUE(challenges.Spend(spent, kMoment));
  EXPECT_TRUE(challenges.IsGood(nonce, kMoment - kClockSlack));
  EXPECT_FALSE(challenges.IsGood(spent, kMoment - kClockSlack));
}

// What was spent before comes back with the time at which it was good.
TEST(Challenges, VoidEverythingWhenTheClockIsSetBack) {
  Challenges challenges;
  const Bytes unused = challenges.Make(kMoment), spent = challenges.Make(kMoment);
  ASSERT_TRUE(challenges.Spend(spent, kMoment));
  const absl::Time later = kMoment + absl::Hours(1);
  ASSERT_TRUE(challenges.Spend(challenges.Make(later), later));
  EXPECT_EQ(challenges.spent(), 1u) << "the first is forgotten";
  EXPECT_FALSE(challenges.IsGood(spent, kMoment));
  EXPECT_FALSE(challenges.IsGood(unused, kMoment));
  EXPECT_FALSE(challenges.IsGood(challenges.Make(later), kMoment)) << "nor what is of a time to come";
  EXPECT_TRUE(challenges.IsGood(challenges.Make(kMoment), kMoment));
}

}  // namespace
}  // namespace seinpost::server
