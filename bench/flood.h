// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_BENCH_FLOOD_H_
#define SEINPOST_BENCH_FLOOD_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "bench/door_address.h"

namespace seinpost::bench {

// What strangers do to a broker's port, and one thing that members do. Each comes from addresses in
// 127.0.0.0/8.
enum class Flood {
  kConnections,       // so many plain connections that say nothing
  kTls,               // so many of TLS that ask nothing
  kUnreadReplies,     // so many calls of GetConvenant on one connection, with no window for their replies
  kHalfSentRequests,  // so many calls of Publish that send 60 KiB of a megabyte, eight a connection
  kWithoutSession,    // so many calls of Submit with 60 KiB of three megabytes, a hundred a connection
  kChallenges,        // challenges without end, so many at a time
  kMembers,           // so many connections of members, each after one call with a session
};

// Stands when this returns, and goes when the last owner of the result lets go of it.
absl::StatusOr<std::shared_ptr<void>> StartFlood(Flood flood, const Door& door, size_t size);

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_FLOOD_H_
