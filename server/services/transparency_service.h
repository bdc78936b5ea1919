// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_TRANSPARENCY_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_TRANSPARENCY_SERVICE_H_

#include "seinpost/v1/audit.grpc.pb.h"
#include "server/broker/broker.h"
#include "server/rpc/rpc.h"

namespace seinpost::server {

// TransparencyService over gRPC. Thread-safe; borrows both.
class TransparencyGrpc final : public v1::TransparencyService::CallbackService {
 public:
  TransparencyGrpc(Broker& broker, const RpcContext& rpc) : broker_(broker), rpc_(rpc) {}
  grpc::ServerUnaryReactor* GetCheckpoint(grpc::CallbackServerContext* context,
                                          const v1::GetCheckpointRequest* request,
                                          v1::GetCheckpointReply* reply) override;
  grpc::ServerUnaryReactor* ProveInclusion(grpc::CallbackServerContext* context,
                                           const v1::ProveInclusionRequest* request,
                                           v1::ProveInclusionReply* reply) override;
  grpc::ServerUnaryReactor* ProveConsistency(grpc::CallbackServerContext* context,
                                             const v1::ProveConsistencyRequest* request,
                                             v1::ProveConsistencyReply* reply) override;

 private:
  Broker& broker_;
  const RpcContext& rpc_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_TRANSPARENCY_SERVICE_H_
