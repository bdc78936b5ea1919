// SPDX-License-Identifier: EUPL-1.2
// The batched DLEQ proof of RFC 9497 Section 2.2, in the RFC's order and names.
#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "crypto/sodium_internal.h"
#include "crypto/voprf.h"
#include "crypto/voprf_group.h"
#include "crypto/voprf_internal.h"
#include "util/status_macros.h"

namespace seinpost::crypto::voprf {

using internal::CheckElement;
using internal::CheckElements;
using internal::CheckScalar;
using internal::ContextString;
using internal::HashToScalar;
using internal::Multiply;

namespace {

// I2OSP(len(x), 2) || x.
Bytes Prefixed(ByteView x) { return absl::StrCat(U16(static_cast<uint16_t>(x.size())), x); }
Bytes Prefixed(const Element& element) { return Prefixed(View(element)); }

absl::Status CheckBatch(std::span<const Element> C, std::span<const Element> D) {
  if (C.empty() || C.size() > kMaxBatch) return absl::InvalidArgumentError("batch is empty or too large");
  if (C.size() != D.size()) return absl::InvalidArgumentError("lists of elements differ in length");
  RETURN_IF_ERROR(CheckElements(C));
  return CheckElements(D);
}

absl::StatusOr<Element> Add(const Element& a, const Element& b) {
  Element sum;
  if (crypto_core_ristretto255_add(sum.data(), a.data(), b.data()) != 0) {
    return absl::InvalidArgumentError("group elements cannot be added");
  }
  return sum;
}

struct Composites {
  Element M{};  // All zero: the identity.
  Element Z{};
};

// RFC 9497 Section 2.2.1, ComputeComposites(). The prover's shortcut Z = k * M (ComputeCompositesFast) is not
// taken: batches are small, and this way a wrong evaluated element of our own shows at once.
absl::StatusOr<Composites> ComputeComposites(const Element& B, std::span<const Element> C,
                                             std::span<const Element> D) {
  const Bytes context = ContextString(Mode::kVoprf);
  const FixedBytes<64> seed = Sha512Concat({Prefixed(B), Prefixed(absl::StrCat("Seed-", context))});
  const Bytes dst = absl::StrCat("HashToScalar-", context);
  Composites composites;
  for (size_t i = 0; i < C.size(); ++i) {
    const Bytes composite_transcript = absl::StrCat(Prefixed(View(seed)), U16(static_cast<uint16_t>(i)),
                                                    Prefixed(C[i]), Prefixed(D[i]), "Composite");
    FixedBytes<32> di;
    HashToScalar(composite_transcript, dst, di.data());
    ASSIGN_OR_RETURN(const Element dC, Multiply(di.data(), C[i]));
    ASSIGN_OR_RETURN(const Element dD, Multiply(di.data(), D[i]));
    ASSIGN_OR_RETURN(composites.M, Add(composites.M, dC));
    ASSIGN_OR_RETURN(composites.Z, Add(composites.Z, dD));
  }
  return composites;
}

// The challenge c of RFC 9497 Section 2.2.1.
void Challenge(const Element& B, const Composites& composites, const Element& t2, const Element& t3,
               uint8_t* c) {
  HashToScalar(absl::StrCat(Prefixed(B), Prefixed(composites.M), Prefixed(composites.Z), Prefixed(t2),
                            Prefixed(t3), "Challenge"),
               absl::StrCat("HashToScalar-", ContextString(Mode::kVoprf)), c);
}

}  // namespace

absl::StatusOr<Proof> GenerateProof(const KeyPair& key, std::span<const Element> blinded_elements,
                                    std::span<const Element> evaluated_elements) {
  const Scalar r = Scalar::Filled([](uint8_t* out) { crypto_core_ristretto255_scalar_random(out); });
  return internal::GenerateProofWith(key, blinded_elements, evaluated_elements, r);
}

absl::StatusOr<Proof> internal::GenerateProofWith(const KeyPair& key,
                                                  std::span<const Element> blinded_elements,
                                                  std::span<const Element> evaluated_elements,
                                                  const Scalar& r) {
  const uint8_t* k = key.secret.ExposeSecret().data();
  RETURN_IF_ERROR(CheckScalar(k));
  RETURN_IF_ERROR(CheckScalar(r.ExposeSecret().data()));
  RETURN_IF_ERROR(CheckElement(key.public_key));
  RETURN_IF_ERROR(CheckBatch(blinded_elements, evaluated_elements));
  ASSIGN_OR_RETURN(const Composites composites,
                   ComputeComposites(key.public_key, blinded_elements, evaluated_elements));
  Element t2;
  crypto_scalarmult_ristretto255_base(t2.data(), r.ExposeSecret().data());
  ASSIGN_OR_RETURN(const Element t3, Multiply(r.ExposeSecret().data(), composites.M));
  Proof proof;
  uint8_t* c = proof.data();
  uint8_t* s = proof.data() + 32;
  Challenge(key.public_key, composites, t2, t3, c);
  WipedArray<32> ck;
  crypto_core_ristretto255_scalar_mul(ck.data(), c, k);
  crypto_core_ristretto255_scalar_sub(s, r.ExposeSecret().data(), ck.data());  // s = r - c * k
  // A pair whose halves do not belong together, or elements of another key, would give a proof that proves
  // nothing.
  RETURN_IF_ERROR(VerifyProof(key.public_key, blinded_elements, evaluated_elements, proof));
  return proof;
}

absl::Status VerifyProof(const Element& public_key, std::span<const Element> blinded_elements,
                         std::span<const Element> evaluated_elements, const Proof& proof) {
  const uint8_t* c = proof.data();
  const uint8_t* s = proof.data() + 32;
  RETURN_IF_ERROR(CheckScalar(c));
  RETURN_IF_ERROR(CheckScalar(s));
  RETURN_IF_ERROR(CheckElement(public_key));
  RETURN_IF_ERROR(CheckBatch(blinded_elements, evaluated_elements));
  ASSIGN_OR_RETURN(const Composites composites,
                   ComputeComposites(public_key, blinded_elements, evaluated_elements));

  Element sA;
  crypto_scalarmult_ristretto255_base(sA.data(), s);
  ASSIGN_OR_RETURN(const Element cB, Multiply(c, public_key));
  ASSIGN_OR_RETURN(const Element t2, Add(sA, cB));  // t2 = s * A + c * B
  ASSIGN_OR_RETURN(const Element sM, Multiply(s, composites.M));
  ASSIGN_OR_RETURN(const Element cZ, Multiply(c, composites.Z));
  ASSIGN_OR_RETURN(const Element t3, Add(sM, cZ));  // t3 = s * M + c * Z
  FixedBytes<32> expected_c;
  Challenge(public_key, composites, t2, t3, expected_c.data());
  if (sodium_memcmp(expected_c.data(), c, 32) != 0) return absl::PermissionDeniedError("proof does not hold");
  return absl::OkStatus();
}

}  // namespace seinpost::crypto::voprf
