// SPDX-License-Identifier: EUPL-1.2
#include "server/commit/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "server/commit/over_quota.h"

namespace seinpost::server {
namespace {

using testing::ElementsAre;

constexpr absl::Duration kLong = absl::Seconds(60);

void MustNotBeRefused(const absl::Status& why) { ADD_FAILURE() << why; }

// Keeps a thread from its beginning to Go().
class Hold {
 public:
  Work Of(Priority priority, size_t bytes = 0) {
    return {priority, bytes,
            [this] {
              reached_.Notify();
              go_.WaitForNotification();
            },
            MustNotBeRefused};
  }
  void WaitUntilReached() { reached_.WaitForNotification(); }
  void Go() { go_.Notify(); }

 private:
  absl::Notification reached_, go_;
};

TEST(Workers, StartWhatIsMostUrgentFirst) {
  std::vector<std::string> order;
  Hold hold;
  {
    Workers workers(1);
    workers.Schedule(hold.Of(Priority::kOrdinary));
    hold.WaitUntilReached();
    const std::vector<std::pair<Priority, std::string>> tasks = {{Priority::kOrdinary, "ordinary 1"},
                                                                 {Priority::kHeavy, "heavy"},
                                                                 {Priority::kOrdinary, "ordinary 2"},
                                                                 {Priority::kAlert, "alert"}};
    for (const auto& task : tasks) {
      workers.Schedule({task.first, 0, [&order, &task] { order.push_back(task.second); }, MustNotBeRefused});
    }
    absl::Notification last;
    workers.Schedule([&last] { last.Notify(); });
    hold.Go();
    last.WaitForNotification();
  }
  EXPECT_THAT(order, ElementsAre("alert", "heavy", "ordinary 1", "ordinary 2"));
}

TEST(MemberWorkers, HeavyTasksNeverTakeAllThreads) {
  std::vector<Hold> heavy(8);
  Workers workers(4);
  for (Hold& hold : heavy) workers.Schedule(hold.Of(Priority::kHeavy));
  heavy[0].WaitUntilReached();
  absl::BlockingCounter others(2);
  workers.Schedule([&others] { others.DecrementCount(); });
  workers.Schedule({Priority::kAlert, 0, [&others] { others.DecrementCount(); }, MustNotBeRefused});
  absl::Notification served;
  std::thread waiting([&] {
    others.Wait();
    served.Notify();
  });
  EXPECT_TRUE(served.WaitForNotificationWithTimeout(kLong));
  for (Hold& hold : heavy) hold.Go();
  waiting.join();
  heavy.back().WaitUntilReached();
}

TEST(MemberWorkers, AreBoundedInTasksAndBytesForEachPriority) {
  Hold hold;
  std::atomic<int> ran = 0;
  std::vector<absl::Status> refused;
  Workers workers(1, {.tasks = 3, .bytes = 1000, .heavy_tasks = 2, .heavy_bytes = 1'000'000});
  const auto schedule = [&](Priority priority, size_t bytes) {
    workers.Schedule(
        {priority, bytes, [&] { ++ran; }, [&](const absl::Status& why) { refused.push_back(why); }});
    return refused.size();
  };
  workers.Schedule(hold.Of(Priority::kOrdinary, 400));
  hold.WaitUntilReached();
  EXPECT_EQ(schedule(Priority::kOrdinary, 601), 1u) << "what runs holds its bytes too";
  EXPECT_EQ(schedule(Priority::kOrdinary, 600), 1u);
  EXPECT_EQ(schedule(Priority::kOrdinary, 0), 1u);
  EXPECT_EQ(schedule(Priority::kOrdinary, 0), 2u) << "three";
  EXPECT_EQ(schedule(Priority::kAlert, 1000), 2u) << "a lane of their own";
  EXPECT_EQ(schedule(Priority::kHeavy, 0), 2u);
  EXPECT_EQ(schedule(Priority::kHeavy, 0), 2u);
  EXPECT_EQ(schedule(Priority::kHeavy, 0), 3u);
  for (const absl::Status& why : refused) {
    EXPECT_TRUE(absl::IsResourceExhausted(why)) << why;
    EXPECT_GT(RetryAfter(why), absl::ZeroDuration());
  }
  hold.Go();
  absl::Notification done;
  workers.Schedule([&done] { done.Notify(); });
  done.WaitForNotification();
  EXPECT_EQ(ran, 5);
  EXPECT_EQ(schedule(Priority::kOrdinary, 2000), 3u) << "alone, whatever its size";
}

TEST(Workers, RefuseWhatIsHeavyWhenTheyStop) {
  Workers workers(1);
  Hold hold;
  workers.Schedule(hold.Of(Priority::kOrdinary));
  hold.WaitUntilReached();
  std::atomic<bool> ran = false;
  absl::Notification refused;
  absl::Status why;
  workers.Schedule({Priority::kHeavy, 0, [] { FAIL(); },
                    [&](const absl::Status& status) {
                      why = status;
                      refused.Notify();
                    }});
  workers.Schedule([&ran] { ran = true; });
  std::thread stopping([&] { workers.Stop(); });
  refused.WaitForNotification();
  hold.Go();
  stopping.join();
  EXPECT_TRUE(absl::IsUnavailable(why)) << why;
  EXPECT_TRUE(ran) << "a task may hold a call that has to be finished";
  bool late = false;
  workers.Schedule({Priority::kOrdinary, 0, [&late] { late = true; }, MustNotBeRefused});
  EXPECT_TRUE(late);
  workers.Schedule({Priority::kHeavy, 0, [] { FAIL(); }, [&late](const absl::Status&) { late = false; }});
  EXPECT_FALSE(late);
}

}  // namespace
}  // namespace seinpost::server
