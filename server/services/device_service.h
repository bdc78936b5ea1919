// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_DEVICE_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_DEVICE_SERVICE_H_

#include "seinpost/v1/device.grpc.pb.h"
#include "server/broker/broker.h"
#include "server/rpc/rpc.h"

namespace seinpost::server {

// DeviceService over gRPC. Thread-safe; borrows both.
class DeviceGrpc final : public v1::DeviceService::CallbackService {
 public:
  DeviceGrpc(Broker& broker, const RpcContext& rpc) : broker_(broker), rpc_(rpc) {}
  grpc::ServerWriteReactor<v1::Exposure>* ListExposure(grpc::CallbackServerContext* context,
                                                       const v1::ListExposureRequest* request) override;
  grpc::ServerWriteReactor<v1::Delivery>* ListRestorable(grpc::CallbackServerContext* context,
                                                         const v1::ListRestorableRequest* request) override;
  grpc::ServerUnaryReactor* AskRewrap(grpc::CallbackServerContext* context,
                                      const v1::AskRewrapRequest* request,
                                      v1::AskRewrapReply* reply) override;
  grpc::ServerWriteReactor<v1::RewrapRequested>* ListRewrapRequests(
      grpc::CallbackServerContext* context, const v1::ListRewrapRequestsRequest* request) override;
  grpc::ServerUnaryReactor* GiveRewrap(grpc::CallbackServerContext* context,
                                       const v1::GiveRewrapRequest* request,
                                       v1::GiveRewrapReply* reply) override;

 private:
  Broker& broker_;
  const RpcContext& rpc_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_DEVICE_SERVICE_H_
