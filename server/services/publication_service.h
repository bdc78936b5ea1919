// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_PUBLICATION_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_PUBLICATION_SERVICE_H_

#include "seinpost/v1/directory.grpc.pb.h"
#include "server/broker/broker.h"

namespace seinpost::server {

// PublicationService over gRPC: objects carry their own authority. Thread-safe; borrows `broker`.
class PublicationGrpc final : public v1::PublicationService::CallbackService {
 public:
  explicit PublicationGrpc(Broker& broker) : broker_(broker) {}
  grpc::ServerUnaryReactor* Publish(grpc::CallbackServerContext* context, const v1::PublishRequest* request,
                                    v1::PublishReply* reply) override;

 private:
  Broker& broker_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_PUBLICATION_SERVICE_H_
