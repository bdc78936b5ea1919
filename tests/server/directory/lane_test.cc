// SPDX-License-Identifier: EUPL-1.2
// Lines before the directory: bounded, fair among addresses, and the urgent first.
#include "server/directory/lane.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/synchronization/notification.h"
#include "server/gate/quota.h"

namespace seinpost::server {
namespace {

// Keeps the thread of a lane or of UrgentFirst busy until it is let go.
class Hold {
 public:
  std::function<void()> Task() {
    return [this] {
      begun_.Notify();
      over_.WaitForNotification();
    };
  }
  void WaitUntilBegun() { begun_.WaitForNotification(); }
  void LetGo() { over_.Notify(); }

 private:
  absl::Notification begun_, over_;
};

TEST(Lane, IsBoundedInRequestsAndBytesUntilTheAnswer) {
  Lane lane({4, 100});
  std::vector<Lane::Place> places;
  for (int i = 0; i < 4; ++i) places.push_back(*lane.Reserve("", 10));
  const absl::Status full = lane.Reserve("", 1).status();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryAfter(full), absl::Seconds(1));
  places.pop_back();
  EXPECT_FALSE(lane.Reserve("", 71).ok());
  EXPECT_TRUE(lane.Reserve("", 70).ok());
  // A place that is handed on is held on.
  absl::Notification ran;
  Lane::Place kept;
  lane.Schedule(*lane.Reserve("", 70), [&](Lane::Place own) {
    kept = std::move(own);
    ran.Notify();
  });
  ran.WaitForNotification();
  EXPECT_FALSE(lane.Reserve("", 1).ok());
  kept.reset();
  EXPECT_TRUE(lane.Reserve("", 70).ok());
}

TEST(Lane, OneAddressHasNoMoreThanHalf) {
  Lane lane({4, 100});
  std::vector<Lane::Place> places;
  places.push_back(*lane.Reserve("a", 50));
  EXPECT_FALSE(lane.Reserve("a", 1).ok()) << "half of the bytes";
  places.push_back(*lane.Reserve("b", 1));
  places.push_back(*lane.Reserve("b", 1));
  EXPECT_FALSE(lane.Reserve("b", 1).ok()) << "half of the requests";
  EXPECT_TRUE(lane.Reserve("c", 1).ok());
}

TEST(Lane, AddressesTakeTurns) {
  Lane lane({64, 1000});
  Hold hold;
  lane.Schedule(*lane.Reserve("", 1), [task = hold.Task()](const Lane::Place&) { task(); });
  hold.WaitUntilBegun();
  std::vector<std::string> order;
  for (const char* address : {"a", "a", "a", "b", "c", "b"}) {
    lane.Schedule(*lane.Reserve(address, 1),
                  [&order](const Lane::Place& place) { order.push_back(place->address); });
  }
  hold.LetGo();
  lane.Stop();
  EXPECT_EQ(order, (std::vector<std::string>{"a", "b", "c", "a", "b", "a"}));
}

TEST(Lane, RunsWhatWaitsWhenItStopsAndThenAtOnce) {
  Lane lane({4, 100});
  int ran = 0;
  for (int i = 0; i < 3; ++i) lane.Schedule(*lane.Reserve("", 1), [&](const Lane::Place&) { ++ran; });
  lane.Stop();
  EXPECT_EQ(ran, 3);
  lane.Schedule(*lane.Reserve("", 1), [&](const Lane::Place&) { ++ran; });
  EXPECT_EQ(ran, 4);
}

TEST(UrgentFirst, RunsTheUrgentBeforeTheOthers) {
  UrgentFirst thread;
  Hold hold;
  thread.Schedule(false, hold.Task());
  hold.WaitUntilBegun();
  std::vector<int> order;
  for (const int i : {1, 2}) thread.Schedule(false, [&order, i] { order.push_back(i); });
  for (const int i : {3, 4}) thread.Schedule(true, [&order, i] { order.push_back(i); });
  hold.LetGo();
  thread.Stop();
  EXPECT_EQ(order, (std::vector<int>{3, 4, 1, 2}));
}

}  // namespace
}  // namespace seinpost::server
