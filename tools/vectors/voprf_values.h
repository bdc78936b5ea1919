// SPDX-License-Identifier: EUPL-1.2
// Steps that VOPRF cases and additive splits share. All take untrusted JSON and return the first thing that
// is refused (kInvalidArgument, kPermissionDenied) or comes out differently (kPermissionDenied).
#ifndef SEINPOST_TOOLS_VECTORS_VOPRF_VALUES_H_
#define SEINPOST_TOOLS_VECTORS_VOPRF_VALUES_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/voprf.h"
#include "tools/vectors/json.h"

namespace seinpost::vectors {

struct Values {
  std::vector<crypto::voprf::Element> blinded_elements;
  std::vector<crypto::voprf::Element> evaluated_elements;
};

absl::StatusOr<std::vector<crypto::voprf::Element>> ReadElements(const Json& object, Names names);
// blinded_element and evaluated_element.
absl::StatusOr<Values> ReadValues(const Json& test);

// Each evaluated element is `secret` times its blinded element.
absl::Status CheckEvaluation(const crypto::voprf::Scalar& secret,
                             std::span<const crypto::voprf::Element> blinded_elements,
                             std::span<const crypto::voprf::Element> evaluated_elements);

// A holder of a key: {pk, [sk], proof, [proof_random_scalar]}. The proof holds under pk; with sk given, key
// and evaluation are reproduced; with the random scalar given as well, the proof is.
absl::Status CheckHolder(const Json& holder, std::span<const crypto::voprf::Element> blinded_elements,
                         std::span<const crypto::voprf::Element> evaluated_elements);

// The client's side: input[], blind[] and output[], as far as they are given, fit the elements.
absl::Status CheckClient(const Json& test, crypto::voprf::Mode mode,
                         std::span<const crypto::voprf::Element> blinded_elements,
                         std::span<const crypto::voprf::Element> evaluated_elements);

}  // namespace seinpost::vectors

#endif  // SEINPOST_TOOLS_VECTORS_VOPRF_VALUES_H_
