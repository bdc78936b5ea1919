// SPDX-License-Identifier: EUPL-1.2
// What test vectors need and nobody else may use: a chosen blind, a chosen random scalar in a proof,
// the sum of two keys that in life never meet.
// Include from crypto/, tests/ and tools/vectors/ only.
#ifndef SEINPOST_CRYPTO_VOPRF_INTERNAL_H_
#define SEINPOST_CRYPTO_VOPRF_INTERNAL_H_

#include <span>

#include "absl/status/statusor.h"
#include "crypto/voprf.h"

namespace seinpost::crypto::voprf::internal {

absl::StatusOr<Element> BlindWith(Mode mode, ByteView input, const Scalar& blind);
absl::StatusOr<Proof> GenerateProofWith(const KeyPair& key, std::span<const Element> blinded_elements,
                                        std::span<const Element> evaluated_elements, const Scalar& r);
// kInvalidArgument: the sum is zero.
absl::StatusOr<Scalar> AddScalars(const Scalar& a, const Scalar& b);

}  // namespace seinpost::crypto::voprf::internal

#endif  // SEINPOST_CRYPTO_VOPRF_INTERNAL_H_
