// SPDX-License-Identifier: EUPL-1.2
// A broker in the test's own process, with the Arnhem network enrolled: keys and anchor in a directory of its
// own, database in memory, simulated clock. Aborts on what must not fail.
#ifndef SEINPOST_TESTS_SERVER_HARNESS_H_
#define SEINPOST_TESTS_SERVER_HARNESS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "server/broker/broker.h"
#include "server/broker/refusal.h"
#include "storage/fault_file_system.h"
#include "tests/envelope/signals.h"
#include "tests/testing/network.h"
#include "util/clock.h"

namespace seinpost::test {

// Waits for the one answer of an asking method.
template <typename Reply>
absl::StatusOr<Reply> Await(const std::function<void(server::Done<Reply>)>& start) {
  absl::Notification answered;
  absl::StatusOr<Reply> answer = absl::UnknownError("not answered");
  start([&](absl::StatusOr<Reply> got) {
    answer = std::move(got);
    answered.Notify();
  });
  answered.WaitForNotification();
  return answer;
}

// The next message of a stream; nothing at its end.
template <typename Reply>
absl::StatusOr<std::optional<Reply>> Pull(server::Source<Reply>& source) {
  return Await<std::optional<Reply>>(
      [&](server::Done<std::optional<Reply>> done) { source.Next(std::move(done)); });
}

struct TestBrokerOptions {
  server::Limits limits;
  std::shared_ptr<FileSystemHandle> file_system;  // null: in memory
  bool enrolled = true;                           // convenant activated, everybody published
};

class TestBroker {
 public:
  explicit TestBroker(const TestBrokerOptions& options = {});
  ~TestBroker();

  TestNetwork& network() { return network_; }
  SimulatedClock& clock() { return clock_; }
  server::Broker& broker() { return *broker_; }
  server::Realm& realm() { return *broker_->realms().begin()->second; }
  const std::string& directory() const { return directory_; }
  // Stops and starts again on the same disk. kinds of failure: as Broker::Open.
  absl::Status Restart();
  void Stop() { broker_.reset(); }
  server::BrokerOptions BrokerOptionsNow() const;

  server::Session SessionOf(absl::string_view profile) const;
  // Hands objects to PublicationService, 64 at a time.
  absl::Status Publish(const std::vector<Bytes>& objects);

  // A fresh published checkpoint's note.
  Bytes Checkpoint();
  // `plan` sealed by `profile` now, on a fresh checkpoint.
  envelope::SealedSignal Seal(envelope::SignalPlan plan, absl::string_view profile = kSender);
  absl::StatusOr<v1::SubmitReply> Submit(const v1::Envelope& envelope, absl::string_view profile = kSender);
  absl::Status Upload(const Bytes& ct_hash, const Bytes& bytes, absl::string_view profile = kSender);

  v1::OpenStatement OpenStatementOf(const v1::Envelope& envelope, uint32_t part, absl::string_view profile);
  absl::StatusOr<v1::OpenReply> Open(const v1::OpenStatement& statement, absl::string_view profile);
  absl::StatusOr<std::shared_ptr<server::Source<v1::Delivery>>> Subscribe(absl::string_view profile,
                                                                          uint64_t cursor = 0);
  // All deliveries up to the marker.
  std::vector<v1::Delivery> Backlog(absl::string_view profile, uint64_t cursor = 0);

  uint64_t LogSize() { return realm().log().head().size; }
  // The event of a leaf; nothing for a directory leaf.
  std::optional<audit::Event> EventAt(uint64_t index);
  // "DECISION_DENY LEVEL_EXCEEDED" of the last leaf.
  std::string LastEvent();

 private:
  TestNetwork network_;
  SimulatedClock clock_;
  const TestBrokerOptions options_;
  std::string directory_;
  std::shared_ptr<FileSystemHandle> file_system_;
  std::unique_ptr<server::Broker> broker_;
};

// Makes keys of a broker for `network` in `directory`/keys.
void WriteBrokerKeys(const TestNetwork& network, const std::string& directory);
server::HostedConvenant HostedOf(const TestNetwork& network);
// A directory of its own below the test's temporary directory; not deleted when the process dies.
std::string MakeTemporaryDirectory();

// The codes of a refusal, in order; empty if `status` is none.
std::vector<std::string> CodesOf(const absl::Status& status);

// A statement signed by a device.
template <typename Request, typename Statement>
Request Signed(const Statement& statement, absl::string_view label, const TestDevice& device) {
  Request request;
  request.set_statement(statement.SerializeAsString());
  request.set_signature(crypto::Sign(device.key, label, request.statement()));
  return request;
}

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_SERVER_HARNESS_H_
