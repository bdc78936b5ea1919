// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_BENCH_BROKER_FIXTURE_H_
#define SEINPOST_BENCH_BROKER_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load.h"
#include "seinpost/v1/signal.grpc.pb.h"
#include "server/broker/broker.h"
#include "server/grpc/grpc_server.h"
#include "tests/testing/network.h"
#include "util/clock.h"

namespace seinpost::bench {

// A real broker on loopback with the example convenant in force: TLS, RocksDB on disk, every check on, quotas
// off. Its files lie below build/ and go when it dies.
class BrokerFixture {
 public:
  static absl::StatusOr<std::unique_ptr<BrokerFixture>> Start();
  ~BrokerFixture();

  // `count` signals from the school's care coordinator to the ward officer, L1, one narrative of at most 1
  // KiB, each about 2 KiB on the wire.
  absl::StatusOr<std::vector<v1::SubmitRequest>> Seal(size_t count);
  // Submits them all, `outstanding` at a time.
  absl::StatusOr<Load> Submit(const std::vector<v1::SubmitRequest>& requests, size_t outstanding);
  absl::StatusOr<v1::Receipt> SubmitOne(const v1::SubmitRequest& request);

  const std::string& directory() const { return directory_; }
  // Of everything so far.
  struct Syncs {
    double syncs = 0, requests = 0;
  };
  Syncs CountSyncs() const;

 private:
  explicit BrokerFixture(test::TestNetwork network) : network_(std::move(network)) {}
  absl::Status StartServer();
  absl::Status Publish();
  absl::Status Login(const test::TestDevice& device);
  absl::StatusOr<Bytes> FetchCheckpoint();

  SystemClock clock_;
  test::TestNetwork network_;
  std::string directory_;
  std::unique_ptr<server::Broker> broker_;
  std::unique_ptr<server::GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::SubmissionService::Stub> submission_;
  std::string token_;
};

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_BROKER_FIXTURE_H_
