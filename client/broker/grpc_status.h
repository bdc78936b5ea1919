// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_BROKER_GRPC_STATUS_H_
#define SEINPOST_CLIENT_BROKER_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace seinpost::client {

// What begins the text of a status that came from the broker.
inline constexpr char kBrokerSays[] = "the broker says: ";

// What a call's status means here. PERMISSION_DENIED with a v1::Decision in its details
// (envelope/status_details.h) is a refusal (context.h RefusedError); UNAVAILABLE, DEADLINE_EXCEEDED and what
// gRPC says of a call that was cut off are an unreachable broker; a broker's own DATA_LOSS or INTERNAL is a
// failure (exit 1), for it is the client alone that can find out that something was tampered with.
absl::Status FromGrpc(const grpc::Status& status);

// Whether a call that failed leaves open what was asked, so that nothing can be held against the log: the
// broker was not reached, ended, is busy, has a fault, or the call was ended here. False for an answer, which
// can be.
bool IsNoAnswer(const absl::Status& status);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_GRPC_STATUS_H_
