// SPDX-License-Identifier: EUPL-1.2
#include "server/commit/over_quota.h"

#include <algorithm>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace seinpost::server {

namespace {
constexpr char kRetryUrl[] = "seinpost/retry-after-ms";
}  // namespace

absl::Status OverQuota(absl::Duration retry_after) {
  const int64_t milliseconds =
      std::max<int64_t>(1, absl::ToInt64Milliseconds(retry_after + absl::Microseconds(999)));
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
