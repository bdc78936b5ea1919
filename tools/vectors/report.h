// SPDX-License-Identifier: EUPL-1.2
// Report counts what became of the cases of one vector file. Not thread-safe.
#ifndef SEINPOST_TOOLS_VECTORS_REPORT_H_
#define SEINPOST_TOOLS_VECTORS_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace seinpost::vectors {

class Report {
 public:
  void Pass() { ++passed_; }
  // A case that asks for something Seinpost does not have (an HPKE mode, a later suite).
  void Skip(size_t cases = 1) { skipped_ += cases; }
  void Fail(absl::string_view where, absl::string_view why);

  // Passes when `status` is OK.
  void ExpectOk(absl::string_view where, const absl::Status& status);
  // Passes when the thing was refused.
  void ExpectRefused(absl::string_view where, const absl::Status& status);
  void Expect(bool accept, absl::string_view where, const absl::Status& status);

  size_t passed() const { return passed_; }
  size_t failed() const { return failures_.size(); }
  size_t skipped() const { return skipped_; }
  // One sentence a failed case.
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  size_t passed_ = 0;
  size_t skipped_ = 0;
  std::vector<std::string> failures_;
};

}  // namespace seinpost::vectors

#endif  // SEINPOST_TOOLS_VECTORS_REPORT_H_
