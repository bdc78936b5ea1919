// SPDX-License-Identifier: EUPL-1.2
#include "server/services/transparency_service.h"

#include <utility>

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerUnaryReactor* TransparencyGrpc::GetCheckpoint(grpc::CallbackServerContext* context,
                                                          const v1::GetCheckpointRequest* request,
                                                          v1::GetCheckpointReply* reply) {
  return AnswerSession({context, &rpc_, "TransparencyService", "GetCheckpoint"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::GetCheckpointReply> done) {
                         broker_.transparency().GetCheckpoint(session, *request, std::move(done));
                       });
}

grpc::ServerUnaryReactor* TransparencyGrpc::ProveInclusion(grpc::CallbackServerContext* context,
                                                           const v1::ProveInclusionRequest* request,
                                                           v1::ProveInclusionReply* reply) {
  return AnswerSession({context, &rpc_, "TransparencyService", "ProveInclusion"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::ProveInclusionReply> done) {
                         broker_.transparency().ProveInclusion(session, *request, std::move(done));
                       });
}

grpc::ServerUnaryReactor* TransparencyGrpc::ProveConsistency(grpc::CallbackServerContext* context,
                                                             const v1::ProveConsistencyRequest* request,
                                                             v1::ProveConsistencyReply* reply) {
  return AnswerSession({context, &rpc_, "TransparencyService", "ProveConsistency"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::ProveConsistencyReply> done) {
                         broker_.transparency().ProveConsistency(session, *request, std::move(done));
                       });
}

}  // namespace seinpost::server
