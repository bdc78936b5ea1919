// SPDX-License-Identifier: EUPL-1.2
#include "server/health/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace seinpost::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ConditionTest : public testing::Test {
 protected:
  SimulatedClock clock_{absl::UnixEpoch()};
  std::vector<std::string> lines_;
  Metrics metrics_{[this](absl::string_view what, const absl::Status& status) {
    lines_.push_back(absl::StrCat(what, " | ", status.message()));
  }};
  Condition condition_{metrics_, clock_};
};

TEST_F(ConditionTest, EveryChangeIsOneLineAndMovesTheGauges) {
  EXPECT_TRUE(condition_.CanWrite());
  EXPECT_THAT(metrics_.Text(), HasSubstr("seinpost_writable 1"));
  condition_.Set(Cause::kDisk, "", absl::OkStatus());
  EXPECT_THAT(lines_, IsEmpty());
  condition_.Set(Cause::kDisk, "", absl::UnavailableError("/db/000012.log: full"));
  condition_.Set(Cause::kDisk, "", absl::UnavailableError("/db/000013.log: full"));
  EXPECT_THAT(lines_, ElementsAre("trouble: disk | /db/000012.log: full"));
  EXPECT_FALSE(condition_.CanWrite());
  EXPECT_THAT(metrics_.Text(), HasSubstr("seinpost_trouble{cause=\"disk\"} 1"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("seinpost_writable 0"));
  clock_.Advance(absl::Seconds(90));
  condition_.Set(Cause::kDisk, "", absl::OkStatus());
  condition_.Set(Cause::kDisk, "", absl::OkStatus());
  EXPECT_THAT(lines_,
              ElementsAre("trouble: disk | /db/000012.log: full", "trouble is over: disk, after 1m30s | "));
  EXPECT_TRUE(condition_.CanWrite());
  EXPECT_THAT(metrics_.Text(), HasSubstr("seinpost_trouble{cause=\"disk\"} 0"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("seinpost_writable 1"));
}

TEST_F(ConditionTest, ConvenantsHaveTroubleOfTheirOwnAndNoLabel) {
  condition_.Set(Cause::kAnchor, "plaats", absl::UnavailableError("gone"));
  condition_.Set(Cause::kAnchor, "elders", absl::UnavailableError("gone"));
  EXPECT_THAT(lines_, ElementsAre("trouble: anchor of plaats | gone", "trouble: anchor of elders | gone"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("seinpost_trouble{cause=\"anchor\"} 2"));
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("plaats")));
  condition_.Set(Cause::kAnchor, "plaats", absl::OkStatus());
  EXPECT_FALSE(condition_.CanWrite()) << "the other one still holds";
  condition_.Set(Cause::kAnchor, "elders", absl::OkStatus());
  EXPECT_TRUE(condition_.CanWrite());
}

TEST_F(ConditionTest, OnlyWhatKeepsFromWritingDoes) {
  for (const Cause cause : kCauses) {
    condition_.Set(cause, "", absl::UnavailableError("x"));
    const bool writes = cause != Cause::kDisk && cause != Cause::kAnchor && cause != Cause::kLog;
    EXPECT_EQ(condition_.CanWrite(), writes) << CauseName(cause);
    EXPECT_EQ(condition_.Accepts(), cause != Cause::kDoor) << CauseName(cause);
    EXPECT_TRUE(condition_.Has(cause));
    condition_.Set(cause, "", absl::OkStatus());
    EXPECT_FALSE(condition_.Has(cause));
  }
}

}  // namespace
}  // namespace seinpost::server
