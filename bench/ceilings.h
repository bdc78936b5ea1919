// SPDX-License-Identifier: EUPL-1.2
// What the machine can do at best, measured in the same run as what is compared with it.
#ifndef SEINPOST_BENCH_CEILINGS_H_
#define SEINPOST_BENCH_CEILINGS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/load.h"

namespace seinpost::bench {

// A certificate and key for 127.0.0.1, made by the openssl library for this process alone.
struct TlsPair {
  std::string certificate;  // PEM
  std::string key;          // PEM
};
TlsPair MakeTlsPair();

// A gRPC callback server over TLS that answers bytes with the same bytes, with a client in this process.
class EchoServer {
 public:
  EchoServer();
  ~EchoServer();
  // Echoes `payload_bytes` bytes.
  absl::StatusOr<Load> Measure(size_t count, size_t outstanding, size_t payload_bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Ed25519 verifications of `message_bytes` a second, on `threads` threads at once.
double VerifyRate(int threads, size_t message_bytes);

// Median time of one synced RocksDB put of 1 KiB by one writer, in a fresh database below `directory`.
absl::StatusOr<absl::Duration> SyncedPutTime(const std::string& directory, int puts);

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_CEILINGS_H_
