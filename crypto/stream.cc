// SPDX-License-Identifier: EUPL-1.2
#include "crypto/stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/aead.h"
#include "crypto/aead_internal.h"
#include "crypto/sodium_internal.h"
#include "util/status_macros.h"

namespace seinpost::crypto {

static_assert(kStreamTagBytes == kAeadTagBytes);

namespace {

// What goes into nonce and aad of one chunk.
struct Place {
  AeadNonce nonce{};
  Bytes aad;
};

Place PlaceOf(ByteView aad_prefix, uint32_t counter, bool final) {
  const Bytes tail = U32(counter) + U8(final ? 1 : 0);
  Place place;
  for (size_t i = 0; i < tail.size(); ++i) place.nonce[i] = static_cast<uint8_t>(tail[i]);
  place.aad = absl::StrCat(aad_prefix, tail);
  return place;
}

// Only the last chunk may be short, and only a stream's sole chunk may be empty.
bool ChunkSizeIsRight(size_t plaintext_bytes, uint32_t counter, bool final) {
  if (!final) return plaintext_bytes == kStreamChunkBytes;
  return plaintext_bytes <= kStreamChunkBytes && (plaintext_bytes > 0 || counter == 0);
}

Bytes Seal(const Secret<32>& key, ByteView aad_prefix, uint32_t counter, bool final, ByteView plaintext) {
  const Place place = PlaceOf(aad_prefix, counter, final);
  return AeadSeal(key, place.nonce, place.aad, plaintext);
}

absl::StatusOr<Bytes> Open(const Secret<32>& key, ByteView aad_prefix, uint32_t counter, bool final,
                           ByteView sealed) {
  if (sealed.size() < kStreamTagBytes || !ChunkSizeIsRight(sealed.size() - kStreamTagBytes, counter, final)) {
    return absl::UnauthenticatedError("stream is cut or extended");
  }
  const Place place = PlaceOf(aad_prefix, counter, final);
  return AeadOpen(key, place.nonce, place.aad, sealed);
}

// Calls `chunk` with (bytes, counter, final) for each chunk of `data`, in order.
template <typename Chunk>
absl::Status ForEachChunk(ByteView data, size_t chunk_bytes, Chunk chunk) {
  for (uint64_t counter = 0;; ++counter) {
    if (counter > UINT32_MAX) return absl::OutOfRangeError("stream has more than 2^32 chunks");
    const ByteView piece = data.substr(0, chunk_bytes);
    data.remove_prefix(piece.size());
    const bool final = data.empty();
    RETURN_IF_ERROR(chunk(piece, static_cast<uint32_t>(counter), final));
    if (final) return absl::OkStatus();
  }
}

}  // namespace

StreamSealer::StreamSealer(Secret<32> key, ByteView aad_prefix)
    : key_(std::move(key)), aad_prefix_(aad_prefix) {}

absl::StatusOr<Bytes> StreamSealer::SealChunk(ByteView plaintext, bool final) {
  if (finished_) return absl::FailedPreconditionError("stream has its final chunk already");
  if (exhausted_) return absl::OutOfRangeError("stream has more than 2^32 chunks");
  if (!ChunkSizeIsRight(plaintext.size(), counter_, final)) {
    return absl::InvalidArgumentError(absl::StrCat("chunk has the wrong size: ", plaintext.size(), " bytes"));
  }
  Bytes sealed = Seal(key_, aad_prefix_, counter_, final, plaintext);
  exhausted_ = counter_ == UINT32_MAX;
  ++counter_;
  finished_ = final;
  return sealed;
}

StreamOpener::StreamOpener(Secret<32> key, ByteView aad_prefix)
    : key_(std::move(key)), aad_prefix_(aad_prefix) {}

absl::StatusOr<Bytes> StreamOpener::OpenChunk(ByteView sealed, bool final) {
  if (failed_ || finished_ || exhausted_) {
    failed_ = true;
    return absl::UnauthenticatedError("stream has ended or failed before");
  }
  absl::StatusOr<Bytes> plaintext = Open(key_, aad_prefix_, counter_, final, sealed);
  if (!plaintext.ok()) {
    failed_ = true;
    return plaintext;
  }
  exhausted_ = counter_ == UINT32_MAX;
  ++counter_;
  finished_ = final;
  return plaintext;
}

absl::StatusOr<Bytes> SealStream(const Secret<32>& key, ByteView aad_prefix, ByteView plaintext) {
  Bytes sealed;
  sealed.reserve(StreamSealedBytes(plaintext.size()));
  RETURN_IF_ERROR(
      ForEachChunk(plaintext, kStreamChunkBytes, [&](ByteView piece, uint32_t counter, bool final) {
        sealed += Seal(key, aad_prefix, counter, final, piece);
        return absl::OkStatus();
      }));
  return sealed;
}

absl::StatusOr<Bytes> OpenStream(const Secret<32>& key, ByteView aad_prefix, ByteView sealed) {
  Bytes plaintext;
  plaintext.reserve(sealed.size());
  RETURN_IF_ERROR(
      ForEachChunk(sealed, kStreamSealedChunkBytes, [&](ByteView piece, uint32_t counter, bool final) {
        ASSIGN_OR_RETURN(const Bytes opened, Open(key, aad_prefix, counter, final, piece));
        plaintext += opened;
        return absl::OkStatus();
      }));
  return plaintext;
}

}  // namespace seinpost::crypto
