// SPDX-License-Identifier: EUPL-1.2
#include "server/broker/audit_service.h"

#include <utility>

#include "server/broker/rpc.h"

namespace seinpost::server {

grpc::ServerWriteReactor<v1::ExportReply>* AuditGrpc::Export(grpc::CallbackServerContext* context,
                                                             const v1::ExportRequest* request) {
  auto* reactor = new StreamReactor<v1::ExportReply>({context, &broker_.metrics(), "AuditService", "Export"});
  const absl::StatusOr<Session> session = Authenticate(broker_.sessions(), *context);
  if (!session.ok()) {
    reactor->Begin(session.status());
    return reactor;
  }
  broker_.review().Export(*session, *request, [reactor](auto source) { reactor->Begin(std::move(source)); });
  return reactor;
}

}  // namespace seinpost::server
