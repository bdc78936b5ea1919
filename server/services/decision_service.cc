// SPDX-License-Identifier: EUPL-1.2
#include "server/services/decision_service.h"

#include <utility>

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerUnaryReactor* DecisionGrpc::DecideSend(grpc::CallbackServerContext* context,
                                                   const v1::DecideSendRequest* request,
                                                   v1::Decision* reply) {
  return AnswerSession({context, &rpc_, "DecisionService", "DecideSend"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::Decision> done) {
                         broker_.asking().DecideSend(session, *request, std::move(done),
                                                     [context] { return context->IsCancelled(); });
                       });
}

grpc::ServerUnaryReactor* DecisionGrpc::DecideOpen(grpc::CallbackServerContext* context,
                                                   const v1::DecideOpenRequest* request,
                                                   v1::Decision* reply) {
  return AnswerSession({context, &rpc_, "DecisionService", "DecideOpen"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::Decision> done) {
                         broker_.asking().DecideOpen(session, *request, std::move(done));
                       });
}

}  // namespace seinpost::server
