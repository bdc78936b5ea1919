// SPDX-License-Identifier: EUPL-1.2
#include "bench/sender.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "audit/checkpoint.h"
#include "crypto/hash.h"
#include "envelope/seal.h"
#include "seinpost/v1/audit.grpc.pb.h"
#include "seinpost/v1/session.grpc.pb.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

constexpr char kSender[] = "school/zorgcoordinator";
constexpr char kRecipient[] = "politie/wijkagent";
constexpr char kChannel[] = "core@school-a";
constexpr char kSessionKey[] = "seinpost-session-bin";

}  // namespace

test::TestNetwork Network() { return test::TestNetwork::Example(test::TestNetwork::AnyTime()); }

absl::Status FromGrpc(const grpc::Status& status) {
  return status.ok()
             ? absl::OkStatus()
             : absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

std::shared_ptr<grpc::Channel> Connect(const Door& door) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = door.certificate;
  grpc::ChannelArguments arguments;
  // A channel is a connection here.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(door.address, grpc::SslCredentials(options), arguments);
}

absl::StatusOr<std::unique_ptr<Sender>> Sender::Login(const Door& door) {
  std::unique_ptr<Sender> sender(new Sender(door));
  ASSIGN_OR_RETURN(sender->token_, sender->LoginOver(sender->channel_, sender->device_));
  return sender;
}

Sender::Sender(const Door& door)
    : door_(door),
      ahead_(door.ahead),
      network_(Network()),
      device_(network_.device(kSender)),
      channel_(Connect(door)),
      submission_(v1::SubmissionService::NewStub(channel_)) {}

absl::Time Sender::Now() const { return absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now() + ahead_)); }

absl::StatusOr<std::string> Sender::LoginOver(const std::shared_ptr<grpc::Channel>& channel,
                                              const test::TestDevice& device) const {
  const auto stub = v1::SessionService::NewStub(channel);
  grpc::ClientContext challenge_context, login_context;
  v1::ChallengeReply challenge;
  RETURN_IF_ERROR(FromGrpc(stub->Challenge(&challenge_context, {}, &challenge)));
  v1::SessionStatement statement;
  statement.set_role("broker");
  statement.set_service_identity(ToBytes(network_.log_key().public_key()));
  statement.set_convenant_id(network_.convenant().id());
  statement.set_device_id(device.id);
  statement.set_nonce(challenge.nonce());
  statement.set_time(absl::ToUnixSeconds(Now()));
  v1::LoginRequest request;
  request.set_statement(trust::StrictSerialize(statement));
  request.set_signature(crypto::Sign(device.key, trust::kSessionLabel, request.statement()));
  v1::LoginReply reply;
  RETURN_IF_ERROR(FromGrpc(stub->Login(&login_context, request, &reply)));
  return reply.token();
}

absl::StatusOr<Load> Sender::LogIn(size_t count) const {
  std::vector<const test::TestDevice*> others = network_.devices();
  others.erase(std::remove(others.begin(), others.end(), &device_), others.end());
  std::vector<absl::Duration> times;
  const absl::Duration cpu = CpuTime();
  for (size_t i = 0; i < count; ++i) {
    const absl::Time begin = absl::Now();
    RETURN_IF_ERROR(LoginOver(Connect(door_), *others[i % others.size()]).status());
    times.push_back(absl::Now() - begin);
  }
  std::sort(times.begin(), times.end());
  const absl::Duration all = std::accumulate(times.begin(), times.end(), absl::ZeroDuration());
  return Load{.per_second = static_cast<double>(count) / absl::ToDoubleSeconds(all),
              .p50 = times[count / 2],
              .p99 = times[count * 99 / 100],
              .cpu = (CpuTime() - cpu) / static_cast<double>(count)};
}

absl::StatusOr<Bytes> Sender::FetchCheckpoint() const {
  grpc::ClientContext context;
  context.AddMetadata(kSessionKey, token_);
  v1::GetCheckpointRequest request;
  request.set_convenant_id(network_.convenant().id());
  v1::GetCheckpointReply reply;
  RETURN_IF_ERROR(
      FromGrpc(v1::TransparencyService::NewStub(channel_)->GetCheckpoint(&context, request, &reply)));
  const trust::Directory& directory = network_.directory();
  const trust::LogIdentity& log = directory.LogIdentityAsOf();
  ASSIGN_OR_RETURN(const audit::Checkpoint checkpoint,
                   audit::VerifyCheckpoint(reply.checkpoint(), audit::LogKey(log.origin, log.key)));
  // On an older one the broker refuses whoever was certified after it.
  if (checkpoint.directory->seq < directory.size()) {
    return absl::FailedPreconditionError(absl::StrCat("the published checkpoint covers ",
                                                      checkpoint.directory->seq, " of ", directory.size(),
                                                      " objects of the directory"));
  }
  return reply.checkpoint();
}

absl::StatusOr<std::vector<v1::SubmitRequest>> Sender::Seal(size_t count) const {
  ASSIGN_OR_RETURN(const Bytes checkpoint, FetchCheckpoint());
  const policies::Convenant& convenant = network_.convenant();
  const std::string retention_class =
      *convenant.FindChannel(kChannel)->RetentionClass(policies::PartKind::kNarrative, policies::Level::kL1);
  const policies::RetentionClass* retention = convenant.FindRetention(retention_class);
  std::vector<v1::SubmitRequest> requests(count);
  for (v1::SubmitRequest& request : requests) {
    const absl::Time now = Now();
    envelope::SignalPlan plan;
    plan.core.set_kind(v1::SIGNAL_KIND_SIGNAL);
    plan.core.set_channel(kChannel);
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
                     envelope::Seal(plan, network_.directory(), device_.id, device_.key));
    *request.mutable_envelope() = std::move(sealed.envelope);
  }
  return requests;
}

absl::StatusOr<Load> Sender::Submit(std::span<const v1::SubmitRequest> requests, size_t outstanding) const {
  struct Call {
    grpc::ClientContext context;
    v1::SubmitReply reply;
  };
  return Drive(requests.size(), outstanding, [&](size_t index, std::function<void(absl::Status)> done) {
    auto call = std::make_shared<Call>();
    call->context.AddMetadata(kSessionKey, token_);
    submission_->async()->Submit(&call->context, &requests[index], &call->reply,
                                 [call, done = std::move(done)](const grpc::Status& status) mutable {
                                   call.reset();  // see Drive()
                                   done(FromGrpc(status));
                                 });
  });
}

absl::StatusOr<v1::Receipt> Sender::SubmitOne(const v1::SubmitRequest& request) const {
  grpc::ClientContext context;
  context.AddMetadata(kSessionKey, token_);
  v1::SubmitReply reply;
  RETURN_IF_ERROR(FromGrpc(submission_->Submit(&context, request, &reply)));
  return reply.receipt();
}

}  // namespace seinpost::bench
