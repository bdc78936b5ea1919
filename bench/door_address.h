// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_BENCH_DOOR_ADDRESS_H_
#define SEINPOST_BENCH_DOOR_ADDRESS_H_

#include <string>

#include "absl/time/time.h"

namespace seinpost::bench {

// Where a server of a benchmark is reached.
struct Door {
  std::string address;      // "127.0.0.1:port"
  std::string certificate;  // PEM; the server's own, and all that is believed
  // What the server's clock is ahead of the machine's.
  absl::Duration ahead;
};

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_DOOR_ADDRESS_H_
