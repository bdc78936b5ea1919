// SPDX-License-Identifier: EUPL-1.2
// For what tests set up before they test: ends the program when that fails.
#ifndef SEINPOST_TESTS_TESTING_OR_DIE_H_
#define SEINPOST_TESTS_TESTING_OR_DIE_H_

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/status/statusor.h"

namespace seinpost::test {

inline void CheckOk(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "test set-up: %s\n", status.ToString().c_str());
  std::abort();
}

template <typename T>
T OrDie(absl::StatusOr<T> value) {
  CheckOk(value.status());
  return *std::move(value);
}

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_TESTING_OR_DIE_H_
