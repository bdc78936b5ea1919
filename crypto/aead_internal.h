// SPDX-License-Identifier: EUPL-1.2
// ChaCha20-Poly1305 with keys that lie on the stack. Include from crypto/ only.
#ifndef SEINPOST_CRYPTO_AEAD_INTERNAL_H_
#define SEINPOST_CRYPTO_AEAD_INTERNAL_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "util/bytes.h"

namespace seinpost::crypto::internal {

// `key` has 32 bytes, `nonce` 12. Otherwise as AeadSeal() and AeadOpen() (crypto/aead.h).
Bytes AeadSealWith(const uint8_t* key, const uint8_t* nonce, ByteView aad, ByteView plaintext);
absl::StatusOr<Bytes> AeadOpenWith(const uint8_t* key, const uint8_t* nonce, ByteView aad,
                                   ByteView ciphertext);

}  // namespace seinpost::crypto::internal

#endif  // SEINPOST_CRYPTO_AEAD_INTERNAL_H_
