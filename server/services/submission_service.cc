// SPDX-License-Identifier: EUPL-1.2
#include "server/services/submission_service.h"

#include <utility>

#include "server/rpc/rpc.h"
#include "server/signals/attachments.h"

namespace seinpost::server {

namespace {

using UploadPointer = std::unique_ptr<Attachments::Upload>;

// Reads one upload, one message at a time. Deletes itself when the call is over.
class UploadReactor final : public grpc::ServerReadReactor<v1::UploadAttachmentRequest> {
 public:
  UploadReactor(const Call& call, v1::UploadAttachmentReply* reply)
      : call_(call), entry_(call.rpc->watch, *call.context), reply_(reply) {}

  // Once: the upload, or why it may not be.
  void Begin(absl::StatusOr<UploadPointer> upload) {
    if (!upload.ok()) return End(upload.status());
    upload_ = *std::move(upload);
    Read();
  }

  void OnReadDone(bool ok) override {
    entry_.Disarm();
    if (ok) {
      const absl::Status added = upload_->Add(message_);
      if (!added.ok()) return End(added);
      return Read();
    }
    upload_->Finish([this](absl::StatusOr<v1::UploadAttachmentReply> result) {
      const absl::Status status = result.status();
      if (status.ok()) *reply_ = *std::move(result);
      End(status);
    });
  }

  void OnDone() override { delete this; }

 private:
  // An upload that does not go on is over.
  void Read() {
    entry_.Arm(kMessageDeadline);
    StartRead(&message_);
  }
  void End(const absl::Status& status) {
    entry_.Arm(kReplyDeadline);
    Finish(call_.Finish(status));
  }

  const Call call_;
  CallWatch::Entry entry_;
  v1::UploadAttachmentReply* const reply_;
  UploadPointer upload_;
  v1::UploadAttachmentRequest message_;
};

}  // namespace

grpc::ServerUnaryReactor* SubmissionGrpc::Submit(grpc::CallbackServerContext* context,
                                                 const v1::SubmitRequest* request, v1::SubmitReply* reply) {
  return AnswerSession({context, &rpc_, "SubmissionService", "Submit"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::SubmitReply> done) {
                         broker_.submission().Submit(session, *request, std::move(done),
                                                     [context] { return context->IsCancelled(); });
                       });
}

grpc::ServerReadReactor<v1::UploadAttachmentRequest>* SubmissionGrpc::UploadAttachment(
    grpc::CallbackServerContext* context, v1::UploadAttachmentReply* reply) {
  const Call call{context, &rpc_, "SubmissionService", "UploadAttachment"};
  auto* reactor = new UploadReactor(call, reply);
  const absl::StatusOr<Session> session = Authenticate(broker_.sessions(), call);
  if (!session.ok()) {
    reactor->Begin(session.status());
  } else {
    reactor->Begin(broker_.attachments().StartUpload(*session));
  }
  return reactor;
}

grpc::ServerUnaryReactor* SubmissionGrpc::ReportDenial(grpc::CallbackServerContext* context,
                                                       const v1::ReportDenialRequest* request,
                                                       v1::ReportDenialReply* reply) {
  return AnswerSession({context, &rpc_, "SubmissionService", "ReportDenial"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::ReportDenialReply> done) {
                         broker_.denials().Report(session, *request, std::move(done));
                       });
}

}  // namespace seinpost::server
