// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_CONVENANT_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_CONVENANT_SERVICE_H_

#include "seinpost/v1/directory.grpc.pb.h"
#include "server/broker/broker.h"

namespace seinpost::server {

// ConvenantService over gRPC: open to everybody. Thread-safe; borrows `broker`.
class ConvenantGrpc final : public v1::ConvenantService::CallbackService {
 public:
  explicit ConvenantGrpc(Broker& broker) : broker_(broker) {}
  grpc::ServerUnaryReactor* GetConvenant(grpc::CallbackServerContext* context,
                                         const v1::GetConvenantRequest* request,
                                         v1::GetConvenantReply* reply) override;
  grpc::ServerUnaryReactor* Activate(grpc::CallbackServerContext* context, const v1::ActivateRequest* request,
                                     v1::PublishReply* reply) override;

 private:
  Broker& broker_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_CONVENANT_SERVICE_H_
