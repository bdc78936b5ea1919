// SPDX-License-Identifier: EUPL-1.2
#include "bench/load.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace seinpost::bench {
namespace {

// One run of Drive(): every finished call starts the next.
class Run {
 public:
  Run(size_t count, const StartCall& start) : start_(start), times_(count), left_(static_cast<int>(count)) {}

  void StartNext() {
    const size_t index = next_.fetch_add(1);
    if (index >= times_.size()) return;
    const absl::Time begin = absl::Now();
    start_(index, [this, index, begin](const absl::Status& status) {
      times_[index] = absl::Now() - begin;
      if (!status.ok()) Fail(status);
      StartNext();
      left_.DecrementCount();
    });
  }

  absl::Status Wait() {
    left_.Wait();
    absl::MutexLock lock(&mutex_);
    return first_error_;
  }

  absl::Duration Percentile(double share) {
    std::sort(times_.begin(), times_.end());
    return times_[static_cast<size_t>(share * static_cast<double>(times_.size() - 1))];
  }

 private:
  void Fail(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    first_error_.Update(status);
  }

  const StartCall& start_;
  std::vector<absl::Duration> times_;
  std::atomic<size_t> next_{0};
  absl::BlockingCounter left_;
  absl::Mutex mutex_;
  absl::Status first_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<Load> Drive(size_t count, size_t outstanding, const StartCall& start) {
  Run run(count, start);
  const absl::Duration cpu_before = CpuTime();
  const absl::Time begin = absl::Now();
  for (size_t i = 0; i < std::min(outstanding, count); ++i) run.StartNext();
  if (absl::Status status = run.Wait(); !status.ok()) return status;
  const absl::Duration took = absl::Now() - begin;
  return Load{.per_second = static_cast<double>(count) / absl::ToDoubleSeconds(took),
              .p50 = run.Percentile(0.50),
              .p99 = run.Percentile(0.99),
              .cpu = (CpuTime() - cpu_before) / static_cast<double>(count)};
}

absl::Duration CpuTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

}  // namespace seinpost::bench
