// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_RPC_GRPC_STATUS_H_
#define SEINPOST_SERVER_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace seinpost::server {

// The one place where codes cross over to gRPC. A refusal carries its Decision as error details
// (envelope/status_details.h), cut to what a header holds.
// kResourceExhausted without a time to wait is for what is too large, and becomes INVALID_ARGUMENT.
// What a caller can do nothing about (kInternal, kDataLoss, …) becomes INTERNAL with a fixed text.
grpc::Status ToGrpcStatus(const absl::Status& status);

// Whether `status` is such an error, which the server has to log.
bool IsUnexpected(const absl::Status& status);

// "PERMISSION_DENIED"
absl::string_view CodeName(grpc::StatusCode code);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RPC_GRPC_STATUS_H_
