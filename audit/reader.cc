// SPDX-License-Identifier: EUPL-1.2
#include "audit/reader.h"

#include "absl/strings/str_cat.h"

namespace seinpost::audit {

ByteView Reader::Take(size_t size_bytes) {
  if (failed_ || rest_.size() < size_bytes) {
    failed_ = true;
    return {};
  }
  const ByteView taken = rest_.substr(0, size_bytes);
  rest_.remove_prefix(size_bytes);
  return taken;
}

uint64_t Reader::Number(size_t size_bytes) {
  uint64_t value = 0;
  for (char c : Take(size_bytes)) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

Digest Reader::Hash() {
  Digest hash{};
  const ByteView bytes = Take(hash.size());
  for (size_t i = 0; i < bytes.size(); ++i) hash[i] = static_cast<uint8_t>(bytes[i]);
  return hash;
}

ByteView Reader::Lp(size_t max_bytes) {
  const uint64_t size_bytes = Number(4);
  if (size_bytes > max_bytes) failed_ = true;
  return Take(size_bytes);
}

absl::Status Reader::Finish(absl::string_view what) const {
  if (failed_)
    return absl::InvalidArgumentError(absl::StrCat(what, ": cut short, or a length out of bounds"));
  if (!rest_.empty()) return absl::InvalidArgumentError(absl::StrCat(what, ": bytes after the end"));
  return absl::OkStatus();
}

}  // namespace seinpost::audit
