// SPDX-License-Identifier: EUPL-1.2
// HKDF-SHA256 (RFC 5869). All functions are thread-safe.
#ifndef SEINPOST_CRYPTO_HKDF_H_
#define SEINPOST_CRYPTO_HKDF_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "crypto/secret.h"
#include "util/bytes.h"

namespace seinpost::crypto {

inline constexpr size_t kHkdfMaxBytes = 255 * 32;  // RFC 5869 Section 2.3: L <= 255 * HashLen.

// RFC 5869 Section 2.2. An empty salt means 32 zero bytes.
Secret<32> HkdfExtract(ByteView salt, ByteView ikm);

// RFC 5869 Section 2.3, writing `size` bytes (at most kHkdfMaxBytes, more aborts) to `out`. `prk` has 32
// bytes or more. For use by the functions below and inside crypto/.
void HkdfExpandInto(ByteView prk, ByteView info, uint8_t* out, size_t size);

// A derived key.
template <size_t N>
Secret<N> HkdfExpand(const Secret<32>& prk, ByteView info) {
  static_assert(N <= kHkdfMaxBytes);
  return Secret<N>::Filled([&](uint8_t* out) { HkdfExpandInto(prk.ExposeSecretView(), info, out, N); });
}
// A derived value that is no secret (a nonce, a commitment).
template <size_t N>
FixedBytes<N> HkdfExpandFixed(const Secret<32>& prk, ByteView info) {
  static_assert(N <= kHkdfMaxBytes);
  FixedBytes<N> out;
  HkdfExpandInto(prk.ExposeSecretView(), info, out.data(), N);
  return out;
}
// The same with a length known at run time. kInvalidArgument above kHkdfMaxBytes.
absl::StatusOr<Bytes> HkdfExpandPublic(const Secret<32>& prk, ByteView info, size_t length);

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_HKDF_H_
