// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_SESSION_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_SESSION_SERVICE_H_

#include "seinpost/v1/session.grpc.pb.h"
#include "server/broker/broker.h"

namespace seinpost::server {

// SessionService over gRPC. Thread-safe; borrows `broker`.
class SessionGrpc final : public v1::SessionService::CallbackService {
 public:
  explicit SessionGrpc(Broker& broker) : broker_(broker) {}
  grpc::ServerUnaryReactor* Challenge(grpc::CallbackServerContext* context,
                                      const v1::ChallengeRequest* request,
                                      v1::ChallengeReply* reply) override;
  grpc::ServerUnaryReactor* Login(grpc::CallbackServerContext* context, const v1::LoginRequest* request,
                                  v1::LoginReply* reply) override;

 private:
  Broker& broker_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_SESSION_SERVICE_H_
