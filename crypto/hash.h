// SPDX-License-Identifier: EUPL-1.2
// SHA-256 and SHA-512 (FIPS 180-4), HMAC-SHA256 (RFC 2104), random bytes, comparison in constant time.
// All functions are thread-safe and cannot fail.
#ifndef SEINPOST_CRYPTO_HASH_H_
#define SEINPOST_CRYPTO_HASH_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "util/bytes.h"

namespace seinpost::crypto {

Digest Sha256(ByteView data);
// The hash of the parts one after the other, without separators: the caller sees to it that the split is
// unambiguous (fixed sizes, or Lp() of util/bytes.h).
Digest Sha256Concat(std::initializer_list<ByteView> parts);
FixedBytes<64> Sha512(ByteView data);
FixedBytes<64> Sha512Concat(std::initializer_list<ByteView> parts);

// HMAC-SHA256 with a key of any length.
Digest HmacSha256(ByteView key, ByteView message);
Digest HmacSha256Concat(ByteView key, std::initializer_list<ByteView> parts);

// Compares in time that depends on the sizes only; different sizes are unequal.
bool ConstantTimeEquals(ByteView a, ByteView b);

// From the system's CSPRNG; aborts if that fails. For nonces, salts and identifiers; keys are
// Secret<N>::Random().
Bytes RandomBytes(size_t size);
void FillRandomBytes(uint8_t* data, size_t size);
template <size_t N>
FixedBytes<N> RandomFixed() {
  FixedBytes<N> bytes;
  FillRandomBytes(bytes.data(), N);
  return bytes;
}

// Sha256Hasher hashes data that arrives in pieces. Not thread-safe. Use once: after Finish() it is spent, and
// using it again aborts. Copyable: a copy goes on from the same state.
class Sha256Hasher {
 public:
  Sha256Hasher();
  void Update(ByteView data);
  Digest Finish();

 private:
  alignas(16) uint8_t state_[128];  // OpenSSL's state; its size is checked in hash.cc.
  bool finished_ = false;
};

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_HASH_H_
