// SPDX-License-Identifier: EUPL-1.2
#include "server/commit/read_only.h"

#include "absl/strings/cord.h"

namespace seinpost::server {

namespace {
constexpr char kReadOnlyUrl[] = "seinpost/read-only";
}  // namespace

absl::Status ReadOnly() {
  absl::Status status = absl::UnavailableError(
      "read-only: the broker cannot store anything now; what is there can still be read");
  status.SetPayload(kReadOnlyUrl, absl::Cord("1"));
  return status;
}

bool IsReadOnly(const absl::Status& status) { return status.GetPayload(kReadOnlyUrl).has_value(); }

}  // namespace seinpost::server
