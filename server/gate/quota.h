// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_QUOTA_H_
#define SEINPOST_SERVER_GATE_QUOTA_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "util/bytes.h"

namespace seinpost::server {

// Quota is a token bucket per key (a device): `per_minute` calls in a burst, refilled evenly over a minute.
// Full buckets are forgotten, so memory is bounded by who called in the last minute. Thread-safe.
class Quota {
 public:
  // 0: no limit.
  explicit Quota(uint32_t per_minute) : per_minute_(per_minute) {}

  // Takes one. kResourceExhausted says when to come back, in the text and as RetryAfter().
  absl::Status Take(ByteView key, absl::Time now);

 private:
  struct Bucket {
    double tokens;
    absl::Time at;
  };
  void ForgetFull(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const uint32_t per_minute_;
  absl::Mutex mutex_;
  std::map<Bytes, Bucket, std::less<>> buckets_ ABSL_GUARDED_BY(mutex_);
  absl::Time forgotten_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

// kResourceExhausted with the time to wait.
absl::Status OverQuota(absl::Duration retry_after);
// The time to wait that a status carries; zero if none.
absl::Duration RetryAfter(const absl::Status& status);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_QUOTA_H_
