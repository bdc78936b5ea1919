// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_DECISION_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_DECISION_SERVICE_H_

#include "seinpost/v1/signal.grpc.pb.h"
#include "server/broker/broker.h"
#include "server/rpc/rpc.h"

namespace seinpost::server {

// DecisionService over gRPC. Thread-safe; borrows both.
class DecisionGrpc final : public v1::DecisionService::CallbackService {
 public:
  DecisionGrpc(Broker& broker, const RpcContext& rpc) : broker_(broker), rpc_(rpc) {}
  grpc::ServerUnaryReactor* DecideSend(grpc::CallbackServerContext* context,
                                       const v1::DecideSendRequest* request, v1::Decision* reply) override;
  grpc::ServerUnaryReactor* DecideOpen(grpc::CallbackServerContext* context,
                                       const v1::DecideOpenRequest* request, v1::Decision* reply) override;

 private:
  Broker& broker_;
  const RpcContext& rpc_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_DECISION_SERVICE_H_
