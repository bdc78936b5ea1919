// SPDX-License-Identifier: EUPL-1.2
// Reading and writing the client's own binary files (docs/formats/profile.md): fixed sizes, big-endian
// numbers and LP() fields one after the other. Not thread-safe.
#ifndef SEINPOST_CLIENT_PROFILE_RECORDS_H_
#define SEINPOST_CLIENT_PROFILE_RECORDS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/wiped.h"
#include "util/bytes.h"

namespace seinpost::client {

// Takes a record apart. After the first failure every further read gives nothing and ok() is false, so that a
// caller may read a whole record and ask once. Views point into the given bytes.
class RecordReader {
 public:
  explicit RecordReader(ByteView bytes) : rest_(bytes) {}

  uint8_t U8();
  uint32_t U32();
  uint64_t U64();
  ByteView Fixed(size_t size);
  ByteView Lp();

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  ByteView rest_;
  bool ok_ = true;
};

// Writes a record into locked memory of a size that is known beforehand: write twice, first into a counter.
class RecordWriter {
 public:
  RecordWriter() = default;  // only counts
  explicit RecordWriter(crypto::WipedBytes& target) : target_(&target) {}

  void U8(uint8_t value) { Raw(seinpost::U8(value)); }
  void U32(uint32_t value) { Raw(seinpost::U32(value)); }
  void U64(uint64_t value) { Raw(seinpost::U64(value)); }
  void Raw(ByteView bytes);
  void Lp(ByteView bytes);

  size_t size() const { return size_; }

 private:
  crypto::WipedBytes* target_ = nullptr;
  size_t size_ = 0;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_PROFILE_RECORDS_H_
