// SPDX-License-Identifier: EUPL-1.2
#include "server/services/directory_service.h"

#include <utility>

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerWriteReactor<v1::GetDirectoryReply>* DirectoryGrpc::GetDirectory(
    grpc::CallbackServerContext* context, const v1::GetDirectoryRequest* request) {
  return StreamSession<v1::GetDirectoryReply>({context, &rpc_, "DirectoryService", "GetDirectory"},
                                              broker_.sessions(), [&](const Session& session, auto done) {
                                                broker_.publication().GetDirectory(session, *request,
                                                                                   std::move(done));
                                              });
}

}  // namespace seinpost::server
