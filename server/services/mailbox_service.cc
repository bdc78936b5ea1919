// SPDX-License-Identifier: EUPL-1.2
#include "server/services/mailbox_service.h"

#include <utility>

#include "server/rpc/rpc.h"

namespace seinpost::server {

grpc::ServerWriteReactor<v1::Delivery>* MailboxGrpc::Subscribe(grpc::CallbackServerContext* context,
                                                               const v1::SubscribeRequest* request) {
  return StreamSession<v1::Delivery>({context, &rpc_, "MailboxService", "Subscribe"}, broker_.sessions(),
                                     [&](const Session& session, const auto& done) {
                                       done(broker_.mailbox().Subscribe(session, *request));
                                     });
}

grpc::ServerWriteReactor<v1::FetchAttachmentReply>* MailboxGrpc::FetchAttachment(
    grpc::CallbackServerContext* context, const v1::FetchAttachmentRequest* request) {
  return StreamSession<v1::FetchAttachmentReply>({context, &rpc_, "MailboxService", "FetchAttachment"},
                                                 broker_.sessions(), [&](const Session& session, auto done) {
                                                   broker_.attachments().Fetch(session, *request,
                                                                               std::move(done));
                                                 });
}

grpc::ServerUnaryReactor* MailboxGrpc::ConfirmDelivery(grpc::CallbackServerContext* context,
                                                       const v1::ConfirmDeliveryRequest* request,
                                                       v1::ConfirmDeliveryReply* reply) {
  return AnswerSession({context, &rpc_, "MailboxService", "ConfirmDelivery"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::ConfirmDeliveryReply> done) {
                         broker_.deliveries().Confirm(session, *request, std::move(done));
                       });
}

grpc::ServerUnaryReactor* MailboxGrpc::GetDelivered(grpc::CallbackServerContext* context,
                                                    const v1::GetDeliveredRequest* request,
                                                    v1::GetDeliveredReply* reply) {
  return AnswerSession({context, &rpc_, "MailboxService", "GetDelivered"}, broker_.sessions(), reply,
                       [&](const Session& session, Done<v1::GetDeliveredReply> done) {
                         broker_.deliveries().Get(session, *request, std::move(done));
                       });
}

}  // namespace seinpost::server
