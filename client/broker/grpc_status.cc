// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/grpc_status.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/terminal/context.h"
#include "envelope/status_details.h"

namespace seinpost::client {
namespace {

// Somebody answers, and is not believed. gRPC has no code for it, only words.
bool IsAboutTls(const std::string& message) {
  for (const char* word : {"certificate verify failed", "CERTIFICATE_VERIFY_FAILED", "handshake failed",
                           "Handshake failed", "Ssl handshake", "SSL_ERROR"}) {
    if (absl::StrContains(message, word)) return true;
  }
  return false;
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE: {
      if (IsAboutTls(status.error_message())) {
        return UnreachableError(
            "who answers there has no certificate of the authority that this profile believes in (TLS)");
      }
      // gRPC lists each address it tried after a semicolon; the first part says what is wrong.
      const std::string& message = status.error_message();
      return UnreachableError(
          absl::StrCat("the broker does not answer: ", message.substr(0, message.find(';'))));
    }
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
      return UnreachableError("the broker ended the call");
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return UnreachableError("the broker does not answer in time");
    case grpc::StatusCode::PERMISSION_DENIED:
      if (const std::optional<v1::Decision> decision =
              envelope::DecisionInStatusDetails(status.error_details());
          decision && !decision->allowed() && decision->reasons_size() > 0) {
        return RefusedError(*decision);
      }
      return absl::PermissionDeniedError(absl::StrCat("the broker refuses: ", status.error_message()));
    case grpc::StatusCode::INVALID_ARGUMENT:
      return UsageError(absl::StrCat(kBrokerSays, status.error_message()));
    default:
      return WithExit(absl::Status(code, absl::StrCat(kBrokerSays, status.error_message())), kFailed);
  }
}

bool IsNoAnswer(const absl::Status& status) {
  if (status.ok()) return false;
  if (ExitCodeOf(status) == kUnreachable) return true;
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kAborted:
      return true;
    default:
      return false;
  }
}

}  // namespace seinpost::client
