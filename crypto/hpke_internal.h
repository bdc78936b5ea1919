// SPDX-License-Identifier: EUPL-1.2
// What test vectors need and nobody else may use: a chosen ephemeral key, a chosen sequence number.
// Include from crypto/, tests/ and tools/vectors/ only.
#ifndef SEINPOST_CRYPTO_HPKE_INTERNAL_H_
#define SEINPOST_CRYPTO_HPKE_INTERNAL_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "crypto/hpke.h"

namespace seinpost::crypto::internal {

enum class HpkeMode : uint8_t { kBase = 0x00, kPsk = 0x01 };

// RFC 9180 Section 5.1, VerifyPSKInputs(): both or neither, as the mode wants. kInvalidArgument otherwise.
// Adds the 32-byte minimum of Section 9.5.
absl::Status VerifyPskInputs(HpkeMode mode, ByteView psk, ByteView psk_id);

// The sender with ephemeral key DeriveKeyPair(ikmE).
absl::StatusOr<HpkeSender> SetupS(HpkeMode mode, ByteView recipient, ByteView info, ByteView psk,
                                  ByteView psk_id, const HpkeKeyPair& ephemeral);
absl::StatusOr<HpkeSchedule> ScheduleS(HpkeMode mode, ByteView recipient, ByteView info, ByteView psk,
                                       ByteView psk_id, const HpkeKeyPair& ephemeral);
absl::StatusOr<HpkeSchedule> ScheduleR(HpkeMode mode, ByteView enc, const HpkeKeyPair& recipient,
                                       ByteView info, ByteView psk, ByteView psk_id);

}  // namespace seinpost::crypto::internal

#endif  // SEINPOST_CRYPTO_HPKE_INTERNAL_H_
