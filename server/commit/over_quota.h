// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_OVER_QUOTA_H_
#define SEINPOST_SERVER_COMMIT_OVER_QUOTA_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace seinpost::server {

// kResourceExhausted with the time to wait, in the text and as RetryAfter(): whatever is refused because
// there is too much of it says when to come back. At least a millisecond.
absl::Status OverQuota(absl::Duration retry_after);
// The time to wait that a status carries; zero if none.
absl::Duration RetryAfter(const absl::Status& status);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_OVER_QUOTA_H_
