// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/refusal.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace seinpost::server {

namespace {

constexpr char kDecisionUrl[] = "type.googleapis.com/seinpost.v1.Decision";

}  // namespace

absl::Status Refused(Metrics& metrics, const policies::Decision& decision,
                     const envelope::DecidedParts& parts) {
  const absl::string_view code =
      decision.reasons.empty() ? "DENIED" : policies::ToString(decision.reasons.front().code);
  metrics.CountRefusal(code);
  absl::Status status = absl::PermissionDeniedError(absl::StrCat("refused by the convenant: ", code));
  status.SetPayload(kDecisionUrl, absl::Cord(envelope::ToProto(decision, parts).SerializeAsString()));
  return status;
}

std::optional<v1::Decision> RefusalOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kDecisionUrl);
  if (!payload.has_value()) return std::nullopt;
  v1::Decision decision;
  if (!decision.ParseFromString(std::string(*payload))) return std::nullopt;
  return decision;
}

}  // namespace seinpost::server
