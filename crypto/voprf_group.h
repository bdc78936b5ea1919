// SPDX-License-Identifier: EUPL-1.2
// The group of RFC 9497 Section 4.1 (ristretto255, SHA-512) as voprf.cc and voprf_proof.cc share it.
// Include from crypto/ only.
#ifndef SEINPOST_CRYPTO_VOPRF_GROUP_H_
#define SEINPOST_CRYPTO_VOPRF_GROUP_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "crypto/voprf.h"
#include "util/bytes.h"

namespace seinpost::crypto::voprf::internal {

// kInvalidArgument: not canonical, or the identity.
absl::Status CheckElement(const Element& element);
absl::Status CheckElements(std::span<const Element> elements);
// kInvalidArgument: zero, or not below the group order. Takes the same time for all scalars.
absl::Status CheckScalar(const uint8_t scalar[32]);

// scalar * element. kInvalidArgument: the result is the identity, or the element is no point.
absl::StatusOr<Element> Multiply(const uint8_t scalar[32], const Element& element);

// "OPRFV1-" || I2OSP(mode, 1) || "-ristretto255-SHA512" (RFC 9497 Section 3.1).
Bytes ContextString(Mode mode);

// RFC 9497 Section 4.1, HashToScalar() with the domain separation tag given in full. Writes 32 bytes.
void HashToScalar(ByteView input, ByteView dst, uint8_t* scalar);

}  // namespace seinpost::crypto::voprf::internal

#endif  // SEINPOST_CRYPTO_VOPRF_GROUP_H_
