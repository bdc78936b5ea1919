// SPDX-License-Identifier: EUPL-1.2
// Hashing of secret data into memory of the caller's choice, so that no copy is left. Include from crypto/
// only.
#ifndef SEINPOST_CRYPTO_HASH_INTERNAL_H_
#define SEINPOST_CRYPTO_HASH_INTERNAL_H_

#include <cstdint>
#include <initializer_list>

#include "util/bytes.h"

namespace seinpost::crypto::internal {

// HMAC-SHA256 over the parts one after the other; writes 32 bytes.
void HmacSha256Into(ByteView key, std::initializer_list<ByteView> parts, uint8_t* out);

}  // namespace seinpost::crypto::internal

#endif  // SEINPOST_CRYPTO_HASH_INTERNAL_H_
