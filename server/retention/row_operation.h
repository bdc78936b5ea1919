// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_RETENTION_ROW_OPERATION_H_
#define SEINPOST_SERVER_RETENTION_ROW_OPERATION_H_

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/commit/operation.h"
#include "server/gate/context.h"
#include "server/rows/due_records.h"
#include "util/bytes.h"

namespace seinpost::server {

// RowOperation changes rows that no leaf tells of: what is due, and what ends with something that a leaf told
// of already. Filled on one thread, then handed to the sequencer.
class RowOperation final : public Operation {
 public:
  // `running` dies when this is committed, or will not be; may be null.
  RowOperation(const Context& context, Realm& realm, std::shared_ptr<void> running)
      : context_(context), realm_(realm), running_(std::move(running)) {}

  void Put(Family family, ByteView key, ByteView value) {
    puts_.push_back({family, Bytes(key), Bytes(value)});
  }
  void Delete(Family family, ByteView key) { deletes_.push_back({family, Bytes(key), {}}); }
  // An attachment or a case, perhaps of an earlier version, stays until then at least.
  void KeepAttachment(ByteView ct_hash, absl::Time until) { attachments_.push_back({Bytes(ct_hash), until}); }
  void KeepCase(ByteView case_ref, absl::Time until) { cases_.push_back({Bytes(case_ref), until}); }
  // Deletes what `name` speaks of, whatever lies there by then, if that is not to stay beyond `limit`; and
  // the due row. Not for DueKind::kParts.
  void Expire(const Bytes& due_key, const DueName& name, absl::Time limit) {
    expired_.push_back({due_key, name, limit});
  }
  bool empty() const {
    return puts_.empty() && deletes_.empty() && attachments_.empty() && cases_.empty() && expired_.empty();
  }

  void Apply(Transaction& transaction) override;
  void Committed() override { running_.reset(); }
  void Complete(const absl::Status& commit) override;
  size_t bytes() const override;

 private:
  struct Row {
    Family family;
    Bytes key, value;
  };
  struct Kept {
    Bytes name;
    absl::Time until;
  };
  struct Expired {
    Bytes due_key;
    DueName name;
    absl::Time limit;
  };
  absl::Status ApplyExpired(Transaction& transaction, const Expired& expired);
  absl::Status ApplyAttachment(Transaction& transaction, const Kept& kept);
  absl::Status ApplyCase(Transaction& transaction, const Kept& kept);

  const Context& context_;
  Realm& realm_;
  std::shared_ptr<void> running_;
  std::vector<Row> puts_, deletes_;
  std::vector<Kept> attachments_, cases_;
  std::vector<Expired> expired_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RETENTION_ROW_OPERATION_H_
