// SPDX-License-Identifier: EUPL-1.2
// The chunked encryption of attachments (docs/formats/stream.md): ChaCha20-Poly1305 over chunks of 64 KiB
// under a key that is used for one stream only.
//
//   nonce = u32be(counter) || u8(final) || 7 zero bytes
//   aad   = aad_prefix || u32be(counter) || u8(final)
//
// All chunks but the last have exactly kStreamChunkBytes of plaintext; the last has 1 to kStreamChunkBytes,
// or none if the whole stream is empty. So one plaintext has one chunking, and a cut, repeated, swapped or
// added chunk is refused. Each chunk stands alone as ciphertext || tag; the stream is the chunks one after
// the other.
//
// Not thread-safe: one stream, one thread.
#ifndef SEINPOST_CRYPTO_STREAM_H_
#define SEINPOST_CRYPTO_STREAM_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "crypto/secret.h"
#include "util/bytes.h"

namespace seinpost::crypto {

inline constexpr size_t kStreamChunkBytes = 64 * 1024;
inline constexpr size_t kStreamTagBytes = 16;
inline constexpr size_t kStreamSealedChunkBytes = kStreamChunkBytes + kStreamTagBytes;

// How long `plaintext_bytes` become when sealed.
constexpr size_t StreamSealedBytes(size_t plaintext_bytes) {
  const size_t chunks =
      plaintext_bytes == 0 ? 1 : (plaintext_bytes + kStreamChunkBytes - 1) / kStreamChunkBytes;
  return plaintext_bytes + chunks * kStreamTagBytes;
}

class StreamSealer {
 public:
  // `key` is used for this stream and never again. `aad_prefix` names the place of the stream (H || u16be i).
  StreamSealer(Secret<32> key, ByteView aad_prefix);

  // Returns the next sealed chunk. kInvalidArgument: a chunk size against the rules above.
  // kFailedPrecondition: after the final chunk. kOutOfRange: 2^32 chunks are spent.
  absl::StatusOr<Bytes> SealChunk(ByteView plaintext, bool final);

 private:
  Secret<32> key_;
  Bytes aad_prefix_;
  uint32_t counter_ = 0;
  bool exhausted_ = false;
  bool finished_ = false;
};

class StreamOpener {
 public:
  StreamOpener(Secret<32> key, ByteView aad_prefix);

  // Opens the next chunk; `final` says whether the caller has reached the end of the stream.
  // kUnauthenticated: an altered, cut, repeated or swapped chunk, one after the final, or `final` is not what
  // the sealer said. After an error every further call fails.
  absl::StatusOr<Bytes> OpenChunk(ByteView sealed, bool final);

  // True once the final chunk was opened. Plaintext shown before that may be the beginning of a longer
  // stream.
  bool finished() const { return finished_; }

 private:
  Secret<32> key_;
  Bytes aad_prefix_;
  uint32_t counter_ = 0;
  bool exhausted_ = false;
  bool failed_ = false;
  bool finished_ = false;
};

// The whole stream at once. kOutOfRange: more than 2^32 chunks.
absl::StatusOr<Bytes> SealStream(const Secret<32>& key, ByteView aad_prefix, ByteView plaintext);
// Gives back all of the plaintext or none of it. kUnauthenticated as above.
absl::StatusOr<Bytes> OpenStream(const Secret<32>& key, ByteView aad_prefix, ByteView sealed);

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_STREAM_H_
