// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_PROFILE_DISK_H_
#define SEINPOST_CLIENT_PROFILE_DISK_H_

#include <utility>

#include "absl/status/status.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// What util/secure_file.h says of the disk, as a command says it: a failure (exit 1), not an unreachable
// broker.
inline absl::Status DiskError(absl::Status status) { return WithExit(std::move(status), kFailed); }

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_PROFILE_DISK_H_
