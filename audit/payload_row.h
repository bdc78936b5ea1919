// SPDX-License-Identifier: EUPL-1.2
// Inside of audit/ only: the value of a row of a_payload, docs/formats/audit_log.md.
#ifndef SEINPOST_AUDIT_PAYLOAD_ROW_H_
#define SEINPOST_AUDIT_PAYLOAD_ROW_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "util/bytes.h"

namespace seinpost::audit {

// Borrows from the row.
struct SealedRow {
  absl::string_view retention_class;
  uint32_t month = 0;
  ByteView sealed;
};
Bytes EncodePayload(const SealedRow& row);
absl::StatusOr<SealedRow> DecodePayload(ByteView row);  // kDataLoss

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_PAYLOAD_ROW_H_
