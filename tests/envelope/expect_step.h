// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_TESTS_ENVELOPE_EXPECT_STEP_H_
#define SEINPOST_TESTS_ENVELOPE_EXPECT_STEP_H_

#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace seinpost::test {

// Expects that `status` has this code and a text that names the step; `name` is the case, for the message.
inline void ExpectStep(const absl::Status& status, absl::StatusCode code, absl::string_view text,
                       absl::string_view name) {
  EXPECT_EQ(status.code(), code) << name << ": " << status;
  EXPECT_TRUE(absl::StrContains(status.message(), text)) << name << ": " << status;
}

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_ENVELOPE_EXPECT_STEP_H_
