// SPDX-License-Identifier: EUPL-1.2
#include "envelope/padding.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "crypto/stream.h"
#include "envelope/limits.h"
#include "envelope/vocabulary.h"

namespace seinpost::envelope {
namespace {

constexpr char kMark = '\x80';
constexpr size_t kKiB = 1024;
constexpr size_t kTextSizes[] = {1 * kKiB, 4 * kKiB, 16 * kKiB, 64 * kKiB};
// The largest attachment, its head and the mark.
constexpr size_t kMaxAttachmentPadded = kMaxAttachmentBytes + crypto::kStreamChunkBytes;

// The smallest size of `kind` that holds `size` bytes and the mark. Nothing: there is none.
std::optional<size_t> PaddedSize(v1::PartKind kind, size_t size) {
  if (kind == v1::PART_KIND_IDENTITY) {
    return size < kIdentityBytes ? std::optional<size_t>(kIdentityBytes) : std::nullopt;
  }
  if (kind == v1::PART_KIND_ATTACHMENT) {
    if (size >= kMaxAttachmentPadded) return std::nullopt;
    return (size / crypto::kStreamChunkBytes + 1) * crypto::kStreamChunkBytes;
  }
  for (size_t padded : kTextSizes) {
    if (size < padded) return padded;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Bytes> Pad(v1::PartKind kind, ByteView plaintext) {
  const std::optional<size_t> size = PaddedSize(kind, plaintext.size());
  if (!size) {
    return absl::ResourceExhaustedError(
        absl::StrCat(NameOf(kind), ": too long: ", plaintext.size(), " bytes"));
  }
  Bytes padded;
  padded.reserve(*size);
  padded.append(plaintext.data(), plaintext.size());
  padded.push_back(kMark);
  padded.resize(*size, '\0');
  return padded;
}

absl::StatusOr<Bytes> Unpad(v1::PartKind kind, ByteView padded) {
  const size_t mark = padded.find_last_not_of('\0');
  if (mark == ByteView::npos || padded[mark] != kMark || PaddedSize(kind, mark) != padded.size()) {
    return absl::InvalidArgumentError("padding: not as it is made");
  }
  return Bytes(padded.substr(0, mark));
}

bool IsPaddedLength(v1::PartKind kind, uint64_t padded_len) {
  return padded_len > 0 && padded_len <= kMaxAttachmentPadded &&
         PaddedSize(kind, padded_len - 1) == padded_len;
}

}  // namespace seinpost::envelope
