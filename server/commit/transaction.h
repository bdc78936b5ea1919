// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_TRANSACTION_H_
#define SEINPOST_SERVER_COMMIT_TRANSACTION_H_

#include <optional>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "audit/commitment.h"
#include "audit/event.h"
#include "audit/search_index.h"
#include "server/realm/realm.h"
#include "storage/store.h"
#include "util/bytes.h"

namespace seinpost::server {

// An event ready to become a leaf: committed to and encoded before it reaches the commit thread, which has
// other things to do.
struct PreparedEvent {
  audit::CommittedEvent committed;
  Bytes opening;       // encoded
  Bytes request_hash;  // the event's, empty if it has none
  Digest leaf_hash{};
  absl::Time time;
  std::vector<audit::SearchTerm> terms;

  // kInternal: the event is out of bounds, which is a bug of ours.
  static absl::StatusOr<PreparedEvent> Make(audit::Event event);
};

// Transaction is the one batch that the commit thread is filling: state and leaves of several operations in
// their order. Whatever an operation puts is seen by the operations after it. Belongs to the commit thread.
class Transaction {
 public:
  explicit Transaction(const Store& store) : store_(store) {}

  // Adds the leaf and returns its index. After an error status() is set and the whole batch will be dropped.
  uint64_t Stage(Realm& realm, const PreparedEvent& event);
  uint64_t StageDirectoryLeaf(Realm& realm, const Digest& chain_hash);

  void Put(Family family, ByteView key, ByteView value);
  void Delete(Family family, ByteView key);
  // What was put in this batch, or else what is stored. kNotFound: neither. kDataLoss, kUnavailable: the
  // disk.
  absl::StatusOr<Bytes> Get(Family family, ByteView key) const;

  const absl::Status& status() const { return status_; }
  void Fail(const absl::Status& status);

  // For the sequencer: adds the heads and gives the batch; then one of the two.
  const Batch& Finish();
  void Committed();
  void Abandon();
  bool empty() const { return batch_.empty(); }
  size_t size_bytes() const { return batch_.size_bytes(); }

 private:
  uint64_t StageLeaf(Realm& realm, const audit::NewLeaf& leaf);

  const Store& store_;
  Batch batch_;
  // Rows that later operations of the batch may ask for: families kSignal, kNonce, kAttachment, kDevice,
  // kCase.
  std::unordered_map<Bytes, std::optional<Bytes>> written_;
  std::vector<Realm*> realms_;  // with staged leaves
  absl::Status status_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_TRANSACTION_H_
