// SPDX-License-Identifier: EUPL-1.2
#include "server/commit/workers.h"

#include <algorithm>
#include <utility>

#include "server/commit/over_quota.h"

namespace seinpost::server {

namespace {

// Where too much is under way: a second of work is done by then.
constexpr absl::Duration kWorkersComeBack = absl::Seconds(1);

absl::Status ShuttingDown() { return absl::UnavailableError("the broker is shutting down"); }

}  // namespace

Workers::Workers(int threads, const WorkersBounds& bounds) {
  {
    absl::MutexLock lock(&mutex_);
    for (Lane& lane : lanes_) {
      lane.most_tasks = bounds.tasks;
      lane.most_bytes = bounds.bytes;
    }
    LaneOf(Priority::kHeavy).most_tasks = bounds.heavy_tasks;
    LaneOf(Priority::kHeavy).most_bytes = bounds.heavy_bytes;
  }
  const int heavy = std::max(1, threads / 4);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this, i, heavy] { Run(i < heavy); });
}

Workers::~Workers() { Stop(); }

void Workers::Schedule(Work work) {
  absl::Status refusal;
  {
    absl::MutexLock lock(&mutex_);
    Lane& lane = LaneOf(work.priority);
    if (stopping_) {
      if (work.priority == Priority::kHeavy) refusal = ShuttingDown();
    } else if (lane.tasks >= lane.most_tasks ||
               (lane.tasks > 0 && lane.bytes + work.bytes > lane.most_bytes)) {
      refusal = OverQuota(kWorkersComeBack);
    } else {
      ++lane.tasks;
      lane.bytes += work.bytes;
      lane.waiting.push_back(std::move(work));
      return;
    }
  }
  if (refusal.ok()) return work.run();
  work.refuse(refusal);
}

void Workers::Schedule(std::function<void()> task) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) {
      LaneOf(Priority::kOrdinary).waiting.push_back({Priority::kOrdinary, 0, std::move(task), {}});
      return;
    }
  }
  task();
}

void Workers::Stop() {
  std::deque<Work> refused;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    std::swap(refused, LaneOf(Priority::kHeavy).waiting);
  }
  for (const Work& work : refused) work.refuse(ShuttingDown());
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

Workers::Lane* Workers::NextLane(bool heavy) {
  for (const Priority priority : {Priority::kAlert, Priority::kHeavy, Priority::kOrdinary}) {
    if (priority == Priority::kHeavy && !heavy) continue;
    if (Lane& lane = LaneOf(priority); !lane.waiting.empty()) return &lane;
  }
  return nullptr;
}

void Workers::Run(bool heavy) {
  const auto ready = [this, heavy]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || NextLane(heavy) != nullptr;
  };
  while (true) {
    Work work;
    Lane* lane = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&ready));
      lane = NextLane(heavy);
      if (lane == nullptr) return;
      work = std::move(lane->waiting.front());
      lane->waiting.pop_front();
    }
    work.run();
    const size_t bytes = work.bytes;
    const bool counted = work.refuse != nullptr;
    work = {};  // what it held is gone before others may take its place
    if (!counted) continue;
    absl::MutexLock lock(&mutex_);
    --lane->tasks;
    lane->bytes -= bytes;
  }
}

}  // namespace seinpost::server
