// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_QUOTA_H_
#define SEINPOST_SERVER_GATE_QUOTA_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/commit/over_quota.h"
#include "util/bytes.h"

namespace seinpost::server {

// Quota is a token bucket per key (a device, an organisation): `per_minute` in a burst, of calls, kilobytes
// or whatever is counted, refilled evenly over a minute. Full buckets are forgotten, and beyond `max_buckets`
// the one that was unused for longest, so memory is bounded and nobody is locked out by others. Thread-safe.
class Quota {
 public:
  static constexpr size_t kMaxBuckets = 64 * 1024;
  // 0: no limit.
  explicit Quota(uint64_t per_minute, size_t max_buckets = kMaxBuckets)
      : per_minute_(per_minute), max_buckets_(max_buckets) {}

  // Takes `amount`, or nothing: kResourceExhausted says when to come back, in the text and as RetryAfter().
  // More than a minute's worth takes a full bucket, and what is lacking from the minutes that follow. 0 asks
  // whether the bucket is in debt.
  absl::Status Take(ByteView key, absl::Time now, uint64_t amount = 1);
  // For what is known only after the work: takes `amount` whatever is there, so that the bucket may be in
  // debt, of at most a minute's worth.
  void Charge(ByteView key, absl::Time now, uint64_t amount);
  // Gives back what was taken for nothing.
  void Return(ByteView key, absl::Time now, uint64_t amount);

  size_t buckets() const;

 private:
  struct Bucket {
    Bytes key;
    double tokens;
    absl::Time at;
  };
  // The bucket of `key` as it is at `now`, in front of the others.
  Bucket& Find(ByteView key, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Refill(Bucket& bucket, absl::Time now) const;
  void ForgetFull(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const uint64_t per_minute_;
  const size_t max_buckets_;
  mutable absl::Mutex mutex_;
  std::list<Bucket> buckets_ ABSL_GUARDED_BY(mutex_);                               // the last used first
  std::map<ByteView, std::list<Bucket>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);  // views of Bucket::key
};

// SharedQuota is what a device may take of one thing, and all devices of its organisation together: some
// times as much. So neither one device nor many of one organisation take what is the others'. Thread-safe.
class SharedQuota {
 public:
  // `per_minute` of a device; 0: no limit.
  SharedQuota(uint64_t per_minute, uint32_t organisation_times)
      : device_(per_minute), organisation_(per_minute * organisation_times) {}

  // As Quota's. What one of the two refuses is not taken from the other.
  absl::Status Take(ByteView device, ByteView organisation, absl::Time now, uint64_t amount = 1);
  void Charge(ByteView device, ByteView organisation, absl::Time now, uint64_t amount);

 private:
  Quota device_, organisation_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_QUOTA_H_
