// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_RETENTION_EXPIRING_SIGNAL_H_
#define SEINPOST_SERVER_RETENTION_EXPIRING_SIGNAL_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/commit/operation.h"
#include "server/gate/context.h"
#include "server/rows/records.h"
#include "util/bytes.h"

namespace seinpost::server {

// ExpiringSignal destroys those parts of one signal that have expired, and with the last of them the signal:
// ciphertexts, wraps, attachments, mailbox rows, and what is known of who received and read it. One leaf,
// EXPIRED, in the same batch, names the parts and whose they were.
//
// Everything that has to be read is read by Prepare(), which is not for the commit thread. Only one operation
// about a signal may be under way. Nobody else changes rows of a signal that has been expired for a while
// (kGrace, retention.h): what was decided before that is committed by then.
class ExpiringSignal final : public Operation {
 public:
  // Of the signal that `due_key` speaks of, the parts that expired by `limit`. Null: nothing of it is left
  // that could expire, and `due_key` can go. kDataLoss: its rows are broken.
  static absl::StatusOr<std::unique_ptr<ExpiringSignal>> Prepare(const Context& context, Realm& realm,
                                                                 ByteView signal_id, const Bytes& due_key,
                                                                 absl::Time limit, absl::Time now,
                                                                 std::shared_ptr<void> running);

  void Apply(Transaction& transaction) override;
  void Committed() override { running_.reset(); }
  void Complete(const absl::Status& commit) override;
  size_t bytes() const override { return bytes_; }
  size_t rows() const { return deletes_.size() + puts_.size(); }
  size_t read_bytes() const { return read_bytes_; }

 private:
  struct Row {
    Family family;
    Bytes key, value;
  };
  ExpiringSignal(const Context& context, Realm& realm) : context_(context), realm_(realm) {}
  absl::Status Collect(ByteView signal_id, absl::Time limit, absl::Time now);

  const Context& context_;
  Realm& realm_;
  Bytes due_key_, signal_key_, signal_value_;
  std::vector<Row> deletes_, puts_;
  std::vector<Bytes> attachments_;  // by ct_hash
  absl::Time limit_;
  std::optional<SignalRemains> remains_;  // but for its EXPIRED leaf; absent: some parts stay
  std::optional<PreparedEvent> event_;
  size_t bytes_ = 0;
  size_t read_bytes_ = 0;
  std::shared_ptr<void> running_;  // dies when this is committed, or will not be
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RETENTION_EXPIRING_SIGNAL_H_
