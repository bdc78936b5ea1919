// SPDX-License-Identifier: EUPL-1.2
// X25519 (RFC 7748 Section 5). Thread-safe.
#ifndef SEINPOST_CRYPTO_X25519_H_
#define SEINPOST_CRYPTO_X25519_H_

#include <cstdint>

#include "absl/status/status.h"
#include "crypto/secret.h"
#include "util/bytes.h"

namespace seinpost::crypto {

// Writes the 32-byte shared point to `out`. kInvalidArgument: `public_key` is not 32 bytes, or the result is
// all zero (RFC 7748 Section 6.1), in which case `out` is wiped. Non-canonical keys are reduced, as the RFC
// says.
absl::Status X25519(const uint8_t secret_key[32], ByteView public_key, uint8_t out[32]);

// The public key of a secret key.
FixedBytes<32> X25519PublicKey(const Secret<32>& secret_key);

// Whether X25519() gives all zero with every secret key: a point of order 1, 2, 4 or 8 of the curve or its
// twist. By comparison with all of them, reduced or not, so that it costs nothing; not in constant time, for
// public values. Any other size than 32 bytes is none.
bool IsLowOrder(ByteView public_key);

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_X25519_H_
