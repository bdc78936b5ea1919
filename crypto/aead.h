// SPDX-License-Identifier: EUPL-1.2
// ChaCha20-Poly1305 (RFC 8439, the IETF variant with a 96-bit nonce). Thread-safe.
//
// A nonce must never be used twice with one key. It is 96 bits, too short to be drawn at random for a key
// that lives: callers derive key and nonce together for one use, or count. The cipher does not commit to its
// key; where that matters the caller adds a commitment.
#ifndef SEINPOST_CRYPTO_AEAD_H_
#define SEINPOST_CRYPTO_AEAD_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "crypto/secret.h"
#include "util/bytes.h"

namespace seinpost::crypto {

inline constexpr size_t kAeadKeyBytes = 32;
inline constexpr size_t kAeadNonceBytes = 12;
inline constexpr size_t kAeadTagBytes = 16;
using AeadNonce = FixedBytes<kAeadNonceBytes>;

// Returns ciphertext || tag, kAeadTagBytes longer than `plaintext`.
Bytes AeadSeal(const Secret<32>& key, const AeadNonce& nonce, ByteView aad, ByteView plaintext);

// kUnauthenticated: too short, another key, nonce or aad, or altered. It does not say which.
absl::StatusOr<Bytes> AeadOpen(const Secret<32>& key, const AeadNonce& nonce, ByteView aad,
                               ByteView ciphertext);

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_AEAD_H_
