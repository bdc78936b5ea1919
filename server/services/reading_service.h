// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_READING_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_READING_SERVICE_H_

#include "seinpost/v1/signal.grpc.pb.h"
#include "server/broker/broker.h"

namespace seinpost::server {

// ReadingService over gRPC. Thread-safe; borrows `broker`.
class ReadingGrpc final : public v1::ReadingService::CallbackService {
 public:
  explicit ReadingGrpc(Broker& broker) : broker_(broker) {}
  grpc::ServerUnaryReactor* Open(grpc::CallbackServerContext* context, const v1::OpenRequest* request,
                                 v1::OpenReply* reply) override;

 private:
  Broker& broker_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_READING_SERVICE_H_
