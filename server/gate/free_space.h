// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_FREE_SPACE_H_
#define SEINPOST_SERVER_GATE_FREE_SPACE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "util/clock.h"

namespace seinpost::server {

// What is no larger is taken as long as there is any space: a refusal, a revocation, a signal without much to
// it.
inline constexpr size_t kSmallBytes = 64 * 1024;

// FreeSpace keeps a floor under the free space of the disk that the database lies on: below it only small
// things are taken, so that what must go on can. Measures at most once a second. Thread-safe. Borrows
// `clock`.
class FreeSpace {
 public:
  // Bytes that this process may still write.
  using Measure = std::function<absl::StatusOr<uint64_t>()>;
  // `floor` in bytes; 0: none.
  FreeSpace(Measure measure, uint64_t floor, const Clock& clock)
      : measure_(std::move(measure)), floor_(floor), clock_(clock) {}

  // kResourceExhausted with the time to wait: there is too little space for something of this size. What
  // cannot be measured refuses nothing: the database will tell.
  absl::Status CheckRoomFor(size_t bytes);
  // OK, or kResourceExhausted for whoever runs the broker: there is less than the floor.
  absl::Status CheckFloor();

 private:
  bool Low();

  const Measure measure_;
  const uint64_t floor_;
  const Clock& clock_;
  absl::Mutex mutex_;
  absl::Time measured_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool low_ ABSL_GUARDED_BY(mutex_) = false;
};

// Of the file system that holds `directory`, which exists. kUnavailable: it cannot be asked.
FreeSpace::Measure FreeSpaceOf(std::string directory);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_FREE_SPACE_H_
