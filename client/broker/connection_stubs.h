// SPDX-License-Identifier: EUPL-1.2
// The inside of Connection, for the files that implement its calls.
#ifndef SEINPOST_CLIENT_BROKER_CONNECTION_STUBS_H_
#define SEINPOST_CLIENT_BROKER_CONNECTION_STUBS_H_

#include <memory>

#include "client/broker/call_guard.h"
#include "client/broker/connection.h"
#include "client/broker/grpc_status.h"
#include "grpcpp/grpcpp.h"
#include "seinpost/v1/audit.grpc.pb.h"
#include "seinpost/v1/device.grpc.pb.h"
#include "seinpost/v1/directory.grpc.pb.h"
#include "seinpost/v1/session.grpc.pb.h"
#include "seinpost/v1/signal.grpc.pb.h"
#include "util/status_macros.h"

namespace seinpost::client {

struct Connection::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : session(v1::SessionService::NewStub(channel)),
        convenant(v1::ConvenantService::NewStub(channel)),
        publication(v1::PublicationService::NewStub(channel)),
        directory(v1::DirectoryService::NewStub(channel)),
        decision(v1::DecisionService::NewStub(channel)),
        submission(v1::SubmissionService::NewStub(channel)),
        mailbox(v1::MailboxService::NewStub(channel)),
        reading(v1::ReadingService::NewStub(channel)),
        device(v1::DeviceService::NewStub(channel)),
        transparency(v1::TransparencyService::NewStub(channel)),
        audit(v1::AuditService::NewStub(channel)) {}

  std::unique_ptr<v1::SessionService::Stub> session;
  std::unique_ptr<v1::ConvenantService::Stub> convenant;
  std::unique_ptr<v1::PublicationService::Stub> publication;
  std::unique_ptr<v1::DirectoryService::Stub> directory;
  std::unique_ptr<v1::DecisionService::Stub> decision;
  std::unique_ptr<v1::SubmissionService::Stub> submission;
  std::unique_ptr<v1::MailboxService::Stub> mailbox;
  std::unique_ptr<v1::ReadingService::Stub> reading;
  std::unique_ptr<v1::DeviceService::Stub> device;
  std::unique_ptr<v1::TransparencyService::Stub> transparency;
  std::unique_ptr<v1::AuditService::Stub> audit;
};

template <typename Reply, typename Stub, typename Request>
absl::StatusOr<Reply> Connection::Unary(Stub& stub,
                                        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                                     Reply*),
                                        const Request& request, bool session) {
  // What is large takes its time on a slow line.
  constexpr double kSlowestBytesPerSecond = 8 * 1024;
  const absl::Duration deadline =
      deadline_ + absl::Seconds(static_cast<double>(request.ByteSizeLong()) / kSlowestBytesPerSecond);
  Reply reply;
  const auto once = [&] {
    return AsTold(session, deadline, [&](grpc::ClientContext& call, GuardedCall&) {
      reply.Clear();
      return (stub.*method)(&call, request, &reply);
    });
  };
  RETURN_IF_ERROR(session ? WithSession(once) : once());
  return reply;
}

template <typename Reply, typename Stub, typename Request>
absl::Status Connection::Stream(
    Stub& stub,
    std::unique_ptr<grpc::ClientReader<Reply>> (Stub::*method)(grpc::ClientContext*, const Request&),
    const Request& request, std::type_identity_t<absl::FunctionRef<absl::Status(const Reply&)>> each,
    absl::FunctionRef<void()> begin) {
  return WithSession([&] {
    absl::Status status;
    const auto read = [&](grpc::ClientContext& call, GuardedCall& guarded) -> grpc::Status {
      begin();
      guarded.Wait(deadline_);
      const std::unique_ptr<grpc::ClientReader<Reply>> reader = (stub.*method)(&call, request);
      Reply reply;
      bool begun = false;
      while (status.ok() && reader->Read(&reply)) {
        begun = true;
        guarded.Rest();
        status = each(reply);
        guarded.Wait(deadline_);
      }
      if (status.ok()) {
        const grpc::Status end = reader->Finish();
        if (end.ok() || !begun) return end;
        status = guarded.Meaning(end);  // and not once more: `each` has had some
        return grpc::Status::OK;
      }
      call.TryCancel();
      while (reader->Read(&reply)) {
      }
      (void)reader->Finish();
      return grpc::Status::OK;  // what went wrong is in `status`
    };
    const absl::Status called = AsTold(true, absl::InfiniteDuration(), read);
    return status.ok() ? called : status;
  });
}

// A statement with its signature, as several requests carry it.
template <typename Request>
Request SignedRequest(ByteView statement, ByteView signature) {
  Request request;
  request.set_statement(std::string(statement));
  request.set_signature(std::string(signature));
  return request;
}

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_CONNECTION_STUBS_H_
