// SPDX-License-Identifier: EUPL-1.2
// Rows in family kMeta by which it is found what is due to be destroyed, in the order of time: keys and
// values byte by byte, as in docs/formats/broker_state.md; change the two together. Pure; thread-safe.
#ifndef SEINPOST_SERVER_ROWS_DUE_RECORDS_H_
#define SEINPOST_SERVER_ROWS_DUE_RECORDS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/rows/device_records.h"
#include "util/bytes.h"

namespace seinpost::server {

// What is left of a destroyed signal stays for this long (SignalRemains), and as long a case reference after
// the last signal of its case: longer than a signal may wait in an outbox (a day), so that nothing destroyed
// is taken in again, and as long as backups are kept.
inline constexpr absl::Duration kRemainsLife = absl::Hours(24 * 30);

// What a due row speaks of, in the order in which rows of one second lie.
enum class DueKind : char {
  kCase = 'c',     // case_ref: its row
  kParts = 'p',    // signal_id: its parts that expire by then
  kRequest = 'q',  // device_id || signal_id || u8 part: a RewrapRequest
  kRemains = 't',  // signal_id: its SignalRemains
  kRewrap = 'w',   // device_id || signal_id || u8 part: a Rewrap
};

// "due/" || prefix || u64be unix seconds || kind || of -> nothing.
Bytes DuePrefix(ByteView prefix);
Bytes DueKey(ByteView prefix, absl::Time time, DueKind kind, ByteView of);
Bytes DueOf(const DevicePart& of);
// Where the rows begin that are due after `time`.
Bytes DueLimit(ByteView prefix, absl::Time time);
struct DueName {
  absl::Time time;
  DueKind kind;
  Bytes of;
};
absl::StatusOr<DueName> ParseDueKey(ByteView prefix, ByteView key);  // kDataLoss

// "due-complete/" || prefix -> "1": everything that can expire has its due row. Absent: an earlier version
// wrote this database, or it is new.
Bytes DueCompleteKey(ByteView prefix);

// "retention-clock/" || prefix -> RetentionClockRow.
Bytes RetentionClockKey(ByteView prefix);
struct RetentionClockRow {
  absl::Time trusted;  // the latest time by which it was destroyed
  // While the clock is too far ahead of that: since what time by that clock, and its latest; else UnixEpoch.
  absl::Time held_since = absl::UnixEpoch();
  absl::Time held_at = absl::UnixEpoch();

  Bytes Encode() const;
  static absl::StatusOr<RetentionClockRow> Decode(ByteView bytes);  // kDataLoss
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_ROWS_DUE_RECORDS_H_
