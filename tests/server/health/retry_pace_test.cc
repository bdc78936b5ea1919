// SPDX-License-Identifier: EUPL-1.2
#include "server/health/retry_pace.h"

#include <gtest/gtest.h>

namespace seinpost::server {
namespace {

TEST(RetryPace, WaitsLongerEachTimeAndNeverForever) {
  RetryPace pace;
  absl::Time now = absl::UnixEpoch();
  EXPECT_FALSE(pace.Due(now)) << "it has only just failed";
  EXPECT_FALSE(pace.Due(now + absl::Seconds(4)));
  absl::Duration wait = absl::Seconds(5);
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(pace.Due(now + wait - absl::Seconds(1))) << i;
    now += wait;
    EXPECT_TRUE(pace.Due(now)) << i;
    pace.Failed(now);
    wait = std::min(RetryPace::kLongest, 2 * wait);
  }
  EXPECT_EQ(wait, RetryPace::kLongest);
  pace.Reset();
  EXPECT_FALSE(pace.Due(now));
  EXPECT_TRUE(pace.Due(now + RetryPace::kFirst));
}

TEST(RetryPace, AClockSetBackPutsNothingOff) {
  RetryPace pace;
  const absl::Time late = absl::UnixEpoch() + absl::Hours(24 * 365);
  EXPECT_FALSE(pace.Due(late));
  EXPECT_FALSE(pace.Due(absl::UnixEpoch()));
  EXPECT_TRUE(pace.Due(absl::UnixEpoch() + RetryPace::kFirst));
}

}  // namespace
}  // namespace seinpost::server
