// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_BENCH_BROKER_FIXTURE_H_
#define SEINPOST_BENCH_BROKER_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/load_process.h"
#include "server/broker/broker.h"
#include "server/grpc/grpc_server.h"
#include "tests/testing/network.h"
#include "util/clock.h"

namespace seinpost::bench {

// The machine's clock, shifted. The network of the benchmarks begins at one moment for ever, so that no
// convenant or mandate in it runs out.
class ShiftedClock final : public Clock {
 public:
  explicit ShiftedClock(absl::Time start) : ahead_(start - absl::Now()) {}
  absl::Time Now() const override { return absl::Now() + ahead_; }
  absl::Duration ahead() const { return ahead_; }

 private:
  const absl::Duration ahead_;
};

// A real broker on loopback with the example convenant in force: TLS, RocksDB on disk, every check on, quotas
// off. Its files lie below build/ and go when it dies.
class BrokerFixture {
 public:
  // Whatever is in the network is published and covered by a checkpoint when this returns.
  static absl::StatusOr<std::unique_ptr<BrokerFixture>> Start();
  ~BrokerFixture();

  const Door& door() const { return door_; }
  const std::string& directory() const { return directory_; }
  // Of everything so far.
  struct Syncs {
    double syncs = 0, requests = 0;
  };
  Syncs CountSyncs() const;

 private:
  BrokerFixture();
  absl::Status StartServer(const test::TestNetwork& network);
  absl::Status Publish(const test::TestNetwork& network);

  const ShiftedClock clock_;
  std::string directory_;
  std::unique_ptr<server::Broker> broker_;
  std::unique_ptr<server::GrpcServer> server_;
  Door door_;
};

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_BROKER_FIXTURE_H_
