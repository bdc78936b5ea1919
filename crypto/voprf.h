// SPDX-License-Identifier: EUPL-1.2
// The oblivious pseudorandom functions OPRF and VOPRF of RFC 9497, suite ristretto255-SHA512, and the
// additive split of a key over two holders that Seinpost builds on it. Names are the RFC's.
//
// Elements and scalars are bytes as they travel. Every function that takes one checks it itself: the
// identity, a point that is not canonical, the scalar zero and a scalar >= the group order are refused
// (kInvalidArgument; libsodium accepts some of these). Thread-safe.
#ifndef SEINPOST_CRYPTO_VOPRF_H_
#define SEINPOST_CRYPTO_VOPRF_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/secret.h"
#include "util/bytes.h"

namespace seinpost::crypto::voprf {

enum class Mode : uint8_t { kOprf = 0x00, kVoprf = 0x01 };

using Element = FixedBytes<32>;
using Proof = FixedBytes<64>;   // c || s
using Output = FixedBytes<64>;  // of the PRF
using Scalar = Secret<32>;      // a key or a blind

inline constexpr size_t kMaxInputBytes = 65535;
inline constexpr size_t kMaxBatch = 65535;

struct KeyPair {
  Scalar secret;
  Element public_key;
};

// RFC 9497 Section 2.1, DeserializeElement and DeserializeScalar, with the refusals named above.
absl::StatusOr<Element> DeserializeElement(ByteView bytes);
absl::StatusOr<Scalar> DeserializeScalar(ByteView bytes);

// RFC 9497 Section 3.2.
KeyPair GenerateKeyPair();
// RFC 9497 Section 3.2.1. kInvalidArgument: `seed` is not 32 bytes or `info` above 65535.
absl::StatusOr<KeyPair> DeriveKeyPair(Mode mode, ByteView seed, ByteView info);
// The pair of a stored secret.
absl::StatusOr<KeyPair> FromSecret(Scalar secret);

struct Blinded {
  Scalar blind;  // The client keeps it for Finalize().
  Element blinded_element;
};
// RFC 9497 Sections 3.3.1 and 3.3.2, with a random blind. kInvalidArgument: `input` is above kMaxInputBytes,
// or maps to the identity (which nobody knows how to make happen).
absl::StatusOr<Blinded> Blind(Mode mode, ByteView input);

struct Evaluation {
  std::vector<Element> evaluated_elements;
  Proof proof;  // one for the batch
};
// RFC 9497 Section 3.3.2: evaluates each blinded element and proves that one key did them all.
// kInvalidArgument: an empty batch, one above kMaxBatch, a bad element, a pair whose halves do not belong
// together.
absl::StatusOr<Evaluation> BlindEvaluate(const KeyPair& key, std::span<const Element> blinded_elements);
// RFC 9497 Section 3.3.1: the evaluation without a proof.
absl::StatusOr<Element> Evaluate(const Scalar& key, const Element& blinded_element);

// RFC 9497 Section 2.2.1, with A the generator and B the public key.
absl::StatusOr<Proof> GenerateProof(const KeyPair& key, std::span<const Element> blinded_elements,
                                    std::span<const Element> evaluated_elements);
// RFC 9497 Section 2.2.2. kPermissionDenied: the proof does not hold. kInvalidArgument: bad elements or
// scalars, lists of different lengths, an empty batch.
absl::Status VerifyProof(const Element& public_key, std::span<const Element> blinded_elements,
                         std::span<const Element> evaluated_elements, const Proof& proof);

// RFC 9497 Section 3.3.1. In verifiable mode the caller has verified the proof before.
absl::StatusOr<Output> Finalize(ByteView input, const Scalar& blind, const Element& evaluated_element);

// The additive split (not in RFC 9497): with keys k1 and k2, AddElements(k1*B, k2*B) is the evaluation under
// k1+k2, and AddPublicKeys(pk1, pk2) that key's public key. Verify each holder's proof under its own key
// first: after the sum a false share no longer shows. kInvalidArgument: a bad summand, or a sum that is the
// identity.
absl::StatusOr<Element> AddElements(const Element& a, const Element& b);
absl::StatusOr<Element> AddPublicKeys(const Element& a, const Element& b);

}  // namespace seinpost::crypto::voprf

#endif  // SEINPOST_CRYPTO_VOPRF_H_
