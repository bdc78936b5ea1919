// SPDX-License-Identifier: EUPL-1.2
// Small families: strict Ed25519, encodings of ristretto255 that must be refused, expand_message_xmd.
#include <string>

#include "absl/strings/str_cat.h"
#include "crypto/expand.h"
#include "crypto/sign.h"
#include "crypto/voprf.h"
#include "tools/vectors/families.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

namespace {

// The file has no expected results; this is our policy (crypto/sign.h): nothing of low order, nothing
// non-canonical, and the equation without cofactor, which a residue of low order breaks. A mixed-order key
// alone is let through.
absl::StatusOr<bool> MustVerify(const Json& test) {
  for (const Json& flag : Items(test, {"flags"})) {
    if (!flag.is_string()) return absl::InvalidArgumentError("flags holds something that is not a string");
    for (const char* refused :
         {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R", "low_order_residue"}) {
      if (flag.get_ref<const std::string&>() == refused) return false;
    }
  }
  return true;
}

absl::Status EdgeCase(const Json& test) {
  ASSIGN_OR_RETURN(const Bytes key, Hex(test, {"key"}));
  ASSIGN_OR_RETURN(const Bytes signature, Hex(test, {"sig"}));
  ASSIGN_OR_RETURN(const std::string message, Text(test, {"msg"}));
  return crypto::VerifyRaw(key, message, signature);
}

absl::Status Expand(const Json& test, ByteView dst) {
  ASSIGN_OR_RETURN(const std::string message, Text(test, {"msg"}));
  ASSIGN_OR_RETURN(const uint64_t length, Number(test, {"len_in_bytes"}));
  ASSIGN_OR_RETURN(const Bytes expected, Hex(test, {"uniform_bytes"}));
  ASSIGN_OR_RETURN(const Bytes uniform_bytes, crypto::ExpandMessageXmdSha512(message, dst, length));
  return Same("uniform_bytes", expected, uniform_bytes);
}

}  // namespace

void RunEd25519EdgeCases(const Json& file, Report& report) {
  for (size_t i = 0; i < file.size(); ++i) {
    const std::string where = absl::StrCat("number ", Number(file[i], {"number"}).value_or(i));
    const absl::StatusOr<bool> must_verify = MustVerify(file[i]);
    if (!must_verify.ok()) {
      report.Fail(where, must_verify.status().message());
      continue;
    }
    report.Expect(*must_verify, where, EdgeCase(file[i]));
  }
}

void RunRistrettoBadEncodings(const Json& file, Report& report) {
  const std::vector<Json> encodings = Items(file, {"bad_encodings"});
  for (size_t i = 0; i < encodings.size(); ++i) {
    const std::string where = absl::StrCat("encoding ", i);
    const absl::StatusOr<Bytes> encoding = Hex(encodings[i], {"encoding"});
    if (!encoding.ok()) {
      report.Fail(where, encoding.status().message());
      continue;
    }
    report.ExpectRefused(where, crypto::voprf::DeserializeElement(*encoding).status());
  }
}

void RunExpandRfc9380(const Json& file, Report& report) {
  const std::string hash = Text(file, {"hash"}).value_or("");
  const std::string dst = Text(file, {"DST"}).value_or("");
  const std::vector<Json> tests = Items(file, {"tests"});
  if (hash != "SHA512") {
    report.Skip(tests.size());
    return;
  }
  for (size_t i = 0; i < tests.size(); ++i) report.ExpectOk(absl::StrCat("test ", i), Expand(tests[i], dst));
}

}  // namespace seinpost::vectors
