// SPDX-License-Identifier: EUPL-1.2
// OPRF and VOPRF vectors. Independent cases: {expect: "valid"|"invalid", [mode], skS, pkS, [seed, key_info],
// batch, input[], blind[], blinded_element[], evaluated_element[], output[], proof, proof_random_scalar}. The
// file of RFC 9497 is brought into that shape first.
//
// "valid" means that the proof holds and that every value given is reproduced from the others. "invalid"
// means that some step refuses or comes out differently.
#include "crypto/voprf.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/voprf_internal.h"
#include "tools/vectors/families.h"
#include "tools/vectors/voprf_values.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

using crypto::voprf::Element;
using crypto::voprf::KeyPair;
using crypto::voprf::Mode;
using crypto::voprf::Proof;
using crypto::voprf::Scalar;

namespace {

// kUnimplemented: POPRF.
absl::StatusOr<Mode> ModeOf(const Json& test) {
  if (!Has(test, {"mode"})) return Mode::kVoprf;
  ASSIGN_OR_RETURN(const uint64_t mode, Number(test, {"mode"}));
  if (mode == 2) return absl::UnimplementedError("POPRF is not supported");
  if (mode > 2) return absl::InvalidArgumentError("mode is unknown");
  return mode == 0 ? Mode::kOprf : Mode::kVoprf;
}

absl::Status CheckKeys(const Json& test, Mode mode) {
  if (!Has(test, {"seed"})) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Bytes seed, Hex(test, {"seed"}));
  ASSIGN_OR_RETURN(const Bytes key_info, HexOrEmpty(test, {"key_info", "keyInfo"}));
  ASSIGN_OR_RETURN(const KeyPair derived, crypto::voprf::DeriveKeyPair(mode, seed, key_info));
  RETURN_IF_ERROR(MatchIfPresent(test, {"skS", "skSm"}, derived.secret.ExposeSecretView()));
  return MatchIfPresent(test, {"pkS", "pkSm"}, View(derived.public_key));
}

absl::Status CheckLengths(const Json& test, const Values& values) {
  if (Has(test, {"batch"})) {
    ASSIGN_OR_RETURN(const uint64_t batch, Number(test, {"batch"}));
    if (batch != values.blinded_elements.size())
      return absl::InvalidArgumentError("batch is not the list's length");
  }
  if (values.blinded_elements.empty()) return absl::InvalidArgumentError("batch is empty");
  if (values.evaluated_elements.size() != values.blinded_elements.size()) {
    return absl::InvalidArgumentError("lists of elements differ in length");
  }
  return absl::OkStatus();
}

absl::Status CheckServer(const Json& test, Mode mode, const Values& values) {
  if (mode == Mode::kOprf) {
    if (!Has(test, {"skS", "skSm"})) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Bytes secret_bytes, Hex(test, {"skS", "skSm"}));
    ASSIGN_OR_RETURN(const Scalar secret, crypto::voprf::DeserializeScalar(secret_bytes));
    return CheckEvaluation(secret, values.blinded_elements, values.evaluated_elements);
  }
  return CheckHolder(test, values.blinded_elements, values.evaluated_elements);
}

absl::Status CheckVoprf(const Json& test) {
  ASSIGN_OR_RETURN(const Mode mode, ModeOf(test));
  RETURN_IF_ERROR(CheckKeys(test, mode));
  ASSIGN_OR_RETURN(const Values values, ReadValues(test));
  RETURN_IF_ERROR(CheckLengths(test, values));
  RETURN_IF_ERROR(CheckServer(test, mode, values));
  return CheckClient(test, mode, values.blinded_elements, values.evaluated_elements);
}

// One vector of RFC 9497's file, with its group's keys, as an independent case.
Json AsCase(const Json& group, const Json& vector) {
  Json test = {{"expect", "valid"}};
  const auto copy = [&test](const Json& from, const char* name, const char* as) {
    if (const Json* field = Find(from, {name})) test[as] = *field;
  };
  copy(group, "mode", "mode");
  copy(group, "skSm", "skS");
  copy(group, "pkSm", "pkS");
  copy(group, "seed", "seed");
  copy(group, "keyInfo", "key_info");
  copy(vector, "Batch", "batch");
  copy(vector, "Input", "input");
  copy(vector, "Blind", "blind");
  copy(vector, "BlindedElement", "blinded_element");
  copy(vector, "EvaluationElement", "evaluated_element");
  copy(vector, "Output", "output");
  if (const Json* proof = Find(vector, {"Proof"})) {
    copy(*proof, "proof", "proof");
    copy(*proof, "r", "proof_random_scalar");
  }
  return test;
}

}  // namespace

void RunVoprfCase(const Json& test, absl::string_view where, Report& report) {
  const absl::StatusOr<std::string> expect = Text(test, {"expect"});
  if (!expect.ok() || (*expect != "valid" && *expect != "invalid")) {
    report.Fail(where, "expect is neither valid nor invalid");
    return;
  }
  const absl::Status status = CheckVoprf(test);
  if (absl::IsUnimplemented(status) && *expect == "valid") {
    report.Skip();
    return;
  }
  report.Expect(*expect == "valid", where, status);
}

void RunOprfRfc9497(const Json& file, Report& report) {
  for (size_t g = 0; g < file.size(); ++g) {
    const std::vector<Json> vectors = Items(file[g], {"vectors"});
    for (size_t v = 0; v < vectors.size(); ++v) {
      RunVoprfCase(AsCase(file[g], vectors[v]), absl::StrCat("group ", g, " vector ", v), report);
    }
  }
}

}  // namespace seinpost::vectors
