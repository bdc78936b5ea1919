// SPDX-License-Identifier: EUPL-1.2
#include "server/grpc/session_check.h"

#include "server/rpc/grpc_status.h"

namespace seinpost::server {

grpc::Status SessionCheck::Process(const InputMetadata& metadata, grpc::AuthContext* /*context*/,
                                   OutputMetadata* /*consumed*/, OutputMetadata* /*response*/) {
  const auto path = metadata.find(":path");
  if (path == metadata.end()) return ToGrpcStatus(NoValidSession());
  if (open_.IsOpen(absl::string_view(path->second.data(), path->second.size()))) return grpc::Status::OK;
  const auto token = metadata.find(kSessionMetadata);
  if (token == metadata.end()) return ToGrpcStatus(NoValidSession());
  return ToGrpcStatus(sessions_.Authenticate(ByteView(token->second.data(), token->second.size())).status());
}

}  // namespace seinpost::server
