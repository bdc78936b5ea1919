// SPDX-License-Identifier: EUPL-1.2
// Inside of audit/ only: reading bytes strictly, front to back.
#ifndef SEINPOST_AUDIT_READER_H_
#define SEINPOST_AUDIT_READER_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "util/bytes.h"

namespace seinpost::audit {

inline constexpr uint64_t kMaxUnixSeconds =
    253402300799;                             // the end of the year 9999: no time in the log is later
inline constexpr size_t kMaxClassBytes = 32;  // the name of a retention class

// Reader takes values off the front of `bytes`, which it borrows. The first value that is not there makes it
// fail for good: later values are zero or empty, so that a decoder may check once, at the end.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  uint64_t Number(size_t size_bytes);  // big-endian, at most 8 bytes
  Digest Hash();
  ByteView Lp(size_t max_bytes);  // fails when the stated length is larger
  ByteView Take(size_t size_bytes);
  bool failed() const { return failed_; }
  // OK if every value was there and nothing is left.
  absl::Status Finish(absl::string_view what) const;

 private:
  ByteView rest_;
  bool failed_ = false;
};

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_READER_H_
