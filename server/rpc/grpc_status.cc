// SPDX-License-Identifier: EUPL-1.2
#include "server/rpc/grpc_status.h"

#include <optional>
#include <string>

#include "envelope/status_details.h"
#include "server/gate/quota.h"
#include "server/gate/refusal.h"

namespace seinpost::server {

bool IsUnexpected(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnavailable:
      return false;
    default:
      return true;
  }
}

// Both number their codes as google.rpc.Code does.
grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  if (IsUnexpected(status)) return grpc::Status(grpc::StatusCode::INTERNAL, "internal error");
  // What is too large is so whenever it is tried again; RESOURCE_EXHAUSTED always says when to come back.
  const bool for_good = absl::IsResourceExhausted(status) && RetryAfter(status) == absl::ZeroDuration();
  const auto code =
      for_good ? grpc::StatusCode::INVALID_ARGUMENT : static_cast<grpc::StatusCode>(status.raw_code());
  const std::optional<v1::Decision> refusal = RefusalOf(status);
  return grpc::Status(
      code, std::string(status.message()),
      refusal ? envelope::EncodeStatusDetails(status.raw_code(), status.message(), *refusal) : std::string());
}

absl::string_view CodeName(grpc::StatusCode code) {
  static constexpr absl::string_view kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const size_t index = static_cast<size_t>(code);
  return index < sizeof(kNames) / sizeof(kNames[0]) ? kNames[index] : "UNKNOWN";
}

}  // namespace seinpost::server
