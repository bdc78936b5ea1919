// SPDX-License-Identifier: EUPL-1.2
#include "server/services/device_service.h"

#include <utility>

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerWriteReactor<v1::Exposure>* DeviceGrpc::ListExposure(grpc::CallbackServerContext* context,
                                                                 const v1::ListExposureRequest* request) {
  return StreamSession<v1::Exposure>({context, &rpc_, "DeviceService", "ListExposure"}, broker_.sessions(),
                                     [&](const Session& session, auto done) {
                                       broker_.devices().ListExposure(session, *request, std::move(done));
                                     });
}

grpc::ServerWriteReactor<v1::Delivery>* DeviceGrpc::ListRestorable(grpc::CallbackServerContext* context,
                                                                   const v1::ListRestorableRequest* request) {
  return StreamSession<v1::Delivery>({context, &rpc_, "DeviceService", "ListRestorable"}, broker_.sessions(),
                                     [&](const Session& session, auto done) {
                                       broker_.devices().ListRestorable(session, *request, std::move(done));
                                     });
}

grpc::ServerUnaryReactor* DeviceGrpc::AskRewrap(grpc::CallbackServerContext* context,
                                                const v1::AskRewrapRequest* request,
                                                v1::AskRewrapReply* reply) {
  return AnswerSession({context, &rpc_, "DeviceService", "AskRewrap"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::AskRewrapReply> done) {
                         broker_.rewraps().Ask(session, *request, std::move(done));
                       });
}

grpc::ServerWriteReactor<v1::RewrapRequested>* DeviceGrpc::ListRewrapRequests(
    grpc::CallbackServerContext* context, const v1::ListRewrapRequestsRequest* request) {
  return StreamSession<v1::RewrapRequested>({context, &rpc_, "DeviceService", "ListRewrapRequests"},
                                            broker_.sessions(), [&](const Session& session, auto done) {
                                              broker_.rewraps().ListRequests(session, *request,
                                                                             std::move(done));
                                            });
}

grpc::ServerUnaryReactor* DeviceGrpc::GiveRewrap(grpc::CallbackServerContext* context,
                                                 const v1::GiveRewrapRequest* request,
                                                 v1::GiveRewrapReply* reply) {
  return AnswerSession({context, &rpc_, "DeviceService", "GiveRewrap"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::GiveRewrapReply> done) {
                         broker_.rewraps().Give(session, *request, std::move(done));
                       });
}

}  // namespace seinpost::server
