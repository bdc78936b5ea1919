// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/leaf_receipt.h"

#include <string>

#include "crypto/hash.h"

namespace seinpost::server {

Logged Logged::Of(const LoggedStatement& row) {
  return {row.leaf_index, row.leaf_hash, ToBytes(crypto::Sha256(row.statement)), row.time};
}

v1::Receipt MakeReceipt(Realm& realm, const Logged& logged, ByteView opening) {
  audit::ReceiptBody body;
  body.index = logged.leaf_index;
  body.leaf_hash = logged.leaf_hash;
  if (const absl::StatusOr<Digest> hash = ToFixed<32>(logged.request_hash, "request hash"); hash.ok()) {
    body.request_hash = *hash;
  }
  body.time = absl::FromUnixSeconds(absl::ToUnixSeconds(logged.time));
  const audit::Receipt signed_receipt = realm.SignReceipt(body);
  v1::Receipt receipt;
  receipt.set_body(signed_receipt.body);
  receipt.set_signature(signed_receipt.signature);
  receipt.set_opening(std::string(opening));
  return receipt;
}

v1::Receipt MakeReceipt(Realm& realm, uint64_t index, const PreparedEvent& event) {
  return MakeReceipt(realm, {index, event.leaf_hash, event.request_hash, event.time}, event.opening);
}

absl::StatusOr<v1::Receipt> ReceiptAgain(Realm& realm, const Logged& logged) {
  const absl::StatusOr<audit::Opening> opening = realm.log().ReadOpening(logged.leaf_index);
  if (!opening.ok() && !absl::IsNotFound(opening.status())) return opening.status();
  return MakeReceipt(realm, logged, opening.ok() ? opening->Encode() : Bytes());
}

}  // namespace seinpost::server
