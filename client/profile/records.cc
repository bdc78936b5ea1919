// SPDX-License-Identifier: EUPL-1.2
#include "client/profile/records.h"

#include <cstdlib>

namespace seinpost::client {

ByteView RecordReader::Fixed(size_t size) {
  if (!ok_ || rest_.size() < size) {
    ok_ = false;
    rest_ = ByteView();
    return ByteView();
  }
  const ByteView field = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return field;
}

uint8_t RecordReader::U8() {
  const ByteView field = Fixed(1);
  return field.empty() ? 0 : static_cast<uint8_t>(field[0]);
}

uint32_t RecordReader::U32() {
  uint32_t value = 0;
  for (const char byte : Fixed(4)) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

uint64_t RecordReader::U64() {
  uint64_t value = 0;
  for (const char byte : Fixed(8)) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

ByteView RecordReader::Lp() { return Fixed(U32()); }

void RecordWriter::Raw(ByteView bytes) {
  size_ += bytes.size();
  // The target was sized by a counting pass over the same record: not fitting is a bug of ours.
  if (target_ != nullptr && !target_->Append(bytes).ok()) std::abort();
}

void RecordWriter::Lp(ByteView bytes) {
  U32(static_cast<uint32_t>(bytes.size()));
  Raw(bytes);
}

}  // namespace seinpost::client
