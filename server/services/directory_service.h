// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_DIRECTORY_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_DIRECTORY_SERVICE_H_

#include "seinpost/v1/directory.grpc.pb.h"
#include "server/broker/broker.h"
#include "server/rpc/rpc.h"

namespace seinpost::server {

// DirectoryService over gRPC. Thread-safe; borrows both.
class DirectoryGrpc final : public v1::DirectoryService::CallbackService {
 public:
  DirectoryGrpc(Broker& broker, const RpcContext& rpc) : broker_(broker), rpc_(rpc) {}
  grpc::ServerWriteReactor<v1::GetDirectoryReply>* GetDirectory(
      grpc::CallbackServerContext* context, const v1::GetDirectoryRequest* request) override;

 private:
  Broker& broker_;
  const RpcContext& rpc_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_DIRECTORY_SERVICE_H_
