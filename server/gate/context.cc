// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/context.h"

#include "absl/strings/str_cat.h"
#include "crypto/sign.h"
#include "server/rows/records.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::server {

absl::StatusOr<Caller> FindCaller(const Context& context, const Session& session, absl::Time now) {
  const auto realm = context.realms.find(session.convenant_id);
  if (realm == context.realms.end()) return absl::UnauthenticatedError("no valid session");
  Caller caller{realm->second.get(), realm->second->directory(), nullptr};
  RETURN_IF_ERROR(CheckMayAct(*caller.directory, session.device, now));
  caller.device = caller.directory->FindDevice(session.device);
  return caller;
}

absl::Status CheckMayAct(const trust::Directory& directory, ByteView device_id, absl::Time now) {
  const trust::Device* device = directory.FindDevice(device_id);
  if (device == nullptr || !directory.MayAct(*device, now)) {
    return absl::UnauthenticatedError("no valid session");
  }
  return absl::OkStatus();
}

absl::Status CheckConvenant(const Session& session, absl::string_view convenant_id) {
  if (convenant_id == session.convenant_id) return absl::OkStatus();
  return absl::InvalidArgumentError("convenant_id: not the convenant of this session");
}

absl::StatusOr<Realm*> FindRealm(const Realms& realms, absl::string_view convenant_id) {
  if (convenant_id.empty() && realms.size() == 1) return realms.begin()->second.get();
  const auto found = realms.find(convenant_id);
  if (found == realms.end()) return absl::NotFoundError("convenant_id: not hosted here");
  return found->second.get();
}

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
  if (fields.nonce) RETURN_IF_ERROR(trust::CheckSize(*fields.nonce, 16, absl::StrCat(fields.name, ".nonce")));
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

absl::StatusOr<v1::Receipt> ReceiptAgain(Realm& realm, const Logged& logged) {
  const absl::StatusOr<audit::Opening> opening = realm.log().ReadOpening(logged.leaf_index);
  if (!opening.ok() && !absl::IsNotFound(opening.status())) return opening.status();
  return MakeReceipt(realm, logged.leaf_index, logged.leaf_hash, logged.request_hash, logged.time,
                     opening.ok() ? opening->Encode() : Bytes());
}

v1::Receipt MakeReceipt(Realm& realm, uint64_t index, const Digest& leaf_hash, ByteView request_hash,
                        absl::Time time, ByteView opening) {
  audit::ReceiptBody body;
  body.index = index;
  body.leaf_hash = leaf_hash;
  if (absl::StatusOr<Digest> hash = ToFixed<32>(request_hash, "request hash"); hash.ok())
    body.request_hash = *hash;
  body.time = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  const audit::Receipt signed_receipt = realm.SignReceipt(body);
  v1::Receipt receipt;
  receipt.set_body(signed_receipt.body);
  receipt.set_signature(signed_receipt.signature);
  receipt.set_opening(std::string(opening));
  return receipt;
}

}  // namespace seinpost::server
