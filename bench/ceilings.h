// SPDX-License-Identifier: EUPL-1.2
// What the machine can do at best, measured in the same run as what is compared with it.
#ifndef SEINPOST_BENCH_CEILINGS_H_
#define SEINPOST_BENCH_CEILINGS_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/report.h"

namespace seinpost::bench {

// Ed25519 verifications of 2 KiB a second, on `threads` threads at once.
double VerifyRate(int threads, const Options& options);

// Median time of one synced RocksDB put of 1 KiB by one writer, in a fresh database below `directory`.
absl::StatusOr<absl::Duration> SyncedPutTime(const std::string& directory, size_t puts);

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_CEILINGS_H_
