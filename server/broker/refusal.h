// SPDX-License-Identifier: EUPL-1.2
// A decision of the convenant on its way out: as message, and as the detail of a refusing status.
// Pure; thread-safe.
#ifndef SEINPOST_SERVER_BROKER_REFUSAL_H_
#define SEINPOST_SERVER_BROKER_REFUSAL_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "policies/decide.h"
#include "seinpost/v1/common.pb.h"

namespace seinpost::server {

// What the indices of a policies::Decision mean.
struct DecidedParts {
  std::vector<policies::PartKind> kinds;
  std::vector<std::vector<policies::MemberId>> recipients;

  static DecidedParts Of(const policies::SendRequest& request);
};

v1::Decision ToProto(const policies::Decision& decision, const DecidedParts& parts);

// kPermissionDenied that carries `decision`; its text names the first code.
absl::Status Refused(const v1::Decision& decision);
// The decision that a status carries, if it is a refusal.
std::optional<v1::Decision> RefusalOf(const absl::Status& status);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_BROKER_REFUSAL_H_
