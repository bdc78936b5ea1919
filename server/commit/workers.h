// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_WORKERS_H_
#define SEINPOST_SERVER_COMMIT_WORKERS_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace seinpost::server {

// Workers runs tasks on a fixed number of threads, started in the order they were given. Reads of the
// database go here, so that they never block a thread of gRPC's. Thread-safe.
class Workers {
 public:
  explicit Workers(int threads);
  ~Workers();  // as Stop()
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // After Stop() the task runs at once, on the caller's thread: a task may hold a call that has to be
  // finished.
  void Schedule(std::function<void()> task);
  // Runs what is queued, then ends the threads. Not from a task.
  void Stop();

 private:
  void Run();

  absl::Mutex mutex_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_WORKERS_H_
