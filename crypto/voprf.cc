// SPDX-License-Identifier: EUPL-1.2
#include "crypto/voprf.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/expand.h"
#include "crypto/hash.h"
#include "crypto/sodium_internal.h"
#include "crypto/voprf_group.h"
#include "crypto/voprf_internal.h"
#include "util/status_macros.h"

namespace seinpost::crypto::voprf {

using internal::CheckElement;
using internal::CheckScalar;
using internal::ContextString;
using internal::HashToScalar;
using internal::Multiply;

namespace {

// RFC 9497 Section 4.1, HashToGroup().
absl::StatusOr<Element> HashToGroup(Mode mode, ByteView input) {
  ASSIGN_OR_RETURN(const Bytes uniform,
                   ExpandMessageXmdSha512(input, absl::StrCat("HashToGroup-", ContextString(mode)), 64));
  Element element;
  crypto_core_ristretto255_from_hash(element.data(), crypto::internal::Data(uniform));
  return element;
}

absl::Status CheckInput(ByteView input) {
  if (input.size() > kMaxInputBytes) return absl::InvalidArgumentError("PRF input is too long");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Element> DeserializeElement(ByteView bytes) {
  ASSIGN_OR_RETURN(const Element element, ToFixed<32>(bytes, "group element"));
  RETURN_IF_ERROR(CheckElement(element));
  return element;
}

absl::StatusOr<Scalar> DeserializeScalar(ByteView bytes) {
  ASSIGN_OR_RETURN(Scalar scalar, Scalar::FromBytes(bytes));
  RETURN_IF_ERROR(CheckScalar(scalar.ExposeSecret().data()));
  return scalar;
}

KeyPair GenerateKeyPair() {
  Scalar secret = Scalar::Filled([](uint8_t* out) { crypto_core_ristretto255_scalar_random(out); });
  Element public_key;
  crypto_scalarmult_ristretto255_base(public_key.data(), secret.ExposeSecret().data());
  return KeyPair{.secret = std::move(secret), .public_key = public_key};
}

absl::StatusOr<KeyPair> FromSecret(Scalar secret) {
  RETURN_IF_ERROR(CheckScalar(secret.ExposeSecret().data()));
  Element public_key;
  crypto_scalarmult_ristretto255_base(public_key.data(), secret.ExposeSecret().data());
  return KeyPair{.secret = std::move(secret), .public_key = public_key};
}

// RFC 9497 Section 3.2.1.
absl::StatusOr<KeyPair> DeriveKeyPair(Mode mode, ByteView seed, ByteView info) {
  if (seed.size() != 32) return WrongSize("seed", 32, seed.size());
  if (info.size() > 65535) return absl::InvalidArgumentError("key info is too long");
  Bytes derive_input = absl::StrCat(seed, U16(static_cast<uint16_t>(info.size())), info, U8(0));
  const Bytes dst = absl::StrCat("DeriveKeyPair", ContextString(mode));
  absl::StatusOr<KeyPair> pair = absl::InvalidArgumentError("seed gives no key");
  for (int counter = 0; counter <= 255 && !pair.ok(); ++counter) {
    derive_input.back() = static_cast<char>(counter);
    pair = FromSecret(Scalar::Filled([&](uint8_t* out) { HashToScalar(derive_input, dst, out); }));
  }
  Wipe(derive_input);
  return pair;
}

absl::StatusOr<Blinded> Blind(Mode mode, ByteView input) {
  Scalar blind = Scalar::Filled([](uint8_t* out) { crypto_core_ristretto255_scalar_random(out); });
  ASSIGN_OR_RETURN(const Element blinded_element, internal::BlindWith(mode, input, blind));
  return Blinded{.blind = std::move(blind), .blinded_element = blinded_element};
}

absl::StatusOr<Element> internal::BlindWith(Mode mode, ByteView input, const Scalar& blind) {
  RETURN_IF_ERROR(CheckInput(input));
  RETURN_IF_ERROR(CheckScalar(blind.ExposeSecret().data()));
  ASSIGN_OR_RETURN(const Element input_element, HashToGroup(mode, input));
  RETURN_IF_ERROR(CheckElement(input_element));  // RFC 9497: InvalidInputError
  return Multiply(blind.ExposeSecret().data(), input_element);
}

absl::StatusOr<Element> Evaluate(const Scalar& key, const Element& blinded_element) {
  RETURN_IF_ERROR(CheckScalar(key.ExposeSecret().data()));
  RETURN_IF_ERROR(CheckElement(blinded_element));
  return Multiply(key.ExposeSecret().data(), blinded_element);
}

absl::StatusOr<Evaluation> BlindEvaluate(const KeyPair& key, std::span<const Element> blinded_elements) {
  Evaluation evaluation;
  for (const Element& blinded_element : blinded_elements) {
    ASSIGN_OR_RETURN(const Element evaluated, Evaluate(key.secret, blinded_element));
    evaluation.evaluated_elements.push_back(evaluated);
  }
  ASSIGN_OR_RETURN(evaluation.proof, GenerateProof(key, blinded_elements, evaluation.evaluated_elements));
  return evaluation;
}

// RFC 9497 Section 3.3.1, Finalize().
absl::StatusOr<Output> Finalize(ByteView input, const Scalar& blind, const Element& evaluated_element) {
  RETURN_IF_ERROR(CheckInput(input));
  RETURN_IF_ERROR(CheckScalar(blind.ExposeSecret().data()));
  RETURN_IF_ERROR(CheckElement(evaluated_element));
  WipedArray<32> inverse;
  crypto_core_ristretto255_scalar_invert(inverse.data(), blind.ExposeSecret().data());
  WipedArray<32> unblinded_element;
  if (crypto_scalarmult_ristretto255(unblinded_element.data(), inverse.data(), evaluated_element.data()) !=
      0) {
    return absl::InvalidArgumentError("evaluated element cannot be unblinded");
  }
  return Sha512Concat(
      {U16(static_cast<uint16_t>(input.size())), input, U16(32), unblinded_element.view(), "Finalize"});
}

absl::StatusOr<Element> AddElements(const Element& a, const Element& b) {
  RETURN_IF_ERROR(CheckElement(a));
  RETURN_IF_ERROR(CheckElement(b));
  Element sum;
  if (crypto_core_ristretto255_add(sum.data(), a.data(), b.data()) != 0) {
    return absl::InvalidArgumentError("group elements cannot be added");
  }
  RETURN_IF_ERROR(CheckElement(sum));
  return sum;
}

absl::StatusOr<Scalar> internal::AddScalars(const Scalar& a, const Scalar& b) {
  RETURN_IF_ERROR(CheckScalar(a.ExposeSecret().data()));
  RETURN_IF_ERROR(CheckScalar(b.ExposeSecret().data()));
  Scalar sum = Scalar::Filled([&](uint8_t* out) {
    crypto_core_ristretto255_scalar_add(out, a.ExposeSecret().data(), b.ExposeSecret().data());
  });
  RETURN_IF_ERROR(CheckScalar(sum.ExposeSecret().data()));
  return sum;
}

absl::StatusOr<Element> AddPublicKeys(const Element& a, const Element& b) { return AddElements(a, b); }

}  // namespace seinpost::crypto::voprf
