// SPDX-License-Identifier: EUPL-1.2
#include "server/services/publication_service.h"

#include <utility>

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerUnaryReactor* PublicationGrpc::Publish(grpc::CallbackServerContext* context,
                                                   const v1::PublishRequest* request,
                                                   v1::PublishReply* reply) {
  return Answer({context, &broker_.metrics(), "PublicationService", "Publish"}, reply,
                [&](Done<v1::PublishReply> done) {
                  broker_.publication().Publish(*request, std::move(done), context->peer());
                });
}

}  // namespace seinpost::server
