// SPDX-License-Identifier: EUPL-1.2
// `seinpostd check`: how the convenants of a broker that stands still stand.
#ifndef SEINPOST_SERVER_PROGRAM_CHECK_H_
#define SEINPOST_SERVER_PROGRAM_CHECK_H_

#include <vector>

#include "absl/status/statusor.h"
#include "server/program/config.h"
#include "server/realm/report.h"

namespace seinpost::server {

// Loads what a start would load, makes the start checks, and signs and changes nothing. In the order of the
// configuration. kNotFound: keys or database are not there yet. kUnavailable: a broker is running on them.
absl::StatusOr<std::vector<RealmReport>> CheckBroker(const ServerConfig& config);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_CHECK_H_
