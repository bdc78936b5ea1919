// SPDX-License-Identifier: EUPL-1.2
// A broker in the test's own process, with the example network enrolled: keys and anchor in a directory of
// its own, database in memory, simulated clock. Aborts on what must not fail.
#ifndef SEINPOST_TESTS_SERVER_HARNESS_H_
#define SEINPOST_TESTS_SERVER_HARNESS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "envelope/rewrap.h"
#include "seinpost/v1/device.pb.h"
#include "server/broker/broker.h"
#include "server/gate/refusal.h"
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

// Whether kSender may send kReader a narrative in core@school-a, at L1: as SmallPlan() does.
v1::DecideSendRequest SmallQuestion();
// The core of a sealed signal.
v1::Core CoreOf(const v1::Envelope& envelope);
// The envelope as it was verified by what its sender had seen.
envelope::VerifiedHeader Verified(const v1::Envelope& envelope, const trust::Directory& directory);
// `device` asks for the key of a part; the secret of its one-off prekey is OneOffPair(). `giver` answers.
v1::AskRewrapRequest MakeAsk(const v1::Envelope& envelope, v1::PartKind kind,
                             const trust::Directory& directory, const TestDevice& device, absl::Time now);
v1::GiveRewrapRequest MakeGive(const v1::AskRewrapRequest& asked, const v1::Envelope& envelope,
                               v1::PartKind kind, const trust::Directory& directory, const TestDevice& giver,
                               absl::Time now);
crypto::HpkeKeyPair OneOffPair();

struct TestBrokerOptions {
  server::Limits limits;
  std::shared_ptr<FileSystemHandle> file_system;    // null: in memory
  bool enrolled = true;                             // convenant activated, everybody published
  std::function<TestNetwork()> network = nullptr;   // null: the example at AnyTime
  server::FreeSpace::Measure free_space = nullptr;  // null: as much as one likes
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

  // The first device of a member, or any.
  server::Session SessionOf(absl::string_view profile) const { return SessionOf(network_.device(profile)); }
  server::Session SessionOf(const TestDevice& device) const;
  // Hands objects to PublicationService, 64 at a time; a convenant to ConvenantService.
  absl::Status Publish(const std::vector<Bytes>& objects);
  // The same with what is made next by the network's own numbers: puts it in force there too.
  absl::Status PutInForce(const Bytes& object);
  // Enrols another device of a member.
  const TestDevice& AddDevice(absl::string_view profile);

  // A fresh published checkpoint's note.
  Bytes Checkpoint();
  // `plan` sealed by `profile` now, on a fresh checkpoint.
  envelope::SealedSignal Seal(envelope::SignalPlan plan, absl::string_view profile = kSender);
  absl::StatusOr<v1::SubmitReply> Submit(const v1::Envelope& envelope, absl::string_view profile = kSender);
  absl::Status Upload(const Bytes& ct_hash, const Bytes& bytes, absl::string_view profile = kSender);

  v1::OpenStatement OpenStatementOf(const v1::Envelope& envelope, uint32_t part, absl::string_view profile) {
    return OpenStatementOf(envelope, part, network_.device(profile));
  }
  v1::OpenStatement OpenStatementOf(const v1::Envelope& envelope, uint32_t part, const TestDevice& device);
  absl::StatusOr<v1::OpenReply> Open(const v1::OpenStatement& statement, absl::string_view profile) {
    return Open(statement, network_.device(profile));
  }
  absl::StatusOr<v1::OpenReply> Open(const v1::OpenStatement& statement, const TestDevice& device);
  absl::StatusOr<std::shared_ptr<server::Source<v1::Delivery>>> Subscribe(absl::string_view profile,
                                                                          uint64_t cursor = 0);
  v1::DeliveredStatement DeliveredOf(const v1::Envelope& envelope, const TestDevice& device);
  absl::StatusOr<v1::ConfirmDeliveryReply> Confirm(const std::vector<v1::DeliveredStatement>& statements,
                                                   const TestDevice& device);

  // A request and an answer as below, by the directory and the clock of now.
  v1::AskRewrapRequest RewrapRequestOf(const v1::Envelope& envelope, v1::PartKind kind,
                                       const TestDevice& device) {
    return MakeAsk(envelope, kind, *realm().directory(), device, clock_.Now());
  }
  v1::GiveRewrapRequest RewrapOf(const v1::AskRewrapRequest& asked, const v1::Envelope& envelope,
                                 v1::PartKind kind, const TestDevice& giver) {
    return MakeGive(asked, envelope, kind, *realm().directory(), giver, clock_.Now());
  }
  absl::StatusOr<v1::AskRewrapReply> Ask(const v1::AskRewrapRequest& request, const TestDevice& device);
  absl::StatusOr<v1::GiveRewrapReply> Give(const v1::GiveRewrapRequest& request, const TestDevice& device);

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
// For brokers that lie where there is little, as in memory.
server::FreeSpace::Measure AnyFreeSpace();
// A broker of the keys, data and anchor in `place`, on a disk with room, which does its maintenance only when
// told to.
server::BrokerOptions OptionsIn(const TestNetwork& network, const std::string& place,
                                std::shared_ptr<FileSystemHandle> files = nullptr);
// A directory of its own below the test's temporary directory; not deleted when the process dies.
std::string MakeTemporaryDirectory();

// The codes of a refusal, in order; empty if `status` is none.
std::vector<std::string> CodesOf(const absl::Status& status);

// Everything a stream has to give, up to its end.
template <typename Reply>
absl::StatusOr<std::vector<Reply>> PullAll(
    const std::function<void(server::Done<std::shared_ptr<server::Source<Reply>>>)>& start) {
  const absl::StatusOr<std::shared_ptr<server::Source<Reply>>> source =
      Await<std::shared_ptr<server::Source<Reply>>>(start);
  if (!source.ok()) return source.status();
  std::vector<Reply> replies;
  while (true) {
    absl::StatusOr<std::optional<Reply>> next = Pull(**source);
    if (!next.ok()) return next.status();
    if (!*next) return replies;
    replies.push_back(**std::move(next));
  }
}

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
