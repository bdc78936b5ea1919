// SPDX-License-Identifier: EUPL-1.2
#include "server/retention/row_operation.h"

#include <algorithm>
#include <optional>

#include "seinpost/v1/device.pb.h"
#include "server/rows/device_records.h"
#include "server/rows/records.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

// The row, or nothing.
absl::StatusOr<std::optional<Bytes>> FindRow(const Transaction& transaction, Family family,
                                             const Bytes& key) {
  absl::StatusOr<Bytes> row = transaction.Get(family, key);
  if (absl::IsNotFound(row.status())) return std::optional<Bytes>();
  RETURN_IF_ERROR(row.status());
  return std::optional<Bytes>(*std::move(row));
}

// Whether the statement in a row of kDevice expires after `limit`: a newer one took the place of what was
// due. What cannot be read is not kept.
template <typename Message>
bool ExpiresAfter(ByteView row_bytes, absl::Time limit) {
  const absl::StatusOr<LoggedStatement> row = LoggedStatement::Decode(row_bytes);
  Message message;
  return row.ok() && message.ParseFromString(row->statement) &&
         absl::FromUnixSeconds(message.expires()) > limit;
}

}  // namespace

size_t RowOperation::bytes() const {
  return Operation::bytes() +
         128 * (puts_.size() + deletes_.size() + attachments_.size() + cases_.size() + 2 * expired_.size());
}

// A row that cannot be read stops no other: it is told of and left.
void RowOperation::Apply(Transaction& transaction) {
  const auto tell = [this](const absl::Status& status) {
    if (!status.ok()) context_.metrics.UnexpectedError("destroying what has expired", status);
  };
  for (const Row& row : puts_) transaction.Put(row.family, row.key, row.value);
  for (const Row& row : deletes_) transaction.Delete(row.family, row.key);
  for (const Expired& expired : expired_) tell(ApplyExpired(transaction, expired));
  for (const Kept& kept : attachments_) tell(ApplyAttachment(transaction, kept));
  for (const Kept& kept : cases_) tell(ApplyCase(transaction, kept));
}

absl::Status RowOperation::ApplyExpired(Transaction& transaction, const Expired& expired) {
  const Bytes& prefix = realm_.prefix();
  const DueName& name = expired.name;
  transaction.Delete(Family::kMeta, expired.due_key);
  if (name.kind == DueKind::kCase) {
    const Bytes key = CaseKey(prefix, name.of);
    ASSIGN_OR_RETURN(const std::optional<Bytes> row, FindRow(transaction, Family::kCase, key));
    if (!row) return absl::OkStatus();
    ASSIGN_OR_RETURN(const CaseRow of, CaseRow::Decode(*row));
    if (of.keep_until <= expired.limit) transaction.Delete(Family::kCase, key);
    return absl::OkStatus();
  }
  if (name.kind == DueKind::kRemains) {
    const Bytes key = SignalKey(prefix, name.of);
    ASSIGN_OR_RETURN(const std::optional<Bytes> row, FindRow(transaction, Family::kSignal, key));
    if (row && SignalRemains::Decode(*row).ok()) transaction.Delete(Family::kSignal, key);
    return absl::OkStatus();
  }
  const absl::StatusOr<DevicePart> of = ParseDevicePart(name.of);
  if (!of.ok()) return absl::OkStatus();  // nothing that this version wrote
  const bool request = name.kind == DueKind::kRequest;
  const Bytes key = request ? RewrapRequestKey(prefix, *of) : RewrapKey(prefix, *of);
  ASSIGN_OR_RETURN(const std::optional<Bytes> row, FindRow(transaction, Family::kDevice, key));
  if (!row) return absl::OkStatus();
  if (request ? ExpiresAfter<v1::RewrapRequest>(*row, expired.limit)
              : ExpiresAfter<v1::Rewrap>(*row, expired.limit)) {
    return absl::OkStatus();
  }
  transaction.Delete(Family::kDevice, key);
  if (!request) transaction.Delete(Family::kDevice, ReleasedKey(prefix, *of));
  return absl::OkStatus();
}

absl::Status RowOperation::ApplyAttachment(Transaction& transaction, const Kept& kept) {
  const Bytes key = AttachmentKey(realm_.prefix(), kept.name);
  ASSIGN_OR_RETURN(const std::optional<Bytes> row, FindRow(transaction, Family::kAttachment, key));
  if (!row) return absl::OkStatus();
  ASSIGN_OR_RETURN(AttachmentRow attachment, AttachmentRow::Decode(*row));
  if (attachment.keep_until >= kept.until) return absl::OkStatus();
  attachment.keep_until = kept.until;
  transaction.Put(Family::kAttachment, key, attachment.Encode());
  return absl::OkStatus();
}

absl::Status RowOperation::ApplyCase(Transaction& transaction, const Kept& kept) {
  const Bytes& prefix = realm_.prefix();
  const Bytes key = CaseKey(prefix, kept.name);
  ASSIGN_OR_RETURN(const std::optional<Bytes> row, FindRow(transaction, Family::kCase, key));
  if (!row) return absl::OkStatus();
  ASSIGN_OR_RETURN(CaseRow of, CaseRow::Decode(*row));
  if (of.keep_until >= kept.until) return absl::OkStatus();
  of.keep_until = kept.until;
  transaction.Put(Family::kCase, key, of.Encode());
  transaction.Put(Family::kMeta, DueKey(prefix, kept.until, DueKind::kCase, kept.name), "");
  return absl::OkStatus();
}

void RowOperation::Complete(const absl::Status& commit) {
  if (!commit.ok() && !absl::IsResourceExhausted(commit)) {
    context_.metrics.UnexpectedError("destroying what has expired", commit);
  }
}

}  // namespace seinpost::server
