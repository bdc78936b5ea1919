// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_READING_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_READING_SERVICE_H_

#include "seinpost/v1/signal.grpc.pb.h"
#include "server/broker/broker.h"
#include "server/rpc/rpc.h"

namespace seinpost::server {

// ReadingService over gRPC. Thread-safe; borrows both.
class ReadingGrpc final : public v1::ReadingService::CallbackService {
 public:
  ReadingGrpc(Broker& broker, const RpcContext& rpc) : broker_(broker), rpc_(rpc) {}
  grpc::ServerUnaryReactor* Open(grpc::CallbackServerContext* context, const v1::OpenRequest* request,
                                 v1::OpenReply* reply) override;

 private:
  Broker& broker_;
  const RpcContext& rpc_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_READING_SERVICE_H_
