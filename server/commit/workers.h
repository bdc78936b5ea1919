// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_WORKERS_H_
#define SEINPOST_SERVER_COMMIT_WORKERS_H_

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace seinpost::server {

// Which task goes first, and how many threads its kind may take.
enum class Priority {
  kAlert,     // before everything else, on any thread
  kOrdinary,  // reads of the database, one signal verified and judged
  kHeavy,     // a search among hundreds of decisions: on a quarter of the threads, at least one
};

// A task that may be refused. Exactly one of `run` and `refuse` is called, once; neither may be empty.
struct Work {
  Priority priority = Priority::kOrdinary;
  size_t bytes = 0;           // what the task holds until it has run
  std::function<void()> run;  // on a worker, or after Stop() on the caller's thread
  // kResourceExhausted with the time to wait (over_quota.h): too much of this priority is under way; on the
  // caller's thread. kUnavailable: stopping, and it is heavy; on any thread. Must be cheap.
  std::function<void(const absl::Status& why)> refuse;
};

// How much of each priority may wait or run.
struct WorkersBounds {
  size_t tasks = 4 * 1024;
  size_t bytes = 64 * 1024 * 1024;
  size_t heavy_tasks = 256;
  size_t heavy_bytes = 16 * 1024 * 1024;
};

// Workers runs tasks on a fixed number of threads, those of one priority started in the order they were
// given. Reads of the database and long computations go here, so that they never block a thread of gRPC's.
// Heavy tasks have threads of their own, which do others' work while there is none: they neither starve nor
// take all threads, unless there is only one. Thread-safe.
class Workers {
 public:
  explicit Workers(int threads, const WorkersBounds& bounds = {});
  ~Workers();  // as Stop()
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void Schedule(Work work);
  // An ordinary task that is never refused nor counted: for what is bounded elsewhere, as the next reply of
  // an open stream.
  // After Stop() it runs at once, on the caller's thread: a task may hold a call that has to be finished.
  void Schedule(std::function<void()> task);
  // Refuses what is heavy, runs what else is queued, then ends the threads. Not from a task.
  void Stop();

 private:
  struct Lane {
    std::deque<Work> waiting;
    size_t most_tasks = 0;
    size_t most_bytes = 0;
    size_t tasks = 0;  // waiting or running, of those that may be refused
    size_t bytes = 0;  // of them
  };

  Lane& LaneOf(Priority priority) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return lanes_[static_cast<size_t>(priority)];
  }
  void Run(bool heavy);
  // The first lane with work for such a thread, or null.
  Lane* NextLane(bool heavy) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  std::array<Lane, 3> lanes_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_WORKERS_H_
