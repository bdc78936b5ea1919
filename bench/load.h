// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_BENCH_LOAD_H_
#define SEINPOST_BENCH_LOAD_H_

#include <cstddef>
#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace seinpost::bench {

struct Load {
  double per_second = 0;
  absl::Duration p50, p99;
  absl::Duration cpu;  // that one call took of the process that makes them
};

// Starts call `index` and runs `done` once, with the call's outcome, when it is finished, on any thread.
using StartCall = std::function<void(size_t index, std::function<void(absl::Status)> done)>;

// Makes calls 0 … count-1, always `outstanding` at a time, and waits for all. Fails with the first call that
// failed. Whatever belongs to a call must be gone before its `done` runs: a context keeps its channel, and a
// channel whose last owner is one of gRPC's own threads takes that thread's queue away under it (gRPC 1.51
// aborts).
absl::StatusOr<Load> Drive(size_t count, size_t outstanding, const StartCall& start);

// CPU time of this process so far, all its threads. It says what a call costs also when the machine has other
// things to do.
absl::Duration CpuTime();

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_LOAD_H_
