// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_BENCH_SENDER_H_
#define SEINPOST_BENCH_SENDER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load.h"
#include "bench/load_process.h"
#include "seinpost/v1/signal.grpc.pb.h"
#include "tests/testing/network.h"

namespace seinpost::bench {

// The network of every benchmark. Two processes that make it get the same, with all keys.
test::TestNetwork Network();

// OK, or what gRPC said.
absl::Status FromGrpc(const grpc::Status& status);
std::shared_ptr<grpc::Channel> Connect(const Door& door);

// A sender is the device of the school's care coordinator in a session with a BrokerFixture: what a client
// does for a signal, without its profile. Thread-safe.
class Sender {
 public:
  static absl::StatusOr<std::unique_ptr<Sender>> Login(const Door& door);

  // `count` signals to the ward officer, L1, one narrative of at most 1 KiB, each about 2 KiB on the wire; on
  // the checkpoint that the broker publishes now. kFailedPrecondition: that one does not cover the network.
  absl::StatusOr<std::vector<v1::SubmitRequest>> Seal(size_t count) const;
  // Submits them all, `outstanding` at a time.
  absl::StatusOr<Load> Submit(std::span<const v1::SubmitRequest> requests, size_t outstanding) const;
  absl::StatusOr<v1::Receipt> SubmitOne(const v1::SubmitRequest& request) const;
  // Logs others in `count` times, one after the other, each over a connection of its own: one device may not
  // so often.
  absl::StatusOr<Load> LogIn(size_t count) const;
  // Of the session.
  const std::string& token() const { return token_; }

 private:
  explicit Sender(const Door& door);
  absl::StatusOr<std::string> LoginOver(const std::shared_ptr<grpc::Channel>& channel,
                                        const test::TestDevice& device) const;
  absl::StatusOr<Bytes> FetchCheckpoint() const;
  absl::Time Now() const;

  const Door door_;
  const absl::Duration ahead_;
  const test::TestNetwork network_;
  const test::TestDevice& device_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::SubmissionService::Stub> submission_;
  std::string token_;
};

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_SENDER_H_
