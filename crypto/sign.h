// SPDX-License-Identifier: EUPL-1.2
// Labelled Ed25519 (RFC 8032, pure Ed25519, never Ed25519ph). Whatever Seinpost signs is signed under a label
// that names the kind of object, so that a signature over one kind never passes for another:
//
//   signed bytes = label || 0x00 || u32be(len(message)) || message
//
// Verification is strict, as libsodium's: it refuses S >= L, low-order or non-canonical A and R, and uses the
// equation without cofactor. A mixed-order A is let through (tests/vectors/cctv_ed25519_edge_cases.json).
//
// All functions are thread-safe.
#ifndef SEINPOST_CRYPTO_SIGN_H_
#define SEINPOST_CRYPTO_SIGN_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "crypto/secret.h"
#include "util/bytes.h"

namespace seinpost::crypto {

using PublicKey = FixedBytes<32>;
inline constexpr size_t kSignatureBytes = 64;

// SigningKey is an Ed25519 key pair. Move-only; the secret half is wiped.
class SigningKey {
 public:
  static SigningKey Generate();
  // RFC 8032 Section 5.1.5: the 32-byte private key.
  static SigningKey FromSeed(const Secret<32>& seed);

  const PublicKey& public_key() const { return public_key_; }
  // A copy of the seed, for writing it to a sealed file.
  Secret<32> seed() const;

 private:
  friend Bytes SignRaw(const SigningKey& key, ByteView message);
  SigningKey(Secret<64> expanded, const PublicKey& public_key);

  Secret<64> expanded_;  // seed || public key, as libsodium wants it.
  PublicKey public_key_;
};

// Returns the 64-byte signature. `label` is "seinpost/v1/<what>"; a label with a zero byte in it aborts.
Bytes Sign(const SigningKey& key, absl::string_view label, ByteView message);

// kInvalidArgument: a key or signature of the wrong size, or a key that is low-order or no canonical point.
// kPermissionDenied: the signature does not fit key, label and message.
absl::Status Verify(ByteView public_key, absl::string_view label, ByteView message, ByteView signature);

// Without label and length, over exactly `message`: for formats that others defined (C2SP signed notes).
Bytes SignRaw(const SigningKey& key, ByteView message);
// Codes as Verify().
absl::Status VerifyRaw(ByteView public_key, ByteView message, ByteView signature);

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_SIGN_H_
