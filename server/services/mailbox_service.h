// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_MAILBOX_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_MAILBOX_SERVICE_H_

#include "seinpost/v1/signal.grpc.pb.h"
#include "server/broker/broker.h"
#include "server/rpc/rpc.h"

namespace seinpost::server {

// MailboxService over gRPC. Thread-safe; borrows both.
class MailboxGrpc final : public v1::MailboxService::CallbackService {
 public:
  MailboxGrpc(Broker& broker, const RpcContext& rpc) : broker_(broker), rpc_(rpc) {}
  grpc::ServerWriteReactor<v1::Delivery>* Subscribe(grpc::CallbackServerContext* context,
                                                    const v1::SubscribeRequest* request) override;
  grpc::ServerWriteReactor<v1::FetchAttachmentReply>* FetchAttachment(
      grpc::CallbackServerContext* context, const v1::FetchAttachmentRequest* request) override;
  grpc::ServerUnaryReactor* ConfirmDelivery(grpc::CallbackServerContext* context,
                                            const v1::ConfirmDeliveryRequest* request,
                                            v1::ConfirmDeliveryReply* reply) override;
  grpc::ServerUnaryReactor* GetDelivered(grpc::CallbackServerContext* context,
                                         const v1::GetDeliveredRequest* request,
                                         v1::GetDeliveredReply* reply) override;

 private:
  Broker& broker_;
  const RpcContext& rpc_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_MAILBOX_SERVICE_H_
