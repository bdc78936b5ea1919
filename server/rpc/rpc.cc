// SPDX-License-Identifier: EUPL-1.2
#include "server/rpc/rpc.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/commit/read_only.h"
#include "server/gate/quota.h"
#include "server/gate/refusal.h"
#include "server/rpc/grpc_status.h"
#include "storage/store.h"

namespace seinpost::server {

namespace {

// Why a request was not even considered; empty if it was.
absl::string_view Rejection(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
      return "malformed";
    case absl::StatusCode::kPermissionDenied:
      return RefusalOf(status) ? "" : "malformed";
    case absl::StatusCode::kUnauthenticated:
      return "unauthenticated";
    case absl::StatusCode::kResourceExhausted:
      return "quota";
    default:
      return "";
  }
}

}  // namespace

grpc::Status Call::Finish(const absl::Status& status) const {
  const grpc::Status finished = ToGrpcStatus(status);
  rpc->metrics.CountRequest(service, method, CodeName(finished.error_code()));
  if (IsStoreFailure(status)) {
    rpc->metrics.CountDiskError();
    rpc->metrics.Tell(absl::StrCat(service, ".", method), absl::UnavailableError(Explain(status)));
  }
  if (IsReadOnly(status)) context->AddTrailingMetadata(kConditionMetadata, kReadOnlyCondition);
  if (IsUnexpected(status)) rpc->metrics.UnexpectedError(absl::StrCat(service, ".", method), status);
  if (const absl::string_view reason = Rejection(status); !reason.empty()) rpc->metrics.CountRejected(reason);
  if (const absl::Duration wait = RetryAfter(status); wait > absl::ZeroDuration()) {
    context->AddTrailingMetadata(kRetryMetadata, absl::StrCat(absl::ToInt64Milliseconds(wait)));
  }
  return finished;
}

absl::StatusOr<Session> Authenticate(Sessions& sessions, const Call& call) {
  const auto& metadata = call.context->client_metadata();
  const auto found = metadata.find(kSessionMetadata);
  if (found == metadata.end()) return NoValidSession();
  absl::StatusOr<Session> session =
      sessions.Authenticate(ByteView(found->second.data(), found->second.size()));
  if (session.ok()) call.rpc->door.ShowedSession(*call.context);
  return session;
}

}  // namespace seinpost::server
