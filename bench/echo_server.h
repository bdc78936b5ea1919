// SPDX-License-Identifier: EUPL-1.2
// The least that a call over TLS costs: 2 KiB there and back.
#ifndef SEINPOST_BENCH_ECHO_SERVER_H_
#define SEINPOST_BENCH_ECHO_SERVER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/load.h"
#include "bench/load_process.h"

namespace seinpost::bench {

// A certificate and key for 127.0.0.1, made by the openssl library for this process alone.
struct TlsPair {
  std::string certificate;  // PEM
  std::string key;          // PEM
};
TlsPair MakeTlsPair();

// A gRPC callback server over TLS that answers bytes with the same bytes.
class EchoServer {
 public:
  EchoServer();
  ~EchoServer();
  const Door& door() const { return door_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  Door door_;
};

// A client of it.
class EchoCaller {
 public:
  explicit EchoCaller(const Door& door);
  ~EchoCaller();
  absl::StatusOr<Load> Call(size_t count, size_t outstanding);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_ECHO_SERVER_H_
