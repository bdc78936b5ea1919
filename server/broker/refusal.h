// SPDX-License-Identifier: EUPL-1.2
// A decision of the convenant as the detail of a refusing status.
// Pure; thread-safe.
#ifndef SEINPOST_SERVER_BROKER_REFUSAL_H_
#define SEINPOST_SERVER_BROKER_REFUSAL_H_

#include <optional>

#include "absl/status/status.h"
#include "envelope/decision_message.h"
#include "seinpost/v1/common.pb.h"

namespace seinpost::server {

using envelope::DecidedParts;
using envelope::ToProto;

// kPermissionDenied that carries `decision`; its text names the first code.
absl::Status Refused(const v1::Decision& decision);
// The decision that a status carries, if it is a refusal.
std::optional<v1::Decision> RefusalOf(const absl::Status& status);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_BROKER_REFUSAL_H_
