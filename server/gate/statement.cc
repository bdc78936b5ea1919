// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/statement.h"

#include "absl/strings/str_cat.h"
#include "crypto/sign.h"
#include "server/rows/records.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::server {

absl::Status CheckSigned(const Caller& caller, absl::string_view label, ByteView statement,
                         ByteView signature, const StatementFields& fields) {
  if (fields.convenant_id != caller.realm->id()) {
    return absl::InvalidArgumentError(
        absl::StrCat(fields.name, ".convenant_id: not the convenant of this session"));
  }
  if (fields.device_id != caller.device->id) {
    return absl::InvalidArgumentError(
        absl::StrCat(fields.name, ".device_id: not the device of this session"));
  }
  if (!crypto::Verify(caller.device->sig_pk, label, statement, signature).ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("signature: not that of this device over this ", fields.name));
  }
  return absl::OkStatus();
}

absl::Status CheckStatement(const Caller& caller, absl::string_view label, ByteView statement,
                            ByteView signature, const StatementFields& fields, absl::Time now) {
  if (fields.nonce) {
    RETURN_IF_ERROR(trust::CheckSize(*fields.nonce, trust::kIdBytes, absl::StrCat(fields.name, ".nonce")));
  }
  ASSIGN_OR_RETURN(const absl::Time time, trust::CheckTime(fields.time, absl::StrCat(fields.name, ".time")));
  if (time - now > kStatementWindow || now - time > kStatementWindow) {
    return absl::FailedPreconditionError(
        absl::StrCat(fields.name, ".time: not within 5 minutes of the broker's clock"));
  }
  return CheckSigned(caller, label, statement, signature, fields);
}

// A statement is taken for five minutes before and after its time, so it can come again for ten: two buckets.
absl::Status UseNonce(Transaction& transaction, const Realm& realm, ByteView device_id, ByteView nonce,
                      absl::Time now) {
  const uint64_t bucket = NonceBucket(now);
  for (const uint64_t seen : {bucket, bucket - 1}) {
    const absl::Status found =
        transaction.Get(Family::kNonce, NonceKey(realm.prefix(), seen, device_id, nonce)).status();
    if (found.ok()) return absl::AlreadyExistsError("statement.nonce: was used before");
    if (!absl::IsNotFound(found)) return found;
  }
  transaction.Put(Family::kNonce, NonceKey(realm.prefix(), bucket, device_id, nonce), {});
  return absl::OkStatus();
}

}  // namespace seinpost::server
