// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DIRECTORY_LANE_H_
#define SEINPOST_SERVER_DIRECTORY_LANE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace seinpost::server {

// Lane is one thread and the line before it, bounded in requests and bytes. Addresses are served in turn, one
// task each, and none of them takes more than half of the line, so that whoever comes in numbers holds off
// himself first. Thread-safe.
class Lane {
 public:
  struct Bounds {
    size_t requests;
    size_t bytes;
  };
  // A place in the line, held from Reserve() until nobody holds it any more: by then the request is answered.
  struct Seat {
    std::string address;
    size_t bytes;
  };
  using Place = std::shared_ptr<const Seat>;

  explicit Lane(const Bounds& bounds);
  ~Lane();  // as Stop()
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // kResourceExhausted, with when to come back: the line is full, or the share of this address is. An empty
  // address, of callers inside the process, has all of it. Places must not outlive the lane.
  absl::StatusOr<Place> Reserve(absl::string_view address, size_t bytes);
  // `task` runs on the thread when its turn comes, and lets go of `place` or hands it on. After Stop() it
  // runs at once, on the caller's thread.
  void Schedule(Place place, std::function<void(Place)> task);
  // Runs what waits, then ends the thread. Not from a task.
  void Stop();

 private:
  struct Line {
    std::deque<std::pair<Place, std::function<void(Place)>>> tasks;
    size_t requests = 0, bytes = 0;  // of all its places, waiting or not
  };
  void Run();
  void Leave(const Seat& seat);

  const Bounds bounds_;
  absl::Mutex mutex_;
  std::map<std::string, Line, std::less<>> lines_ ABSL_GUARDED_BY(mutex_);  // by address
  std::deque<std::string> turns_ ABSL_GUARDED_BY(mutex_);                   // addresses with tasks
  size_t requests_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// UrgentFirst is one thread that runs what is urgent before what is not, each in order. Whoever schedules
// bounds how much. Thread-safe.
class UrgentFirst {
 public:
  UrgentFirst();
  ~UrgentFirst();  // as Stop()
  UrgentFirst(const UrgentFirst&) = delete;
  UrgentFirst& operator=(const UrgentFirst&) = delete;

  // After Stop() the task runs at once, on the caller's thread.
  void Schedule(bool urgent, std::function<void()> task);
  // Runs what waits, then ends the thread. Not from a task.
  void Stop();

 private:
  void Run();

  absl::Mutex mutex_;
  std::deque<std::function<void()>> urgent_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::function<void()>> others_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DIRECTORY_LANE_H_
