// SPDX-License-Identifier: EUPL-1.2
// Rows about cases and about what devices got and gave: keys and values byte by byte, as in
// docs/formats/broker_state.md; change the two together. Pure; thread-safe.
#ifndef SEINPOST_SERVER_ROWS_DEVICE_RECORDS_H_
#define SEINPOST_SERVER_ROWS_DEVICE_RECORDS_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/store.h"
#include "util/bytes.h"

namespace seinpost::server {

// Family kCase: prefix || case_ref -> CaseRow.
Bytes CaseKey(ByteView prefix, ByteView case_ref);
struct CaseRow {
  Bytes scope;  // of the channel in which the case reference was first used; empty: a channel without scope
  // When the last signal of the case has been gone for a while; UnixEpoch: an earlier version wrote it.
  absl::Time keep_until = absl::UnixEpoch();

  Bytes Encode() const;
  static absl::StatusOr<CaseRow> Decode(ByteView bytes);  // kDataLoss
};

// One part of one signal, and a device that it concerns.
struct DevicePart {
  Bytes device_id;
  Bytes signal_id;
  uint32_t part = 0;
};

// Family kDevice. What a device said that it received: prefix || 'd' || signal_id || device_id ->
// LoggedStatement of a DeliveredStatement.
Bytes DeliveredPrefix(ByteView prefix, ByteView signal_id);
Bytes DeliveredKey(ByteView prefix, ByteView signal_id, ByteView device_id);
// Which keys were given out: prefix || 'r' || device_id || signal_id || u8 part -> u64be index of the last
// READ leaf.
Bytes ReleasedKey(ByteView prefix, const DevicePart& of);
Bytes ReleasedPrefix(ByteView prefix, ByteView device_id);
// Who asks for a key: prefix || 'q' || device_id || signal_id || u8 part -> LoggedStatement of a
// RewrapRequest; a newer one replaces it, its answer deletes it.
Bytes RewrapRequestKey(ByteView prefix, const DevicePart& of);
Bytes RewrapRequestPrefix(ByteView prefix);
// A key that was passed on: prefix || 'w' || device_id of the target || signal_id || u8 part ->
// LoggedStatement of a Rewrap.
Bytes RewrapKey(ByteView prefix, const DevicePart& of);
Bytes RewrapPrefix(ByteView prefix);
Bytes RewrapPrefix(ByteView prefix, ByteView device_id);
// The end of a key of the last three kinds. kDataLoss.
absl::StatusOr<DevicePart> ParseDevicePart(ByteView key);

// A signed statement with the leaf that logged it: enough to give its receipt again.
struct LoggedStatement {
  Bytes statement;
  Bytes signature;  // 64 bytes
  uint64_t leaf_index = 0;
  Digest leaf_hash{};
  absl::Time time;  // whole seconds; the receipt's

  Bytes Encode() const;
  static absl::StatusOr<LoggedStatement> Decode(ByteView bytes);  // kDataLoss
};

// The statement under `key` of family kDevice, by Get() of a Store or of a Transaction; nothing: none is
// there. kDataLoss, kUnavailable: the disk.
template <typename Rows>
absl::StatusOr<std::optional<LoggedStatement>> FindStatement(const Rows& rows, const Bytes& key) {
  const absl::StatusOr<Bytes> row = rows.Get(Family::kDevice, key);
  if (absl::IsNotFound(row.status())) return std::optional<LoggedStatement>();
  if (!row.ok()) return row.status();
  absl::StatusOr<LoggedStatement> statement = LoggedStatement::Decode(*row);
  if (!statement.ok()) return statement.status();
  return std::optional<LoggedStatement>(*std::move(statement));
}

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_ROWS_DEVICE_RECORDS_H_
