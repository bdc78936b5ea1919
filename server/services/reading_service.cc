// SPDX-License-Identifier: EUPL-1.2
#include "server/services/reading_service.h"

#include <utility>

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerUnaryReactor* ReadingGrpc::Open(grpc::CallbackServerContext* context,
                                            const v1::OpenRequest* request, v1::OpenReply* reply) {
  return AnswerSession({context, &rpc_, "ReadingService", "Open"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::OpenReply> done) {
                         broker_.reading().Open(session, *request, std::move(done));
                       });
}

}  // namespace seinpost::server
