// SPDX-License-Identifier: EUPL-1.2
#include "server/broker/mailbox_service.h"

#include <utility>

#include "server/broker/rpc.h"

namespace seinpost::server {

grpc::ServerWriteReactor<v1::Delivery>* MailboxGrpc::Subscribe(grpc::CallbackServerContext* context,
                                                               const v1::SubscribeRequest* request) {
  auto* reactor =
      new StreamReactor<v1::Delivery>({context, &broker_.metrics(), "MailboxService", "Subscribe"});
  const absl::StatusOr<Session> session = Authenticate(broker_.sessions(), *context);
  if (!session.ok()) {
    reactor->Begin(session.status());
    return reactor;
  }
  reactor->Begin(broker_.mailbox().Subscribe(*session, *request));
  return reactor;
}

grpc::ServerWriteReactor<v1::FetchAttachmentReply>* MailboxGrpc::FetchAttachment(
    grpc::CallbackServerContext* context, const v1::FetchAttachmentRequest* request) {
  auto* reactor = new StreamReactor<v1::FetchAttachmentReply>(
      {context, &broker_.metrics(), "MailboxService", "FetchAttachment"});
  const absl::StatusOr<Session> session = Authenticate(broker_.sessions(), *context);
  if (!session.ok()) {
    reactor->Begin(session.status());
    return reactor;
  }
  broker_.attachments().Fetch(*session, *request,
                              [reactor](auto source) { reactor->Begin(std::move(source)); });
  return reactor;
}

}  // namespace seinpost::server
