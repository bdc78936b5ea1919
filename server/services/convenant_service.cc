// SPDX-License-Identifier: EUPL-1.2
#include "server/services/convenant_service.h"

#include <utility>

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerUnaryReactor* ConvenantGrpc::GetConvenant(grpc::CallbackServerContext* context,
                                                      const v1::GetConvenantRequest* request,
                                                      v1::GetConvenantReply* reply) {
  return Answer({context, &broker_.metrics(), "ConvenantService", "GetConvenant"}, reply,
                [&](Done<v1::GetConvenantReply> done) {
                  broker_.publication().GetConvenant(*request, std::move(done));
                });
}

grpc::ServerUnaryReactor* ConvenantGrpc::Activate(grpc::CallbackServerContext* context,
                                                  const v1::ActivateRequest* request,
                                                  v1::PublishReply* reply) {
  return Answer({context, &broker_.metrics(), "ConvenantService", "Activate"}, reply,
                [&](Done<v1::PublishReply> done) {
                  broker_.publication().Activate(*request, std::move(done), context->peer());
                });
}

}  // namespace seinpost::server
