// SPDX-License-Identifier: EUPL-1.2
// How many connections the broker holds, and how many files the process may open. A connection takes one
// descriptor, one without a session two; what the store may open is kept apart from both, so that strangers'
// sockets never compete with it.
#ifndef SEINPOST_SERVER_GRPC_BOUNDS_H_
#define SEINPOST_SERVER_GRPC_BOUNDS_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"

namespace seinpost::server {

struct DoorBounds {
  uint32_t connections = 12'000;   // in all
  uint32_t per_address = 512;      // of one IPv4 address or IPv6 /64: a school has one
  uint32_t without_session = 600;  // of `connections`
};

// What a configuration asks for. Nothing: as DoorBounds, or as many as the limit of files leaves.
struct DoorWish {
  std::optional<uint32_t> connections = std::nullopt;
  std::optional<uint32_t> per_address = std::nullopt;
  std::optional<uint32_t> without_session = std::nullopt;
};

// Descriptors that are not for connections: the store's, the anchor's, the log's, the metrics' and the
// probe's.
inline constexpr uint64_t kFilesApart = 512;
// With fewer connections than this a broker is not worth starting.
inline constexpr uint64_t kFewestConnections = 64;

// Raises the soft limit of open files to the hard one, as far as the system lets it; returns what it is now.
uint64_t RaiseFileLimit();

// The bounds for a process that may open `files`. What was asked for is never cut down: kInvalidArgument, one
// sentence that says what to do, if it does not fit, or if so few files leave nothing worth having.
absl::StatusOr<DoorBounds> FitBounds(const DoorWish& wish, uint64_t files);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GRPC_BOUNDS_H_
