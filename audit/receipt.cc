// SPDX-License-Identifier: EUPL-1.2
#include "audit/receipt.h"

#include <algorithm>

#include "audit/reader.h"
#include "audit/signed_note.h"
#include "util/status_macros.h"

namespace seinpost::audit {
namespace {

constexpr size_t kMaxOriginBytes = 256;

}  // namespace

Bytes ReceiptBody::Encode() const {
  Bytes out = Lp(origin);
  out += U64(index);
  out += ToBytes(leaf_hash);
  out += ToBytes(request_hash);
  out += U64(static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixSeconds(time))));
  return out;
}

absl::StatusOr<ReceiptBody> ReceiptBody::Decode(ByteView bytes) {
  Reader reader(bytes);
  ReceiptBody body;
  body.origin = std::string(reader.Lp(kMaxOriginBytes));
  body.index = reader.Number(8);
  body.leaf_hash = reader.Hash();
  body.request_hash = reader.Hash();
  const uint64_t seconds = reader.Number(8);
  RETURN_IF_ERROR(reader.Finish("receipt"));
  if (!IsNoteName(body.origin)) return absl::InvalidArgumentError("receipt: bad origin");
  if (seconds > kMaxUnixSeconds) return absl::InvalidArgumentError("receipt: time is out of range");
  body.time = absl::FromUnixSeconds(static_cast<int64_t>(seconds));
  return body;
}

Receipt MakeReceipt(const ReceiptBody& body, const crypto::SigningKey& log_key) {
  Receipt receipt;
  receipt.body = body.Encode();
  receipt.signature = crypto::Sign(log_key, kReceiptLabel, receipt.body);
  return receipt;
}

absl::StatusOr<ReceiptBody> VerifyReceipt(const Receipt& receipt, absl::string_view origin,
                                          const crypto::PublicKey& log_key) {
  RETURN_IF_ERROR(crypto::Verify(View(log_key), kReceiptLabel, receipt.body, receipt.signature));
  ASSIGN_OR_RETURN(ReceiptBody body, ReceiptBody::Decode(receipt.body));
  if (body.origin != origin) return absl::PermissionDeniedError("receipt: of another log");
  return body;
}

}  // namespace seinpost::audit
