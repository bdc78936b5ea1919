// SPDX-License-Identifier: EUPL-1.2
#include "trust/log_identity.h"

#include "absl/strings/str_cat.h"

namespace seinpost::trust {

std::string LogOrigin(absl::string_view convenant_id) { return absl::StrCat("seinpost/", convenant_id); }

std::string EpochOrigin(absl::string_view convenant_id, uint64_t number) {
  return absl::StrCat(LogOrigin(convenant_id), "/", number);
}

absl::StatusOr<FixedBytes<32>> LogKey(const policies::Convenant& convenant) {
  if (!convenant.trust()) return absl::FailedPreconditionError("the convenant states no log key");
  absl::StatusOr<FixedBytes<32>> key = ToFixed<32>(convenant.trust()->log_key, "trust.log_key");
  if (!key.ok()) return absl::FailedPreconditionError(key.status().message());
  return key;
}

}  // namespace seinpost::trust
