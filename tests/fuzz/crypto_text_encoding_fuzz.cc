// SPDX-License-Identifier: EUPL-1.2
// Hexadecimal and base64 both ways, and the runner of test vectors, which reads whatever it is given.
#include <algorithm>
#include <cctype>
#include <string>

#include "tests/fuzz/fuzz_check.h"
#include "tools/vectors/runner.h"

using seinpost::Bytes;
using seinpost::ByteView;
using seinpost::FuzzCheck;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView input = seinpost::FuzzView(data, size);
  FuzzCheck(*seinpost::FromHex(seinpost::ToHex(input)) == input, "hexadecimal comes back");
  FuzzCheck(*seinpost::FromBase64(seinpost::ToBase64(input)) == input, "base64 comes back");

  if (const absl::StatusOr<Bytes> bytes = seinpost::FromHex(input); bytes.ok()) {
    std::string lower(input);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    FuzzCheck(seinpost::ToHex(*bytes) == lower, "hexadecimal has one meaning");
  }
  if (const absl::StatusOr<Bytes> bytes = seinpost::FromBase64(input); bytes.ok()) {
    FuzzCheck(seinpost::ToBase64(*bytes) == input, "base64 has one spelling");
  }
  if (const auto result = seinpost::vectors::RunVectors(input); result.ok()) {
    const seinpost::vectors::Report& report = result->report;
    FuzzCheck(report.passed() + report.failed() + report.skipped() > 0, "a file that is known has cases");
  }
  return 0;
}
