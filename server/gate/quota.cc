// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/quota.h"

#include <algorithm>
#include <iterator>

#include "util/status_macros.h"

namespace seinpost::server {

absl::Status Quota::Take(ByteView key, absl::Time now, uint64_t amount) {
  if (per_minute_ == 0) return absl::OkStatus();
  const double full = static_cast<double>(per_minute_);
  const double needed = std::min(full, static_cast<double>(amount));
  absl::MutexLock lock(&mutex_);
  Bucket& bucket = Find(key, now);
  if (bucket.tokens < needed) return OverQuota(absl::Minutes((needed - bucket.tokens) / full));
  bucket.tokens = std::max(-full, bucket.tokens - static_cast<double>(amount));
  return absl::OkStatus();
}

void Quota::Charge(ByteView key, absl::Time now, uint64_t amount) {
  if (per_minute_ == 0) return;
  const double full = static_cast<double>(per_minute_);
  absl::MutexLock lock(&mutex_);
  Bucket& bucket = Find(key, now);
  bucket.tokens = std::max(-full, bucket.tokens - static_cast<double>(amount));
}

void Quota::Return(ByteView key, absl::Time now, uint64_t amount) {
  if (per_minute_ == 0) return;
  absl::MutexLock lock(&mutex_);
  Bucket& bucket = Find(key, now);
  bucket.tokens = std::min(static_cast<double>(per_minute_), bucket.tokens + static_cast<double>(amount));
}

size_t Quota::buckets() const {
  absl::MutexLock lock(&mutex_);
  return buckets_.size();
}

Quota::Bucket& Quota::Find(ByteView key, absl::Time now) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  } else {
    buckets_.push_front({Bytes(key), static_cast<double>(per_minute_), now});
    by_key_.emplace(buckets_.front().key, buckets_.begin());
  }
  Refill(buckets_.front(), now);
  ForgetFull(now);
  return buckets_.front();
}

void Quota::Refill(Bucket& bucket, absl::Time now) const {
  const double full = static_cast<double>(per_minute_);
  // A clock set back refills nothing.
  const double minutes = absl::ToDoubleMinutes(std::max(now - bucket.at, absl::ZeroDuration()));
  bucket.tokens = std::min(full, bucket.tokens + minutes * full);
  bucket.at = std::max(now, bucket.at);
}

// Behind the first, from the back: there lie those that had the longest time to fill.
void Quota::ForgetFull(absl::Time now) {
  while (buckets_.size() > 1) {
    Bucket& last = buckets_.back();
    Refill(last, now);
    if (last.tokens < static_cast<double>(per_minute_) && buckets_.size() <= max_buckets_) return;
    by_key_.erase(last.key);
    buckets_.pop_back();
  }
}

absl::Status SharedQuota::Take(ByteView device, ByteView organisation, absl::Time now, uint64_t amount) {
  RETURN_IF_ERROR(device_.Take(device, now, amount));
  absl::Status shared = organisation_.Take(organisation, now, amount);
  if (!shared.ok()) device_.Return(device, now, amount);
  return shared;
}

void SharedQuota::Charge(ByteView device, ByteView organisation, absl::Time now, uint64_t amount) {
  device_.Charge(device, now, amount);
  organisation_.Charge(organisation, now, amount);
}

}  // namespace seinpost::server
