// SPDX-License-Identifier: EUPL-1.2
#include "server/grpc/self_probe.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace seinpost::server {
namespace {

using Probed = Acceptor::Probed;

class DoorProbe : public testing::Test {
 protected:
  void Knock(Probed outcome, absl::Duration later = kProbePace) {
    clock_.Advance(later);
    outcome_ = outcome;
    probe_.KnockOnce();
  }
  SimulatedClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  Probed outcome_ = Probed::kAccepted;
  int deaf_ = 0;
  std::vector<std::string> lines_;
  SelfProbe probe_{{[this] { return outcome_; }, [this] { ++deaf_; },
                    [this](absl::string_view line) { lines_.emplace_back(line); }, &clock_}};
};

TEST_F(DoorProbe, ThreeFailuresWithinAMinuteAreDeaf) {
  Knock(Probed::kNobody);
  Knock(Probed::kNobody);
  EXPECT_EQ(deaf_, 0);
  Knock(Probed::kNobody);
  EXPECT_EQ(deaf_, 1);
  EXPECT_EQ(lines_.back(), "nobody is accepted any more: a restart is needed");
  Knock(Probed::kNobody);
  EXPECT_EQ(deaf_, 1) << "said once";
}

TEST_F(DoorProbe, BusyIsNeverDeaf) {
  for (int i = 0; i < 10; ++i) Knock(Probed::kBusy);
  EXPECT_EQ(deaf_, 0);
  EXPECT_EQ(lines_.size(), 10u);
  Knock(Probed::kNobody);
  Knock(Probed::kNobody);
  Knock(Probed::kBusy);
  Knock(Probed::kNobody);
  EXPECT_EQ(deaf_, 0);
}

TEST_F(DoorProbe, AnAcceptedKnockBeginsAnew) {
  Knock(Probed::kNobody);
  Knock(Probed::kNobody);
  Knock(Probed::kAccepted);
  Knock(Probed::kNobody);
  Knock(Probed::kNobody);
  EXPECT_EQ(deaf_, 0);
}

TEST_F(DoorProbe, FailuresFarApartAreNotDeaf) {
  for (int i = 0; i < 5; ++i) Knock(Probed::kNobody, kDeafWithin / 2 + absl::Seconds(1));
  EXPECT_EQ(deaf_, 0);
}

}  // namespace
}  // namespace seinpost::server
