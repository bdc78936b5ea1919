// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_DECISION_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_DECISION_SERVICE_H_

#include "seinpost/v1/signal.grpc.pb.h"
#include "server/broker/broker.h"

namespace seinpost::server {

// DecisionService over gRPC. Thread-safe; borrows `broker`.
class DecisionGrpc final : public v1::DecisionService::CallbackService {
 public:
  explicit DecisionGrpc(Broker& broker) : broker_(broker) {}
  grpc::ServerUnaryReactor* DecideSend(grpc::CallbackServerContext* context,
                                       const v1::DecideSendRequest* request, v1::Decision* reply) override;
  grpc::ServerUnaryReactor* DecideOpen(grpc::CallbackServerContext* context,
                                       const v1::DecideOpenRequest* request, v1::Decision* reply) override;

 private:
  Broker& broker_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_DECISION_SERVICE_H_
