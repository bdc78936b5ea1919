// SPDX-License-Identifier: EUPL-1.2
// HPKE (RFC 9180) with the one suite Seinpost uses: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001,
// ChaCha20Poly1305 0x0003, in base mode (0x00) and PSK mode (0x01). Names are the RFC's.
//
// HPKE says nothing about who sent a message: envelopes are signed. Functions are thread-safe; a context is
// not.
#ifndef SEINPOST_CRYPTO_HPKE_H_
#define SEINPOST_CRYPTO_HPKE_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "crypto/secret.h"
#include "util/bytes.h"

namespace seinpost::crypto {

inline constexpr size_t kHpkeEncBytes = 32;
inline constexpr size_t kHpkeTagBytes = 16;
// How much longer SealBase()'s result is than the plaintext.
inline constexpr size_t kHpkeOverheadBytes = kHpkeEncBytes + kHpkeTagBytes;

// An X25519 key pair of a recipient.
struct HpkeKeyPair {
  Secret<32> secret;
  FixedBytes<32> public_key;

  static HpkeKeyPair Generate();
  // RFC 9180 Section 7.1.3. kInvalidArgument: fewer than 32 bytes, which the RFC forbids.
  static absl::StatusOr<HpkeKeyPair> DeriveKeyPair(ByteView ikm);
  // The pair of a stored secret.
  static HpkeKeyPair FromSecret(Secret<32> secret);
};

namespace internal {
// What the key schedule gives (RFC 9180 Section 5.1): key || base_nonce || exporter_secret, and the sequence
// number.
struct HpkeSchedule {
  Secret<32 + 12 + 32> keys;
  uint64_t seq = 0;
};
}  // namespace internal

// The sender's context. Messages must be opened in the order they were sealed in.
class HpkeSealContext {
 public:
  explicit HpkeSealContext(internal::HpkeSchedule schedule) : schedule_(std::move(schedule)) {}

  // RFC 9180 Section 5.2. kResourceExhausted: 2^64-1 messages were sealed (below the RFC's own limit of
  // 2^96-1).
  absl::StatusOr<Bytes> Seal(ByteView aad, ByteView plaintext);
  // RFC 9180 Section 5.3. kInvalidArgument: more than 255 * 32 bytes asked for.
  absl::StatusOr<Bytes> Export(ByteView exporter_context, size_t length) const;

 private:
  internal::HpkeSchedule schedule_;
};

// The recipient's context.
class HpkeOpenContext {
 public:
  explicit HpkeOpenContext(internal::HpkeSchedule schedule) : schedule_(std::move(schedule)) {}

  // kUnauthenticated: altered, or not the next message; the context then still waits for that same message.
  // kResourceExhausted as in Seal().
  absl::StatusOr<Bytes> Open(ByteView aad, ByteView ciphertext);
  absl::StatusOr<Bytes> Export(ByteView exporter_context, size_t length) const;

 private:
  internal::HpkeSchedule schedule_;
};

struct HpkeSender {
  FixedBytes<kHpkeEncBytes> enc;
  HpkeSealContext context;
};

// RFC 9180 Section 5.1.1. kInvalidArgument: `recipient` (or `enc`) is not 32 bytes or gives an all-zero
// shared point.
absl::StatusOr<HpkeSender> SetupBaseS(ByteView recipient, ByteView info);
absl::StatusOr<HpkeOpenContext> SetupBaseR(ByteView enc, const HpkeKeyPair& recipient, ByteView info);

// RFC 9180 Section 5.1.2. kInvalidArgument also for a PSK of fewer than 32 bytes or an empty PSK identifier
// (Sections 5.1 and 9.5).
absl::StatusOr<HpkeSender> SetupPskS(ByteView recipient, ByteView info, ByteView psk, ByteView psk_id);
absl::StatusOr<HpkeOpenContext> SetupPskR(ByteView enc, const HpkeKeyPair& recipient, ByteView info,
                                          ByteView psk, ByteView psk_id);

// RFC 9180 Section 6.1, base mode, single shot. The result is enc || ciphertext.
absl::StatusOr<Bytes> SealBase(ByteView recipient, ByteView info, ByteView aad, ByteView plaintext);
// kInvalidArgument: shorter than kHpkeOverheadBytes, or an all-zero shared point. kUnauthenticated: another
// recipient, info or aad, or altered.
absl::StatusOr<Bytes> OpenBase(const HpkeKeyPair& recipient, ByteView info, ByteView aad, ByteView sealed);

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_HPKE_H_
