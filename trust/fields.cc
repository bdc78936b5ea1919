// SPDX-License-Identifier: EUPL-1.2
#include "trust/fields.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace seinpost::trust {
namespace {

constexpr int64_t kLastSecondOf9999 = 253402300799;

}  // namespace

absl::Status CheckVersion(uint32_t version) {
  if (version == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("version: ", version, " is not known here"));
}

absl::Status CheckSize(ByteView value, size_t size, absl::string_view field) {
  if (value.size() == size) return absl::OkStatus();
  return WrongSize(field, size, value.size());
}

absl::Status CheckSizeOrEmpty(ByteView value, size_t size, absl::string_view field) {
  return value.empty() ? absl::OkStatus() : CheckSize(value, size, field);
}

absl::Status CheckText(absl::string_view value, absl::string_view field, size_t max) {
  if (value.empty()) return absl::InvalidArgumentError(absl::StrCat(field, ": empty"));
  if (value.size() > max) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": longer than ", max, " characters"));
  }
  const bool printable = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!printable)
    return absl::InvalidArgumentError(absl::StrCat(field, ": holds a space or an unprintable character"));
  return absl::OkStatus();
}

absl::Status CheckHandle(absl::string_view handle) {
  const bool ok = !handle.empty() && handle.size() <= kMaxHandleBytes &&
                  std::all_of(handle.begin(), handle.end(), [](char c) {
                    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                  });
  return ok ? absl::OkStatus() : absl::InvalidArgumentError("handle: not [a-z0-9-]{1,32}");
}

absl::StatusOr<absl::Time> CheckTime(int64_t unix_seconds, absl::string_view field) {
  if (unix_seconds <= 0 || unix_seconds > kLastSecondOf9999) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": outside 1970 to 9999"));
  }
  return absl::FromUnixSeconds(unix_seconds);
}

}  // namespace seinpost::trust
