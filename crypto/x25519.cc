// SPDX-License-Identifier: EUPL-1.2
#include "crypto/x25519.h"

#include <algorithm>
#include <array>

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

bool IsLowOrder(ByteView public_key) {
  if (public_key.size() != 32) return false;
  // u = 0, 1, the two of order 8, p-1, p and p+1, little-endian. The top bit counts for nothing (RFC 7748).
  static const auto* const kPoints = new std::array<Bytes, 7>{
      Bytes(32, '\0'),
      "\x01" + Bytes(31, '\0'),
      FromHex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800").value(),
      FromHex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157").value(),
      FromHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f").value(),
      FromHex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f").value(),
      FromHex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f").value(),
  };
  Bytes masked(public_key);
  masked[31] = static_cast<char>(masked[31] & 0x7f);
  return std::find(kPoints->begin(), kPoints->end(), masked) != kPoints->end();
}

FixedBytes<32> X25519PublicKey(const Secret<32>& secret_key) {
  FixedBytes<32> public_key;
  crypto_scalarmult_curve25519_base(public_key.data(), secret_key.ExposeSecret().data());
  return public_key;
}

}  // namespace seinpost::crypto
