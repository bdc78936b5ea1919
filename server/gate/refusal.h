// SPDX-License-Identifier: EUPL-1.2
// A decision of the convenant as the detail of a refusing status. Thread-safe.
#ifndef SEINPOST_SERVER_GATE_REFUSAL_H_
#define SEINPOST_SERVER_GATE_REFUSAL_H_

#include <optional>

#include "absl/status/status.h"
#include "envelope/decision_message.h"
#include "seinpost/v1/common.pb.h"
#include "server/gate/metrics.h"

namespace seinpost::server {

// What is answered to a refused request: kPermissionDenied that carries `decision`; its text names the first
// code, under which it is counted. `parts` are those of the request, empty where it has none.
absl::Status Refused(Metrics& metrics, const policies::Decision& decision,
                     const envelope::DecidedParts& parts);
// The decision that a status carries, if it is a refusal.
std::optional<v1::Decision> RefusalOf(const absl::Status& status);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_REFUSAL_H_
