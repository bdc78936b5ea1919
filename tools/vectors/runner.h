// SPDX-License-Identifier: EUPL-1.2
// Runs a file of test vectors in any shape of tests/vectors/README.md, or a list of independent cases.
#ifndef SEINPOST_TOOLS_VECTORS_RUNNER_H_
#define SEINPOST_TOOLS_VECTORS_RUNNER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/vectors/report.h"

namespace seinpost::vectors {

struct FileResult {
  std::string family;  // what the file was recognised as
  Report report;
};

// kInvalidArgument: no JSON, a shape nobody knows, or nothing in it.
absl::StatusOr<FileResult> RunVectors(absl::string_view json);
// Also kNotFound and the like when `path` cannot be read; files of more than 256 MiB are refused.
absl::StatusOr<FileResult> RunVectorFile(const std::string& path);

}  // namespace seinpost::vectors

#endif  // SEINPOST_TOOLS_VECTORS_RUNNER_H_
