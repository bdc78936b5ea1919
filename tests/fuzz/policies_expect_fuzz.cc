// SPDX-License-Identifier: EUPL-1.2
// NAME.expect.yaml beside a fixed convenant and lab: the file is parsed, and what it asks is answered.
#include "policies/questions/questions.h"
#include "tests/fuzz/policies_fixed.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto report = seinpost::policies::RunQuestions(seinpost::FuzzView(data, size), "x.yaml",
                                                       seinpost::FixedConvenant(), seinpost::FixedLab());
  if (!report.ok()) {
    seinpost::CheckYamlError(report.status());
    return 0;
  }
  seinpost::FuzzCheck(!report->results.empty(), "a file that parses asks something");
  for (const auto& result : report->results) {
    seinpost::FuzzCheck(result.passed == result.detail.empty(), "a wrong answer is explained");
  }
  return 0;
}
