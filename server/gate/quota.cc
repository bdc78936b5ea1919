// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/quota.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace seinpost::server {

namespace {
constexpr char kRetryUrl[] = "seinpost/retry-after-ms";
}  // namespace

absl::Status Quota::Take(ByteView key, absl::Time now) {
  if (per_minute_ == 0) return absl::OkStatus();
  const double full = per_minute_;
  absl::MutexLock lock(&mutex_);
  if (now - forgotten_at_ >= absl::Minutes(1)) ForgetFull(now);
  auto found = buckets_.find(key);
  if (found == buckets_.end()) found = buckets_.emplace(Bytes(key), Bucket{full, now}).first;
  Bucket& bucket = found->second;
  // A clock set back refills nothing.
  const double minutes = absl::ToDoubleMinutes(std::max(now - bucket.at, absl::ZeroDuration()));
  bucket.tokens = std::min(full, bucket.tokens + minutes * full);
  bucket.at = std::max(now, bucket.at);
  if (bucket.tokens < 1) return OverQuota(absl::Minutes((1 - bucket.tokens) / full));
  bucket.tokens -= 1;
  return absl::OkStatus();
}

void Quota::ForgetFull(absl::Time now) {
  forgotten_at_ = now;
  for (auto it = buckets_.begin(); it != buckets_.end();) {
    it = now - it->second.at >= absl::Minutes(1) ? buckets_.erase(it) : std::next(it);
  }
}

absl::Status OverQuota(absl::Duration retry_after) {
  const int64_t milliseconds = std::max<int64_t>(1, absl::ToInt64Milliseconds(retry_after));
  absl::Status status =
      absl::ResourceExhaustedError(absl::StrCat("over quota, retry in ", milliseconds, " ms"));
  status.SetPayload(kRetryUrl, absl::Cord(absl::StrCat(milliseconds)));
  return status;
}

absl::Duration RetryAfter(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kRetryUrl);
  int64_t milliseconds = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &milliseconds)) {
    return absl::ZeroDuration();
  }
  return absl::Milliseconds(milliseconds);
}

}  // namespace seinpost::server
