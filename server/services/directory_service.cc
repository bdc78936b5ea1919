// SPDX-License-Identifier: EUPL-1.2
#include "server/services/directory_service.h"

#include <utility>

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerWriteReactor<v1::GetDirectoryReply>* DirectoryGrpc::GetDirectory(
    grpc::CallbackServerContext* context, const v1::GetDirectoryRequest* request) {
  auto* reactor = new StreamReactor<v1::GetDirectoryReply>(
      {context, &broker_.metrics(), "DirectoryService", "GetDirectory"});
  const absl::StatusOr<Session> session = Authenticate(broker_.sessions(), *context);
  if (!session.ok()) {
    reactor->Begin(session.status());
    return reactor;
  }
  broker_.publication().GetDirectory(*session, *request,
                                     [reactor](auto source) { reactor->Begin(std::move(source)); });
  return reactor;
}

}  // namespace seinpost::server
