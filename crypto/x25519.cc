// SPDX-License-Identifier: EUPL-1.2
#include "crypto/x25519.h"

#include "crypto/sodium_internal.h"

namespace seinpost::crypto {

absl::Status X25519(const uint8_t secret_key[32], ByteView public_key, uint8_t out[32]) {
  if (public_key.size() != 32) return WrongSize("X25519 public key", 32, public_key.size());
  if (crypto_scalarmult_curve25519(out, secret_key, internal::Data(public_key)) != 0 ||
      sodium_is_zero(out, 32) == 1) {
    sodium_memzero(out, 32);
    return absl::InvalidArgumentError("X25519 public key gives an all-zero result");
  }
  return absl::OkStatus();
}

FixedBytes<32> X25519PublicKey(const Secret<32>& secret_key) {
  FixedBytes<32> public_key;
  crypto_scalarmult_curve25519_base(public_key.data(), secret_key.ExposeSecret().data());
  return public_key;
}

}  // namespace seinpost::crypto
