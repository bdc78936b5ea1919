// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_AUDIT_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_AUDIT_SERVICE_H_

#include "seinpost/v1/audit.grpc.pb.h"
#include "server/broker/broker.h"
#include "server/rpc/rpc.h"

namespace seinpost::server {

// AuditService over gRPC. Thread-safe; borrows both.
class AuditGrpc final : public v1::AuditService::CallbackService {
 public:
  AuditGrpc(Broker& broker, const RpcContext& rpc) : broker_(broker), rpc_(rpc) {}
  grpc::ServerWriteReactor<v1::ExportReply>* Export(grpc::CallbackServerContext* context,
                                                    const v1::ExportRequest* request) override;

 private:
  Broker& broker_;
  const RpcContext& rpc_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_AUDIT_SERVICE_H_
