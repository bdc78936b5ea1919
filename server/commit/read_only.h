// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_READ_ONLY_H_
#define SEINPOST_SERVER_COMMIT_READ_ONLY_H_

#include "absl/status/status.h"

namespace seinpost::server {

// kUnavailable, in neutral words: nothing can be stored now, whatever the cause, which is not for members.
// Calls that end with it carry kConditionMetadata with the value kReadOnlyCondition (rpc/rpc.h).
absl::Status ReadOnly();
bool IsReadOnly(const absl::Status& status);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_READ_ONLY_H_
