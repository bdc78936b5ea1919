// SPDX-License-Identifier: EUPL-1.2
#include "bench/broker_fixture.h"

#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "audit/checkpoint.h"
#include "bench/ceilings.h"
#include "crypto/hash.h"
#include "envelope/seal.h"
#include "seinpost/v1/audit.grpc.pb.h"
#include "seinpost/v1/directory.grpc.pb.h"
#include "seinpost/v1/session.grpc.pb.h"
#include "server/realm/key_files.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

constexpr char kSender[] = "school/zorgcoordinator";
constexpr char kRecipient[] = "politie/wijkagent";
constexpr char kSessionKey[] = "seinpost-session-bin";

absl::Status FromGrpc(const grpc::Status& status) {
  return status.ok()
             ? absl::OkStatus()
             : absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace

absl::StatusOr<std::unique_ptr<BrokerFixture>> BrokerFixture::Start() {
  std::unique_ptr<BrokerFixture> fixture(new BrokerFixture(test::TestNetwork::Example(absl::Now())));
  std::string name = (std::filesystem::current_path() / "build/bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return absl::UnavailableError("cannot make a folder below build/");
  fixture->directory_ = name;
  RETURN_IF_ERROR(fixture->StartServer());
  RETURN_IF_ERROR(fixture->Publish());
  RETURN_IF_ERROR(fixture->Login(fixture->network_.device(kSender)));
  return fixture;
}

BrokerFixture::~BrokerFixture() {
  if (server_ != nullptr) server_->Shutdown(absl::Seconds(1));
  server_.reset();
  broker_.reset();
  if (!directory_.empty()) std::filesystem::remove_all(directory_);
}

absl::Status BrokerFixture::StartServer() {
  const policies::Convenant& convenant = network_.convenant();
  server::BrokerOptions options;
  options.data_dir = directory_ + "/data";
  options.keys_dir = directory_ + "/keys";
  options.anchor_dir = directory_ + "/anchor";
  const policies::Party& host = convenant.SignatoryOf(convenant.host());
  options.convenants.push_back({convenant.id(), *host.root});
  options.limits = {.submits = 0, .opens = 0, .uploads = 0, .questions = 0, .publications = 0};
  RETURN_IF_ERROR(
      server::WriteKeyFile(server::LogKeyPath(options.keys_dir, convenant.id()), network_.log_key()));
  RETURN_IF_ERROR(server::WriteKeyFile(server::IdentityKeyPath(options.keys_dir), network_.broker_key()));
  ASSIGN_OR_RETURN(broker_, server::Broker::Open(std::move(options), clock_));

  const TlsPair tls = MakeTlsPair();
  ASSIGN_OR_RETURN(server_, server::GrpcServer::Start(*broker_, {.listen = "127.0.0.1:0",
                                                                 .tls_certificate = tls.certificate,
                                                                 .tls_key = tls.key}));
  grpc::SslCredentialsOptions credentials;
  credentials.pem_root_certs = tls.certificate;
  channel_ = grpc::CreateChannel(server_->address(), grpc::SslCredentials(credentials));
  submission_ = v1::SubmissionService::NewStub(channel_);
  return absl::OkStatus();
}

absl::Status BrokerFixture::Publish() {
  const std::vector<Bytes>& objects = network_.objects();
  {
    grpc::ClientContext context;
    v1::ActivateRequest request;
    request.set_object(objects.front());
    v1::PublishReply reply;
    RETURN_IF_ERROR(FromGrpc(v1::ConvenantService::NewStub(channel_)->Activate(&context, request, &reply)));
  }
  const auto stub = v1::PublicationService::NewStub(channel_);
  for (size_t first = 1; first < objects.size(); first += 64) {
    grpc::ClientContext context;
    v1::PublishRequest request;
    request.set_convenant_id(network_.convenant().id());
    for (size_t i = first; i < std::min(first + 64, objects.size()); ++i) request.add_objects(objects[i]);
    v1::PublishReply reply;
    RETURN_IF_ERROR(FromGrpc(stub->Publish(&context, request, &reply)));
  }
  // By itself the broker publishes the checkpoint that covers them up to 100 ms later.
  broker_->PublishCheckpoints();
  return absl::OkStatus();
}

absl::Status BrokerFixture::Login(const test::TestDevice& device) {
  const auto stub = v1::SessionService::NewStub(channel_);
  grpc::ClientContext challenge_context, login_context;
  v1::ChallengeReply challenge;
  RETURN_IF_ERROR(FromGrpc(stub->Challenge(&challenge_context, {}, &challenge)));
  v1::SessionStatement statement;
  statement.set_role("broker");
  statement.set_service_identity(ToBytes(network_.log_key().public_key()));
  statement.set_convenant_id(network_.convenant().id());
  statement.set_device_id(device.id);
  statement.set_nonce(challenge.nonce());
  statement.set_time(absl::ToUnixSeconds(absl::Now()));
  v1::LoginRequest request;
  request.set_statement(trust::StrictSerialize(statement));
  request.set_signature(crypto::Sign(device.key, trust::kSessionLabel, request.statement()));
  v1::LoginReply reply;
  RETURN_IF_ERROR(FromGrpc(stub->Login(&login_context, request, &reply)));
  token_ = reply.token();
  return absl::OkStatus();
}

absl::StatusOr<Bytes> BrokerFixture::FetchCheckpoint() {
  grpc::ClientContext context;
  context.AddMetadata(kSessionKey, token_);
  v1::GetCheckpointRequest request;
  request.set_convenant_id(network_.convenant().id());
  v1::GetCheckpointReply reply;
  RETURN_IF_ERROR(
      FromGrpc(v1::TransparencyService::NewStub(channel_)->GetCheckpoint(&context, request, &reply)));
  const trust::LogIdentity& log = network_.directory().LogIdentityAsOf();
  ASSIGN_OR_RETURN(const audit::Checkpoint checkpoint,
                   audit::VerifyCheckpoint(reply.checkpoint(), audit::LogKey(log.origin, log.key)));
  // On an older one the broker refuses whoever was certified after it.
  if (checkpoint.directory->seq < network_.directory().size()) {
    return absl::FailedPreconditionError(absl::StrCat("the checkpoint covers ", checkpoint.directory->seq,
                                                      " of ", network_.directory().size(), " objects"));
  }
  return reply.checkpoint();
}

absl::StatusOr<std::vector<v1::SubmitRequest>> BrokerFixture::Seal(size_t count) {
  ASSIGN_OR_RETURN(const Bytes checkpoint, FetchCheckpoint());
  const test::TestDevice& sender = network_.device(kSender);
  const std::string channel = "core@school-a";
  const policies::Channel* found = network_.convenant().FindChannel(channel);
  const std::string retention_class =
      *found->RetentionClass(policies::PartKind::kNarrative, policies::Level::kL1);
  const policies::RetentionClass* retention = network_.convenant().FindRetention(retention_class);
  std::vector<v1::SubmitRequest> requests(count);
  for (v1::SubmitRequest& request : requests) {
    const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
    envelope::SignalPlan plan;
    plan.core.set_kind(v1::SIGNAL_KIND_SIGNAL);
    plan.core.set_channel(channel);
    plan.core.set_category("wapen");
    plan.core.set_purpose("dreiging");
    plan.core.set_level(v1::LEVEL_L1);
    plan.core.set_case_ref(crypto::RandomBytes(16));
    plan.core.set_created(absl::ToUnixSeconds(now));
    plan.core.set_checkpoint(checkpoint);
    plan.parts.push_back({.kind = v1::PART_KIND_NARRATIVE,
                          .retention_class = retention_class,
                          .expires = now + retention->cap,
                          .content = "een zin zoals die in een signaal staat",
                          .members = {network_.member(kRecipient)}});
    ASSIGN_OR_RETURN(envelope::SealedSignal sealed,
                     envelope::Seal(plan, network_.directory(), sender.id, sender.key));
    *request.mutable_envelope() = std::move(sealed.envelope);
  }
  return requests;
}

absl::StatusOr<Load> BrokerFixture::Submit(const std::vector<v1::SubmitRequest>& requests,
                                           size_t outstanding) {
  struct Call {
    grpc::ClientContext context;
    v1::SubmitReply reply;
  };
  return Drive(requests.size(), outstanding, [&](size_t index, std::function<void(absl::Status)> done) {
    auto call = std::make_shared<Call>();
    call->context.AddMetadata(kSessionKey, token_);
    submission_->async()->Submit(
        &call->context, &requests[index], &call->reply,
        [call, done = std::move(done)](const grpc::Status& status) { done(FromGrpc(status)); });
  });
}

absl::StatusOr<v1::Receipt> BrokerFixture::SubmitOne(const v1::SubmitRequest& request) {
  grpc::ClientContext context;
  context.AddMetadata(kSessionKey, token_);
  v1::SubmitReply reply;
  RETURN_IF_ERROR(FromGrpc(submission_->Submit(&context, request, &reply)));
  return reply.receipt();
}

BrokerFixture::Syncs BrokerFixture::CountSyncs() const {
  Syncs syncs;
  for (absl::string_view line : absl::StrSplit(broker_->metrics().Text(), '\n')) {
    if (absl::ConsumePrefix(&line, "seinpost_requests_per_sync_sum ")) {
      if (!absl::SimpleAtod(line, &syncs.requests)) syncs.requests = 0;
    } else if (absl::ConsumePrefix(&line, "seinpost_requests_per_sync_count ")) {
      if (!absl::SimpleAtod(line, &syncs.syncs)) syncs.syncs = 0;
    }
  }
  return syncs;
}

}  // namespace seinpost::bench
