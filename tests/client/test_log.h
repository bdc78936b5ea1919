// SPDX-License-Identifier: EUPL-1.2
// A log and a broker for the client's tests, without a network: a real Merkle tree that holds a TestNetwork's
// directory and whatever events are put in, and a Connection that answers from it. It is honest until a test
// spoils an answer.
//
// For tests only: aborts on errors. Not thread-safe.
#ifndef SEINPOST_TESTS_CLIENT_TEST_LOG_H_
#define SEINPOST_TESTS_CLIENT_TEST_LOG_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "audit/event.h"
#include "client/broker/connection.h"
#include "tests/testing/network.h"
#include "util/clock.h"

namespace seinpost::test {

class TestLog {
 public:
  // Borrows the network and takes in what its directory holds.
  explicit TestLog(const TestNetwork& network) : network_(&network) { TakeObjects(); }

  // Gives leaves to what the network's directory has grown by.
  void TakeObjects();
  uint64_t Append(const Digest& leaf_hash);
  uint64_t size() const { return leaves_.size(); }
  // Forgets the leaves from `size` on, and that the objects in them were taken in.
  void Truncate(uint64_t size);
  // Replaces a leaf: the history is another one from there.
  void Rewrite(uint64_t index, const Digest& leaf_hash) { leaves_.at(index) = leaf_hash; }

  // A checkpoint of the first `size` leaves, all if not given, by the log key in force.
  Bytes Note(absl::Time time, std::optional<uint64_t> size = std::nullopt) const;
  Digest Root(uint64_t size) const;
  // Logs an event with this request hash and gives its receipt: as the caller of a mutating call gets it
  // (`own`), or as a recipient.
  // `tell` may say more of the event.
  v1::Receipt Log(const Digest& request_hash, bool own, absl::Time time,
                  const std::function<void(audit::Event&)>& tell = nullptr);
  // A receipt for a leaf that is there or not, by any key.
  v1::Receipt Receipt(const Digest& request_hash, uint64_t index, const Digest& leaf_hash,
                      absl::Time time) const;

  const std::vector<uint64_t>& leaf_indexes() const { return leaf_indexes_; }
  const Digest& leaf(uint64_t index) const { return leaves_.at(index); }
  std::vector<Digest> ProveInclusion(uint64_t index, uint64_t size) const;
  std::vector<Digest> ProveConsistency(uint64_t size1, uint64_t size2) const;

 private:
  const TestNetwork* network_;
  std::vector<Digest> leaves_;
  std::vector<uint64_t> leaf_indexes_;  // of the network's objects
  std::vector<Digest> chain_;
};

// What a broker would answer. Every client that Connect()s sees the same.
class FakeBroker {
 public:
  FakeBroker(TestNetwork& network, TestLog& log, const Clock& clock)
      : network_(network), log_(log), clock_(clock) {}

  std::unique_ptr<client::Connection> Connect();

  // Set by tests.
  bool down = false;
  absl::Duration clock_behind;              // of the broker's clock
  absl::Duration note_age;                  // of the checkpoint that comes with the directory
  std::optional<uint64_t> note_size;        // else all
  std::optional<uint64_t> directory_limit;  // shows only so many objects
  std::function<void(v1::GetDirectoryReply&)> spoil_directory;
  std::function<void(v1::GetConvenantReply&)> spoil_convenant;
  std::function<absl::Status(uint64_t, uint64_t, v1::ProveConsistencyReply&)> spoil_consistency;
  std::function<absl::Status(v1::ProveInclusionReply&)> spoil_inclusion;
  std::function<void(v1::PublishReply&)> spoil_publish;
  std::function<void(v1::ProvePublishedReply&)> spoil_published;
  bool drops_publications = false;    // says that it took them, and did not
  std::vector<v1::Delivery> mailbox;  // what Subscribe gives
  // Asked once all of the mailbox was given: how the stream ends.
  std::function<absl::Status()> end_stream;
  std::vector<v1::SignedDelivered> statements;   // what GetDelivered gives
  std::function<absl::Status()> refuse_confirm;  // asked before each ConfirmDelivery
  std::function<absl::Status(const v1::DeliveredStatement&)> refuse_statement;  // all of them, for one
  std::function<void(v1::ConfirmDeliveryReply&)> spoil_confirm;
  std::function<absl::Status()> refuse_submit;  // asked before a signal is taken in that is not there yet
  std::function<absl::Status()> lose_submit;    // asked after that: the answer is lost
  std::function<absl::Status()> lose_upload;

  // What was asked.
  std::vector<v1::SignedDelivered> confirmed;
  std::map<Bytes, v1::Receipt> submitted;  // by header
  int submits = 0;
  std::vector<Bytes> uploaded;  // hashes
  int consistency_proofs = 0;
  int publications = 0;

 private:
  friend class FakeConnection;
  struct LoggedDelivery {
    v1::SignedDelivered statement;
    v1::Receipt receipt;
  };
  std::map<Bytes, LoggedDelivery> logged_;  // by signal and device, the first
  TestNetwork& network_;
  TestLog& log_;
  const Clock& clock_;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_CLIENT_TEST_LOG_H_
