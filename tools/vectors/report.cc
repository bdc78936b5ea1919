// SPDX-License-Identifier: EUPL-1.2
#include "tools/vectors/report.h"

#include "absl/strings/str_cat.h"

namespace seinpost::vectors {

void Report::Fail(absl::string_view where, absl::string_view why) {
  failures_.push_back(absl::StrCat(where, ": ", why));
}

void Report::ExpectOk(absl::string_view where, const absl::Status& status) {
  if (status.ok()) {
    Pass();
  } else {
    Fail(where, status.message());
  }
}

void Report::ExpectRefused(absl::string_view where, const absl::Status& status) {
  if (status.ok()) {
    Fail(where, "was accepted, but must be refused");
  } else {
    Pass();
  }
}

void Report::Expect(bool accept, absl::string_view where, const absl::Status& status) {
  if (accept) {
    ExpectOk(where, status);
  } else {
    ExpectRefused(where, status);
  }
}

}  // namespace seinpost::vectors
