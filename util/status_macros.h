// SPDX-License-Identifier: EUPL-1.2
// RETURN_IF_ERROR and ASSIGN_OR_RETURN behave as newer Abseil's ABSL_RETURN_IF_ERROR and
// ABSL_ASSIGN_OR_RETURN do without a third argument, so that they can be swapped away.
#ifndef SEINPOST_UTIL_STATUS_MACROS_H_
#define SEINPOST_UTIL_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expr)                                                           \
  do {                                                                                  \
    if (absl::Status status_macro_ = (expr); !status_macro_.ok()) return status_macro_; \
  } while (false)

#define ASSIGN_OR_RETURN(lhs, rexpr) \
  SEINPOST_ASSIGN_OR_RETURN_(SEINPOST_CONCAT_(status_or_macro_, __LINE__), lhs, rexpr)
// Parentheses would keep `lhs` from declaring a variable.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define SEINPOST_ASSIGN_OR_RETURN_(status_or, lhs, rexpr)    \
  auto status_or = (rexpr);                                  \
  if (!status_or.ok()) return std::move(status_or).status(); \
  lhs = *std::move(status_or)
// NOLINTEND(bugprone-macro-parentheses)
#define SEINPOST_CONCAT_(a, b) SEINPOST_CONCAT_INNER_(a, b)
#define SEINPOST_CONCAT_INNER_(a, b) a##b

#endif  // SEINPOST_UTIL_STATUS_MACROS_H_
