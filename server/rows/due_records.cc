// SPDX-License-Identifier: EUPL-1.2
#include "server/rows/due_records.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kTimeBytes = 8;

absl::Status BrokenDue(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("a stored row is malformed: ", what));
}

// Before 1970 is 1970: a due row must not lie behind all others.
Bytes DueSeconds(absl::Time time) {
  return U64(static_cast<uint64_t>(std::max<int64_t>(absl::ToUnixSeconds(time), 0)));
}

absl::StatusOr<absl::Time> ReadDueSeconds(ByteView bytes) {
  ASSIGN_OR_RETURN(const uint64_t seconds, ReadU64(bytes));
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

}  // namespace

Bytes DuePrefix(ByteView prefix) { return absl::StrCat("due/", prefix); }

Bytes DueKey(ByteView prefix, absl::Time time, DueKind kind, ByteView of) {
  const char letter = static_cast<char>(kind);
  return absl::StrCat(DuePrefix(prefix), DueSeconds(time), ByteView(&letter, 1), of);
}

Bytes DueOf(const DevicePart& of) {
  return absl::StrCat(of.device_id, of.signal_id, U8(static_cast<uint8_t>(of.part)));
}

Bytes DueLimit(ByteView prefix, absl::Time time) {
  return absl::StrCat(DuePrefix(prefix), DueSeconds(time + absl::Seconds(1)));
}

absl::StatusOr<DueName> ParseDueKey(ByteView prefix, ByteView key) {
  const size_t skip = DuePrefix(prefix).size();
  if (key.size() < skip + kTimeBytes + 1) return BrokenDue("due");
  DueName name;
  ASSIGN_OR_RETURN(name.time, ReadDueSeconds(key.substr(skip, kTimeBytes)));
  name.kind = static_cast<DueKind>(key[skip + kTimeBytes]);
  name.of = Bytes(key.substr(skip + kTimeBytes + 1));
  return name;
}

Bytes DueCompleteKey(ByteView prefix) { return absl::StrCat("due-complete/", prefix); }

Bytes RetentionClockKey(ByteView prefix) { return absl::StrCat("retention-clock/", prefix); }

Bytes RetentionClockRow::Encode() const {
  return absl::StrCat(DueSeconds(trusted), DueSeconds(held_since), DueSeconds(held_at));
}

absl::StatusOr<RetentionClockRow> RetentionClockRow::Decode(ByteView bytes) {
  if (bytes.size() != 3 * kTimeBytes) return BrokenDue("retention clock");
  RetentionClockRow row;
  ASSIGN_OR_RETURN(row.trusted, ReadDueSeconds(bytes.substr(0, kTimeBytes)));
  ASSIGN_OR_RETURN(row.held_since, ReadDueSeconds(bytes.substr(kTimeBytes, kTimeBytes)));
  ASSIGN_OR_RETURN(row.held_at, ReadDueSeconds(bytes.substr(2 * kTimeBytes)));
  return row;
}

}  // namespace seinpost::server
