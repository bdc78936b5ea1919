// SPDX-License-Identifier: EUPL-1.2
#include "crypto/voprf_group.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "crypto/expand.h"
#include "crypto/sodium_internal.h"
#include "util/status_macros.h"

namespace seinpost::crypto::voprf::internal {

absl::Status CheckElement(const Element& element) {
  // libsodium takes the identity, whose encoding is all zero, for a valid point.
  if (sodium_is_zero(element.data(), element.size()) == 1) {
    return absl::InvalidArgumentError("group element is the identity");
  }
  if (crypto_core_ristretto255_is_valid_point(element.data()) != 1) {
    return absl::InvalidArgumentError("group element is no canonical point");
  }
  return absl::OkStatus();
}

absl::Status CheckElements(std::span<const Element> elements) {
  for (const Element& element : elements) RETURN_IF_ERROR(CheckElement(element));
  return absl::OkStatus();
}

absl::Status CheckScalar(const uint8_t scalar[32]) {
  // libsodium reduces scalars without a word, so compare with the reduced one.
  WipedArray<64> wide;
  WipedArray<32> reduced;
  std::memcpy(wide.data(), scalar, 32);
  crypto_core_ristretto255_scalar_reduce(reduced.data(), wide.data());
  if (sodium_memcmp(reduced.data(), scalar, 32) != 0) {
    return absl::InvalidArgumentError("scalar is not below the group order");
  }
  if (sodium_is_zero(scalar, 32) == 1) return absl::InvalidArgumentError("scalar is zero");
  return absl::OkStatus();
}

absl::StatusOr<Element> Multiply(const uint8_t scalar[32], const Element& element) {
  Element product;
  if (crypto_scalarmult_ristretto255(product.data(), scalar, element.data()) != 0) {
    return absl::InvalidArgumentError("group element times scalar is the identity");
  }
  return product;
}

Bytes ContextString(Mode mode) {
  return absl::StrCat("OPRFV1-", U8(static_cast<uint8_t>(mode)), "-ristretto255-SHA512");
}

void HashToScalar(ByteView input, ByteView dst, uint8_t* scalar) {
  // The tag is never empty and the length is fixed, so the expansion cannot fail.
  Bytes uniform = ExpandMessageXmdSha512(input, dst, 64).value();
  crypto_core_ristretto255_scalar_reduce(scalar, crypto::internal::Data(uniform));
  Wipe(uniform);
}

}  // namespace seinpost::crypto::voprf::internal
