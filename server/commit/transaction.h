// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_TRANSACTION_H_
#define SEINPOST_SERVER_COMMIT_TRANSACTION_H_

#include <optional>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audit/log.h"
#include "server/commit/participant.h"
#include "server/commit/prepared_event.h"
#include "storage/store.h"
#include "util/bytes.h"

namespace seinpost::server {

// Transaction is the one batch that the commit thread is filling: state and leaves of several operations in
// their order. Whatever an operation puts is seen by the operations after it. Belongs to the commit thread.
// Borrows the store, and every participant until the batch has ended.
class Transaction {
 public:
  explicit Transaction(const Store& store) : store_(store) {}

  // Adds a leaf to the participant's log and returns its index. After an error status() is set and the whole
  // batch will be dropped.
  uint64_t Stage(Participant& participant, const PreparedEvent& event);
  uint64_t StageDirectoryLeaf(Participant& participant, const Digest& chain_hash);

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
  uint64_t StageLeaf(Participant& participant, const audit::NewLeaf& leaf);

  const Store& store_;
  Batch batch_;
  // Rows that later operations of the batch may ask for: families kMeta, kSignal, kNonce, kAttachment,
  // kDevice, kCase.
  std::unordered_map<Bytes, std::optional<Bytes>> written_;
  std::vector<Participant*> participants_;  // with staged leaves
  absl::Status status_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_TRANSACTION_H_
