// SPDX-License-Identifier: EUPL-1.2
#include "server/rows/device_records.h"

#include "absl/strings/str_cat.h"
#include "server/rows/records.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kSignatureBytes = 64;
constexpr char kStatementFormat = 1;
// format, leaf index, leaf hash, time, signature
constexpr size_t kBeforeStatement = 1 + 8 + 32 + 8 + kSignatureBytes;

Bytes PartKeyOf(ByteView prefix, absl::string_view kind, const DevicePart& of) {
  return absl::StrCat(prefix, kind, of.device_id, of.signal_id, U8(static_cast<uint8_t>(of.part)));
}

}  // namespace

Bytes CaseKey(ByteView prefix, ByteView case_ref) { return absl::StrCat(prefix, case_ref); }

// A scope holds no zero byte, so an earlier row, the scope alone, is told from this.
Bytes CaseRow::Encode() const {
  return absl::StrCat(scope, ByteView("\0", 1), U64(static_cast<uint64_t>(absl::ToUnixSeconds(keep_until))));
}

absl::StatusOr<CaseRow> CaseRow::Decode(ByteView bytes) {
  const size_t end = bytes.find('\0');
  CaseRow row{Bytes(bytes.substr(0, end))};
  if (end == ByteView::npos) return row;
  if (bytes.size() != end + 1 + 8) return absl::DataLossError("a stored row is malformed: case");
  ASSIGN_OR_RETURN(const uint64_t seconds, ReadU64(bytes.substr(end + 1)));
  row.keep_until = absl::FromUnixSeconds(static_cast<int64_t>(seconds));
  return row;
}

Bytes DeliveredPrefix(ByteView prefix, ByteView signal_id) { return absl::StrCat(prefix, "d", signal_id); }

Bytes DeliveredKey(ByteView prefix, ByteView signal_id, ByteView device_id) {
  return absl::StrCat(prefix, "d", signal_id, device_id);
}

Bytes ReleasedKey(ByteView prefix, const DevicePart& of) { return PartKeyOf(prefix, "r", of); }
Bytes ReleasedPrefix(ByteView prefix, ByteView device_id) { return absl::StrCat(prefix, "r", device_id); }

Bytes RewrapRequestKey(ByteView prefix, const DevicePart& of) { return PartKeyOf(prefix, "q", of); }
Bytes RewrapRequestPrefix(ByteView prefix) { return absl::StrCat(prefix, "q"); }

Bytes RewrapKey(ByteView prefix, const DevicePart& of) { return PartKeyOf(prefix, "w", of); }
Bytes RewrapPrefix(ByteView prefix) { return absl::StrCat(prefix, "w"); }
Bytes RewrapPrefix(ByteView prefix, ByteView device_id) { return absl::StrCat(prefix, "w", device_id); }

absl::StatusOr<DevicePart> ParseDevicePart(ByteView key) {
  if (key.size() < 2 * kIdBytes + 1) return absl::DataLossError("a stored row is malformed: device key");
  const ByteView end = key.substr(key.size() - (2 * kIdBytes + 1));
  return DevicePart{Bytes(end.substr(0, kIdBytes)), Bytes(end.substr(kIdBytes, kIdBytes)),
                    static_cast<uint8_t>(end.back())};
}

Bytes LoggedStatement::Encode() const {
  return absl::StrCat(ByteView(&kStatementFormat, 1), U64(leaf_index), View(leaf_hash),
                      U64(static_cast<uint64_t>(absl::ToUnixSeconds(time))), signature, statement);
}

absl::StatusOr<LoggedStatement> LoggedStatement::Decode(ByteView bytes) {
  if (bytes.size() <= kBeforeStatement || bytes[0] != kStatementFormat) {
    return absl::DataLossError("a stored row is malformed: statement");
  }
  LoggedStatement row;
  ASSIGN_OR_RETURN(row.leaf_index, ReadU64(bytes.substr(1, 8)));
  ASSIGN_OR_RETURN(row.leaf_hash, ToFixed<32>(bytes.substr(9, 32), "leaf hash"));
  ASSIGN_OR_RETURN(const uint64_t seconds, ReadU64(bytes.substr(41, 8)));
  row.time = absl::FromUnixSeconds(static_cast<int64_t>(seconds));
  row.signature = Bytes(bytes.substr(49, kSignatureBytes));
  row.statement = Bytes(bytes.substr(kBeforeStatement));
  return row;
}

}  // namespace seinpost::server
