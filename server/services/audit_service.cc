// SPDX-License-Identifier: EUPL-1.2
#include "server/services/audit_service.h"

#include <utility>

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerWriteReactor<v1::ExportReply>* AuditGrpc::Export(grpc::CallbackServerContext* context,
                                                             const v1::ExportRequest* request) {
  return StreamSession<v1::ExportReply>({context, &rpc_, "AuditService", "Export"}, broker_.sessions(),
                                        [&](const Session& session, auto done) {
                                          broker_.review().Export(session, *request, std::move(done));
                                        });
}

}  // namespace seinpost::server
