// SPDX-License-Identifier: EUPL-1.2
// Who else on the machine could read the keys of a broker, or change what it goes by.
#ifndef SEINPOST_SERVER_PROGRAM_PLACES_H_
#define SEINPOST_SERVER_PROGRAM_PLACES_H_

#include <string>

#include "absl/status/status.h"
#include "server/program/config.h"

namespace seinpost::server {

// kInvalidArgument, with the command that mends it: a file in keys_dir, or the key of TLS wherever it lies,
// can be read or written by group or others; data_dir, keys_dir, anchor_dir or a directory in keys_dir can be
// written by them. What is not there passes.
absl::Status CheckPlaces(const ServerConfig& config);

// The same for one directory that only its owner may write.
absl::Status CheckOwnDirectory(const std::string& path);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_PLACES_H_
