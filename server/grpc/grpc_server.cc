// SPDX-License-Identifier: EUPL-1.2
#include "server/grpc/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/services/audit_service.h"
#include "server/services/convenant_service.h"
#include "server/services/decision_service.h"
#include "server/services/device_service.h"
#include "server/services/directory_service.h"
#include "server/services/mailbox_service.h"
#include "server/services/publication_service.h"
#include "server/services/reading_service.h"
#include "server/services/session_service.h"
#include "server/services/submission_service.h"
#include "server/services/transparency_service.h"

namespace seinpost::server {

struct GrpcServer::Services {
  explicit Services(Broker& broker)
      : session(broker),
        convenant(broker),
        publication(broker),
        directory(broker),
        decision(broker),
        submission(broker),
        mailbox(broker),
        reading(broker),
        device(broker),
        audit(broker),
        transparency(broker) {}

  SessionGrpc session;
  ConvenantGrpc convenant;
  PublicationGrpc publication;
  DirectoryGrpc directory;
  DecisionGrpc decision;
  SubmissionGrpc submission;
  MailboxGrpc mailbox;
  ReadingGrpc reading;
  DeviceGrpc device;
  AuditGrpc audit;
  TransparencyGrpc transparency;
  std::unique_ptr<grpc::Server> server;
};

namespace {

void SetUp(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // Streams live for days behind firewalls that forget quiet connections.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  // A second broker on the same port is a mistake, not a way to share the load.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

GrpcServer::GrpcServer(Broker& broker, std::unique_ptr<Services> services)
    : broker_(broker), services_(std::move(services)) {}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(Broker& broker,
                                                              const GrpcServerOptions& options) {
  if (options.tls_certificate.empty() || options.tls_key.empty()) {
    return absl::InvalidArgumentError("no TLS certificate or key");
  }
  static std::once_flag plugins;
  std::call_once(plugins, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
  auto server = std::unique_ptr<GrpcServer>(new GrpcServer(broker, std::make_unique<Services>(broker)));
  Services& services = *server->services_;
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({options.tls_key, options.tls_certificate});
  grpc::ServerBuilder builder;
  SetUp(builder);
  int port = 0;
  builder.AddListeningPort(options.listen, grpc::SslServerCredentials(tls), &port);
  for (grpc::Service* service : std::initializer_list<grpc::Service*>{
           &services.session, &services.convenant, &services.publication, &services.directory,
           &services.decision, &services.submission, &services.mailbox, &services.reading, &services.device,
           &services.audit, &services.transparency}) {
    builder.RegisterService(service);
  }
  services.server = builder.BuildAndStart();
  if (services.server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options.listen));
  }
  // Read-only is not healthy: whoever balances or watches should know.
  services.server->GetHealthCheckService()->SetServingStatus(broker.Writable().ok());
  server->address_ = absl::StrCat(options.listen.substr(0, options.listen.rfind(':')), ":", port);
  return server;
}

GrpcServer::~GrpcServer() { Shutdown(); }

void GrpcServer::Shutdown(absl::Duration grace) {
  if (services_->server == nullptr) return;
  broker_.BeginShutdown();
  services_->server->GetHealthCheckService()->SetServingStatus(false);
  services_->server->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  services_->server->Wait();
  services_->server.reset();
}

}  // namespace seinpost::server
