// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_DIRECTORY_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_DIRECTORY_SERVICE_H_

#include "seinpost/v1/directory.grpc.pb.h"
#include "server/broker/broker.h"

namespace seinpost::server {

// DirectoryService over gRPC. Thread-safe; borrows `broker`.
class DirectoryGrpc final : public v1::DirectoryService::CallbackService {
 public:
  explicit DirectoryGrpc(Broker& broker) : broker_(broker) {}
  grpc::ServerWriteReactor<v1::GetDirectoryReply>* GetDirectory(
      grpc::CallbackServerContext* context, const v1::GetDirectoryRequest* request) override;

 private:
  Broker& broker_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_DIRECTORY_SERVICE_H_
