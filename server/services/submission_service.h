// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SERVICES_SUBMISSION_SERVICE_H_
#define SEINPOST_SERVER_SERVICES_SUBMISSION_SERVICE_H_

#include "seinpost/v1/signal.grpc.pb.h"
#include "server/broker/broker.h"
#include "server/rpc/rpc.h"

namespace seinpost::server {

// SubmissionService over gRPC. Thread-safe; borrows both.
class SubmissionGrpc final : public v1::SubmissionService::CallbackService {
 public:
  SubmissionGrpc(Broker& broker, const RpcContext& rpc) : broker_(broker), rpc_(rpc) {}
  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context, const v1::SubmitRequest* request,
                                   v1::SubmitReply* reply) override;
  grpc::ServerReadReactor<v1::UploadAttachmentRequest>* UploadAttachment(
      grpc::CallbackServerContext* context, v1::UploadAttachmentReply* reply) override;
  grpc::ServerUnaryReactor* ReportDenial(grpc::CallbackServerContext* context,
                                         const v1::ReportDenialRequest* request,
                                         v1::ReportDenialReply* reply) override;

 private:
  Broker& broker_;
  const RpcContext& rpc_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_SUBMISSION_SERVICE_H_
