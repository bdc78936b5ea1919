// SPDX-License-Identifier: EUPL-1.2
#include "tools/vectors/runner.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/vectors/families.h"
#include "tools/vectors/json.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

namespace {

constexpr size_t kMaxFileBytes = 256 * 1024 * 1024;

void SkipAll(const Json& file, Report& report) { report.Skip(file.size()); }

// A file is recognised by fields that only its family has: of the object, or of a list's first element.
struct VectorFamily {
  const char* name;
  std::vector<const char*> fields;
  void (*run)(const Json& file, Report& report);
};

const std::vector<VectorFamily>& ListFamilies() {
  static const auto* const families = new std::vector<VectorFamily>{
      {"HPKE (RFC 9180)", {"mode", "encryptions"}, RunHpkeRfc9180},
      {"OPRF (RFC 9497)", {"mode", "identifier", "vectors"}, RunOprfRfc9497},
      {"Merkle inclusion proofs (RFC 6962)", {"leafIdx", "treeSize"}, RunMerkleInclusion},
      {"Merkle consistency proofs (RFC 6962)", {"size1", "size2"}, RunMerkleConsistency},
      {"Ed25519 edge cases (CCTV)", {"number", "key", "sig", "msg"}, RunEd25519EdgeCases},
      {"X-Wing (not in use yet)", {"seed", "eseed", "ss"}, SkipAll},
  };
  return *families;
}

const std::vector<VectorFamily>& ObjectFamilies() {
  static const auto* const families = new std::vector<VectorFamily>{
      {"expand_message_xmd (RFC 9380)", {"DST", "tests"}, RunExpandRfc9380},
      {"Merkle reference tree (RFC 6962)", {"leaf_inputs_hex"}, RunMerkleReferenceTree},
      {"ristretto255 bad encodings", {"bad_encodings"}, RunRistrettoBadEncodings},
      {"signed notes (C2SP)", {"checkpoint_parse"}, RunSignedNotes},
  };
  return *families;
}

const VectorFamily* Recognise(const std::vector<VectorFamily>& families, const Json& object) {
  for (const VectorFamily& family : families) {
    bool all = true;
    for (const char* field : family.fields) all = all && Has(object, {field});
    if (all) return &family;
  }
  return nullptr;
}

// Independent cases are recognised one by one, so that one list may hold several kinds.
void RunCases(const Json& cases, Report& report) {
  size_t number = 0;
  for (const Json& test : cases) {
    const std::string name = Text(test, {"name", "id", "desc", "comment"}).value_or("");
    const std::string where = absl::StrCat("case ", number++, name.empty() ? "" : " ", name);
    if (Has(test, {"holders"})) {
      RunSplitCase(test, where, report);
    } else if (Has(test, {"enc"}) || Has(test, {"messages"}) || Has(test, {"kem"})) {
      RunHpkeCase(test, where, report);
    } else if (Has(test, {"blinded_element"}) || Has(test, {"evaluated_element"}) || Has(test, {"pkS"})) {
      RunVoprfCase(test, where, report);
    } else {
      report.Fail(where, "is of no known shape");
    }
  }
}

bool LooksLikeCase(const Json& object) { return Has(object, {"expect"}) || Has(object, {"holders"}); }

// Returns the family's name; empty if none fits.
std::string Dispatch(const Json& file, Report& report) {
  if (file.is_array() && !file.empty()) {
    if (const VectorFamily* family = Recognise(ListFamilies(), file.front())) {
      family->run(file, report);
      return family->name;
    }
    if (!LooksLikeCase(file.front())) return "";
    RunCases(file, report);
    return "independent cases";
  }
  if (const Json* cases = Find(file, {"cases"}); cases != nullptr && cases->is_array()) {
    RunCases(*cases, report);
    return "independent cases";
  }
  if (LooksLikeCase(file)) {
    RunCases(Json::array({file}), report);
    return "independent case";
  }
  if (Has(file, {"testGroups"}) && RunWycheproof(file, report)) {
    return absl::StrCat("Wycheproof ", Text(file, {"algorithm"}).value_or(""));
  }
  if (const VectorFamily* family = Recognise(ObjectFamilies(), file)) {
    family->run(file, report);
    return family->name;
  }
  return "";
}

}  // namespace

absl::StatusOr<FileResult> RunVectors(absl::string_view json) {
  const Json file = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (file.is_discarded()) return absl::InvalidArgumentError("not JSON");
  FileResult result;
  result.family = Dispatch(file, result.report);
  if (result.family.empty()) return absl::InvalidArgumentError("not a shape of test vectors that is known");
  if (result.report.passed() + result.report.failed() + result.report.skipped() == 0) {
    return absl::InvalidArgumentError("no test vectors in the file");
  }
  return result;
}

absl::StatusOr<FileResult> RunVectorFile(const std::string& path) {
  ASSIGN_OR_RETURN(const Bytes content, ReadFile(path, kMaxFileBytes));
  return RunVectors(content);
}

}  // namespace seinpost::vectors
