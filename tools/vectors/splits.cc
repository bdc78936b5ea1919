// SPDX-License-Identifier: EUPL-1.2
// Additive splits of a VOPRF key: {[expect], holders: [{sk, pk, evaluated_element, proof,
// proof_random_scalar}], pk_sum, evaluated_sum, input, blind, [blinded_element], output}. Single values or
// lists of one batch.
//
// Valid means: each holder's proof holds for its own evaluation, the sums are the sums, one key sk_1 + sk_2 +
// … gives the same evaluation, and the client's output comes from the summed element.
#include <optional>
#include <vector>

#include "crypto/voprf.h"
#include "crypto/voprf_internal.h"
#include "tools/vectors/families.h"
#include "tools/vectors/voprf_values.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

namespace {

using crypto::voprf::Element;
using crypto::voprf::KeyPair;
using crypto::voprf::Mode;
using crypto::voprf::Scalar;

// The case's blinded elements, or those that its inputs and blinds give.
absl::StatusOr<std::vector<Element>> BlindedElements(const Json& test) {
  if (Has(test, {"blinded_element", "blinded_elements"})) {
    return ReadElements(test, {"blinded_element", "blinded_elements"});
  }
  ASSIGN_OR_RETURN(const std::vector<Bytes> inputs, HexList(test, {"input"}));
  ASSIGN_OR_RETURN(const std::vector<Bytes> blinds, HexList(test, {"blind"}));
  if (inputs.size() != blinds.size())
    return absl::InvalidArgumentError("lists of inputs and blinds differ in length");
  std::vector<Element> elements;
  for (size_t i = 0; i < inputs.size(); ++i) {
    ASSIGN_OR_RETURN(const Scalar blind, crypto::voprf::DeserializeScalar(blinds[i]));
    ASSIGN_OR_RETURN(const Element element,
                     crypto::voprf::internal::BlindWith(Mode::kVoprf, inputs[i], blind));
    elements.push_back(element);
  }
  return elements;
}

struct Sums {
  std::vector<Element> evaluated;
  std::optional<Element> public_key;
  std::optional<Scalar> secret;  // only if every holder shows its own
};

absl::Status Add(const Json& holder, std::span<const Element> blinded_elements, Sums& sums) {
  ASSIGN_OR_RETURN(const std::vector<Element> evaluated,
                   ReadElements(holder, {"evaluated_element", "evaluated_elements"}));
  RETURN_IF_ERROR(CheckHolder(holder, blinded_elements, evaluated));
  ASSIGN_OR_RETURN(const Bytes public_bytes, Hex(holder, {"pk", "pkS", "pkSm"}));
  ASSIGN_OR_RETURN(const Element public_key, crypto::voprf::DeserializeElement(public_bytes));
  const bool first = !sums.public_key.has_value();
  std::optional<Scalar> secret;
  if (Has(holder, {"sk", "skS", "skSm"})) {
    ASSIGN_OR_RETURN(const Bytes secret_bytes, Hex(holder, {"sk", "skS", "skSm"}));
    ASSIGN_OR_RETURN(secret, crypto::voprf::DeserializeScalar(secret_bytes));
  }
  if (first) {
    sums.evaluated = evaluated;
    sums.public_key = public_key;
    sums.secret = std::move(secret);
    return absl::OkStatus();
  }
  for (size_t i = 0; i < evaluated.size(); ++i) {
    ASSIGN_OR_RETURN(sums.evaluated[i], crypto::voprf::AddElements(sums.evaluated[i], evaluated[i]));
  }
  ASSIGN_OR_RETURN(sums.public_key, crypto::voprf::AddPublicKeys(*sums.public_key, public_key));
  if (sums.secret.has_value() && secret.has_value()) {
    ASSIGN_OR_RETURN(sums.secret, crypto::voprf::internal::AddScalars(*sums.secret, *secret));
  } else {
    sums.secret.reset();
  }
  return absl::OkStatus();
}

absl::Status CheckAgainstOneKey(const Sums& sums, std::span<const Element> blinded_elements) {
  if (!sums.secret.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckEvaluation(*sums.secret, blinded_elements, sums.evaluated));
  ASSIGN_OR_RETURN(const KeyPair pair, crypto::voprf::FromSecret(sums.secret->Clone()));
  return Same("pk_sum", View(*sums.public_key), View(pair.public_key));
}

absl::Status CheckSplit(const Json& test) {
  ASSIGN_OR_RETURN(const std::vector<Element> blinded_elements, BlindedElements(test));
  Sums sums;
  for (const Json& holder : Items(test, {"holders"})) RETURN_IF_ERROR(Add(holder, blinded_elements, sums));
  if (!sums.public_key.has_value()) return absl::InvalidArgumentError("holders is empty");
  RETURN_IF_ERROR(MatchIfPresent(test, {"pk_sum"}, View(*sums.public_key)));
  if (Has(test, {"evaluated_sum"})) {
    ASSIGN_OR_RETURN(const std::vector<Element> expected, ReadElements(test, {"evaluated_sum"}));
    if (expected != sums.evaluated) return absl::PermissionDeniedError("evaluated_sum differs");
  }
  RETURN_IF_ERROR(CheckAgainstOneKey(sums, blinded_elements));
  return CheckClient(test, Mode::kVoprf, blinded_elements, sums.evaluated);
}

}  // namespace

void RunSplitCase(const Json& test, absl::string_view where, Report& report) {
  std::string expect = "valid";
  if (Has(test, {"expect"})) expect = Text(test, {"expect"}).value_or("");
  if (expect != "valid" && expect != "invalid") {
    report.Fail(where, "expect is neither valid nor invalid");
    return;
  }
  report.Expect(expect == "valid", where, CheckSplit(test));
}

}  // namespace seinpost::vectors
