// SPDX-License-Identifier: EUPL-1.2
// Receipt is the log's signed word that a leaf stands at an index, given before the next checkpoint does.
// Bytes in docs/formats/audit_log.md. Pure functions and plain values; thread-safe.
#ifndef SEINPOST_AUDIT_RECEIPT_H_
#define SEINPOST_AUDIT_RECEIPT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "crypto/sign.h"
#include "util/bytes.h"

namespace seinpost::audit {

inline constexpr absl::string_view kReceiptLabel = "seinpost/v1/receipt";

struct ReceiptBody {
  std::string origin;     // of the log
  uint64_t index = 0;     // of the leaf
  Digest leaf_hash{};     // RFC 6962
  Digest request_hash{};  // SHA-256 of the signed request bytes; for SUBMIT of the header bytes
  absl::Time time;        // whole seconds, when the log took it in

  Bytes Encode() const;
  static absl::StatusOr<ReceiptBody> Decode(ByteView bytes);  // strict; kInvalidArgument
  bool operator==(const ReceiptBody&) const = default;
};

struct Receipt {
  Bytes body;       // ReceiptBody::Encode(): what is signed
  Bytes signature;  // by the log key, label kReceiptLabel
};

Receipt MakeReceipt(const ReceiptBody& body, const crypto::SigningKey& log_key);
// Checks the signature, then decodes. kPermissionDenied: wrong signature, or another log's origin.
// kInvalidArgument: malformed.
absl::StatusOr<ReceiptBody> VerifyReceipt(const Receipt& receipt, absl::string_view origin,
                                          const crypto::PublicKey& log_key);

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_RECEIPT_H_
