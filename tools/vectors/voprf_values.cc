// SPDX-License-Identifier: EUPL-1.2
#include "tools/vectors/voprf_values.h"

#include <utility>

#include "crypto/voprf_internal.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

using crypto::voprf::Element;
using crypto::voprf::KeyPair;
using crypto::voprf::Mode;
using crypto::voprf::Output;
using crypto::voprf::Proof;
using crypto::voprf::Scalar;

absl::StatusOr<std::vector<Element>> ReadElements(const Json& object, Names names) {
  ASSIGN_OR_RETURN(const std::vector<Bytes> list, HexList(object, names));
  std::vector<Element> elements;
  for (const Bytes& bytes : list) {
    ASSIGN_OR_RETURN(const Element element, crypto::voprf::DeserializeElement(bytes));
    elements.push_back(element);
  }
  return elements;
}

absl::StatusOr<Values> ReadValues(const Json& test) {
  Values values;
  ASSIGN_OR_RETURN(values.blinded_elements, ReadElements(test, {"blinded_element", "blinded_elements"}));
  ASSIGN_OR_RETURN(values.evaluated_elements,
                   ReadElements(test, {"evaluated_element", "evaluated_elements"}));
  return values;
}

absl::Status CheckEvaluation(const Scalar& secret, std::span<const Element> blinded_elements,
                             std::span<const Element> evaluated_elements) {
  if (blinded_elements.size() != evaluated_elements.size()) {
    return absl::InvalidArgumentError("lists of elements differ in length");
  }
  for (size_t i = 0; i < blinded_elements.size(); ++i) {
    ASSIGN_OR_RETURN(const Element evaluated, crypto::voprf::Evaluate(secret, blinded_elements[i]));
    RETURN_IF_ERROR(Same("evaluated_element", View(evaluated_elements[i]), View(evaluated)));
  }
  return absl::OkStatus();
}

absl::Status CheckHolder(const Json& holder, std::span<const Element> blinded_elements,
                         std::span<const Element> evaluated_elements) {
  ASSIGN_OR_RETURN(const Bytes public_bytes, Hex(holder, {"pkS", "pkSm", "pk"}));
  ASSIGN_OR_RETURN(const Element public_key, crypto::voprf::DeserializeElement(public_bytes));
  ASSIGN_OR_RETURN(const Bytes proof_bytes, Hex(holder, {"proof"}));
  ASSIGN_OR_RETURN(const Proof proof, ToFixed<64>(proof_bytes, "proof"));
  RETURN_IF_ERROR(crypto::voprf::VerifyProof(public_key, blinded_elements, evaluated_elements, proof));
  if (!Has(holder, {"skS", "skSm", "sk"})) return absl::OkStatus();

  ASSIGN_OR_RETURN(const Bytes secret_bytes, Hex(holder, {"skS", "skSm", "sk"}));
  ASSIGN_OR_RETURN(Scalar secret, crypto::voprf::DeserializeScalar(secret_bytes));
  RETURN_IF_ERROR(CheckEvaluation(secret, blinded_elements, evaluated_elements));
  ASSIGN_OR_RETURN(const KeyPair pair, crypto::voprf::FromSecret(std::move(secret)));
  RETURN_IF_ERROR(Same("pk", public_bytes, View(pair.public_key)));
  if (!Has(holder, {"proof_random_scalar", "r"})) return absl::OkStatus();

  ASSIGN_OR_RETURN(const Bytes r_bytes, Hex(holder, {"proof_random_scalar", "r"}));
  ASSIGN_OR_RETURN(const Scalar r, crypto::voprf::DeserializeScalar(r_bytes));
  ASSIGN_OR_RETURN(const Proof again,
                   crypto::voprf::internal::GenerateProofWith(pair, blinded_elements, evaluated_elements, r));
  return Same("proof", proof_bytes, View(again));
}

absl::Status CheckClient(const Json& test, Mode mode, std::span<const Element> blinded_elements,
                         std::span<const Element> evaluated_elements) {
  if (!Has(test, {"input"}) && !Has(test, {"blind"}) && !Has(test, {"output"})) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Bytes> inputs, HexList(test, {"input"}));
  ASSIGN_OR_RETURN(const std::vector<Bytes> blinds, HexList(test, {"blind"}));
  std::vector<Bytes> outputs;
  if (Has(test, {"output"})) {
    ASSIGN_OR_RETURN(outputs, HexList(test, {"output"}));
  }
  if (inputs.size() != blinded_elements.size() || blinds.size() != inputs.size() ||
      (!outputs.empty() && outputs.size() != inputs.size())) {
    return absl::InvalidArgumentError("lists of inputs, blinds and outputs differ in length");
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    ASSIGN_OR_RETURN(const Scalar blind, crypto::voprf::DeserializeScalar(blinds[i]));
    ASSIGN_OR_RETURN(const Element blinded, crypto::voprf::internal::BlindWith(mode, inputs[i], blind));
    RETURN_IF_ERROR(Same("blinded_element", View(blinded_elements[i]), View(blinded)));
    ASSIGN_OR_RETURN(const Output output, crypto::voprf::Finalize(inputs[i], blind, evaluated_elements[i]));
    if (!outputs.empty()) RETURN_IF_ERROR(Same("output", outputs[i], View(output)));
  }
  return absl::OkStatus();
}

}  // namespace seinpost::vectors
