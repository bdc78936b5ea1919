// SPDX-License-Identifier: EUPL-1.2
#include "server/grpc/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/gate/caller.h"
#include "server/grpc/self_probe.h"
#include "server/grpc/session_check.h"
#include "server/rpc/open_calls.h"
#include "server/rpc/rpc.h"
#include "server/services/audit_service.h"
#include "server/services/decision_service.h"
#include "server/services/device_service.h"
#include "server/services/directory_service.h"
#include "server/services/health.h"
#include "server/services/mailbox_service.h"
#include "server/services/open_methods.h"
#include "server/services/reading_service.h"
#include "server/services/submission_service.h"
#include "server/services/transparency_service.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr int kStreamsPerConnection = 128;
constexpr int kMaxHeaderBytes = 8 * 1024;
constexpr int kHandshakeMilliseconds = 10'000;
constexpr int kIdleMilliseconds = 30 * 60 * 1000;
constexpr int kMaxThreads = 16;  // of the one service that takes a thread a call: reflection

// Whose the connection of a call is, told to the acceptor.
class AcceptorDoor final : public Doorkeeper {
 public:
  explicit AcceptorDoor(Acceptor& acceptor) : acceptor_(acceptor) {}
  void ShowedSession(const grpc::CallbackServerContext& context) override {
    if (!acceptor_.HasStrangers()) return;
    const std::optional<Endpoint> peer = EndpointOfPeer(context.peer());
    if (peer) acceptor_.ShowedSession(*peer);
  }

 private:
  Acceptor& acceptor_;
};

const Clock& ClockOf(const GrpcServerOptions& options) {
  static const SteadyClock steady;
  return options.clock != nullptr ? *options.clock : steady;
}

void SetUp(grpc::ServerBuilder& builder, uint32_t memory_mib) {
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // Streams live for days behind firewalls that forget quiet connections.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxHeaderBytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleMilliseconds);
  // A window that grows with the line would let a fast stranger fill it unread.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  // A few bytes could become a thousand times as many.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  grpc::ResourceQuota quota("door");
  quota.Resize(size_t{memory_mib} * 1024 * 1024);
  quota.SetMaxThreads(kMaxThreads);
  builder.SetResourceQuota(quota);
}

}  // namespace

struct GrpcServer::Services {
  Services(Broker& broker, std::vector<Listener> listeners, const GrpcServerOptions& options)
      : acceptor(std::move(listeners), {options.door, &ClockOf(options), options.log}),
        door(acceptor),
        watch(ClockOf(options)),
        rpc{broker.metrics(), watch, door},
        open(rpc, ClockOf(options)),
        directory(broker, rpc),
        decision(broker, rpc),
        submission(broker, rpc),
        mailbox(broker, rpc),
        reading(broker, rpc),
        device(broker, rpc),
        audit(broker, rpc),
        transparency(broker, rpc),
        probe({[this] { return acceptor.Probe(kProbePatience); },
               [&broker, deaf = options.deaf] {
                 broker.condition().Set(Cause::kDoor, "", absl::UnavailableError("nobody is accepted"));
                 if (deaf != nullptr) deaf();
               },
               options.log, &steady, options.probe_pace}) {}

  const SteadyClock steady;
  Acceptor acceptor;
  AcceptorDoor door;
  CallWatch watch;
  const RpcContext rpc;
  OpenCalls open;
  DirectoryGrpc directory;
  DecisionGrpc decision;
  SubmissionGrpc submission;
  MailboxGrpc mailbox;
  ReadingGrpc reading;
  DeviceGrpc device;
  AuditGrpc audit;
  TransparencyGrpc transparency;
  SelfProbe probe;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> gives;
  std::unique_ptr<grpc::Server> server;
};

GrpcServer::GrpcServer(Broker& broker, std::unique_ptr<Services> services)
    : broker_(broker), services_(std::move(services)) {}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(Broker& broker,
                                                              const GrpcServerOptions& options) {
  if (options.tls_certificate.empty() || options.tls_key.empty()) {
    return absl::InvalidArgumentError("no TLS certificate or key");
  }
  static std::once_flag plugins;
  std::call_once(plugins, [] { grpc::reflection::InitProtoReflectionServerBuilderPlugin(); });
  ASSIGN_OR_RETURN(std::vector<Listener> listeners, Listen(options.listen));
  auto server = std::unique_ptr<GrpcServer>(
      new GrpcServer(broker, std::make_unique<Services>(broker, std::move(listeners), options)));
  Services& services = *server->services_;
  AddOpenMethods(services.open, broker);
  AddHealth(services.open, broker);

  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({options.tls_key, options.tls_certificate});
  const std::shared_ptr<grpc::ServerCredentials> credentials = grpc::SslServerCredentials(tls);
  credentials->SetAuthMetadataProcessor(std::make_shared<SessionCheck>(broker.sessions(), services.open));
  grpc::ServerBuilder builder;
  SetUp(builder, options.memory_mib);
  services.gives = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
  builder.RegisterCallbackGenericService(&services.open);
  for (grpc::Service* service : std::initializer_list<grpc::Service*>{
           &services.directory, &services.decision, &services.submission, &services.mailbox,
           &services.reading, &services.device, &services.audit, &services.transparency}) {
    builder.RegisterService(service);
  }
  services.server = builder.BuildAndStart();
  if (services.server == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot serve on ", options.listen));
  }
  services.acceptor.Start([&services](int listener, int fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
    parameters.listener_fd = listener;
    parameters.fd = fd;
    services.gives->HandleNewConnection(&parameters);
  });
  services.watch.Start([&services] { services.open.Tick(); });
  services.probe.Start();
  server->address_ =
      absl::StrCat(options.listen.substr(0, options.listen.rfind(':')), ":", services.acceptor.port());
  return server;
}

GrpcServer::~GrpcServer() { Shutdown(); }

Acceptor::Counts GrpcServer::CountConnections() { return services_->acceptor.Count(); }

void GrpcServer::Shutdown(absl::Duration grace) {
  if (services_->server == nullptr) return;
  services_->probe.Stop();
  broker_.BeginShutdown();
  broker_.condition().BeginShutdown();
  // Nothing may be given to a server that has ended: it would never be closed.
  services_->acceptor.Stop();
  services_->server->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  services_->server->Wait();
  services_->server.reset();
  services_->watch.Stop();
}

}  // namespace seinpost::server
