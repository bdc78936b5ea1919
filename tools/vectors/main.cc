// SPDX-License-Identifier: EUPL-1.2
// seinpost-vectors FILE…: runs test vectors against crypto/ and audit/. One line a file on stdout, failures
// on stderr; the last two lines are "N skipped" and "N passed, M failed". Exit codes: 0 all passed and at
// least one did · 1 some failed or none ran · 2 usage, or a file that cannot be read or is of no known shape
// (which also counts as one failure).
#include <cstdio>
#include <string>

#include "crypto/process.h"
#include "tools/vectors/runner.h"

namespace seinpost::vectors {
namespace {

int Main(int argc, char** argv) {
  if (argc < 2 || std::string(argv[1]) == "--help") {
    std::fprintf(argc < 2 ? stderr : stdout, "usage: %s FILE...\n", argv[0]);
    return argc < 2 ? 2 : 0;
  }
  size_t passed = 0;
  size_t failed = 0;
  size_t skipped = 0;
  bool unreadable = false;
  for (int i = 1; i < argc; ++i) {
    const absl::StatusOr<FileResult> result = RunVectorFile(argv[i]);
    if (!result.ok()) {
      unreadable = true;
      ++failed;
      std::printf("%s: not run\n", argv[i]);
      std::fprintf(stderr, "%s: %s\n", argv[i], std::string(result.status().message()).c_str());
      continue;
    }
    const Report& report = result->report;
    std::printf("%s: %s: %zu passed, %zu failed, %zu skipped\n", argv[i], result->family.c_str(),
                report.passed(), report.failed(), report.skipped());
    for (const std::string& failure : report.failures())
      std::fprintf(stderr, "%s: %s\n", argv[i], failure.c_str());
    passed += report.passed();
    failed += report.failed();
    skipped += report.skipped();
  }
  std::printf("%zu skipped\n%zu passed, %zu failed\n", skipped, passed, failed);
  if (unreadable) return 2;
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace seinpost::vectors

int main(int argc, char** argv) {
  seinpost::crypto::StartProcess();
  return seinpost::vectors::Main(argc, argv);
}
