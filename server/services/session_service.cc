// SPDX-License-Identifier: EUPL-1.2
#include "server/services/session_service.h"

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerUnaryReactor* SessionGrpc::Challenge(grpc::CallbackServerContext* context,
                                                 const v1::ChallengeRequest*, v1::ChallengeReply* reply) {
  return Answer({context, &broker_.metrics(), "SessionService", "Challenge"}, reply,
                [&](const Done<v1::ChallengeReply>& done) { done(broker_.sessions().Challenge()); });
}

grpc::ServerUnaryReactor* SessionGrpc::Login(grpc::CallbackServerContext* context,
                                             const v1::LoginRequest* request, v1::LoginReply* reply) {
  return Answer({context, &broker_.metrics(), "SessionService", "Login"}, reply,
                [&](const Done<v1::LoginReply>& done) { done(broker_.sessions().Login(*request)); });
}

}  // namespace seinpost::server
