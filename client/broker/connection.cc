// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/connection.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/numbers.h"
#include "client/broker/call_guard.h"
#include "client/broker/connection_stubs.h"
#include "client/broker/grpc_status.h"
#include "client/terminal/context.h"
#include "grpcpp/grpcpp.h"
#include "trust/directory.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr int kMaxReplyBytes = 8 * 1024 * 1024;
constexpr size_t kChunkBytes = 64 * 1024;  // 20 s for each: from 26 kbit/s on
constexpr size_t kMaxPublishObjects = 64;
constexpr size_t kMaxPublishBytes = 1024 * 1024;
constexpr size_t kMaxAttachmentBytes = 6 * 1024 * 1024;
constexpr absl::Duration kRenewBefore = absl::Minutes(1);
constexpr int kMaxWaits = 8;
constexpr char kRetryMetadata[] = "seinpost-retry-after-ms";
constexpr char kConditionMetadata[] = "seinpost-condition";
constexpr auto kStopPoll = std::chrono::milliseconds(100);

// How long a connection is tried for, and how long the pause between two tries grows.
constexpr int kConnectMilliseconds = 10'000;
constexpr int kFirstRetryMilliseconds = 250;
constexpr int kLastRetryMilliseconds = 10'000;

std::shared_ptr<grpc::Channel> MakeChannel(absl::string_view address, absl::string_view tls_ca_pem,
                                           absl::Duration keepalive) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = std::string(tls_ca_pem);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReplyBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY,
                   0);  // a broker is reached directly, whatever the environment says
  // A call that waits (the mailbox of `signal watch`) would never notice a broker that is frozen, or a line
  // that was cut: gRPC asks, as often as it takes, and the broker allows it every ten seconds.
  const int half = static_cast<int>(absl::ToInt64Milliseconds(keepalive / 2));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, half);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, half);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMilliseconds);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstRetryMilliseconds);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLastRetryMilliseconds);
  return grpc::CreateCustomChannel(std::string(address), grpc::SslCredentials(tls), arguments);
}

// Zero: the broker does not ask to be tried again.
absl::Duration ToldToWait(const grpc::Status& status, const grpc::ClientContext& call) {
  if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) return absl::ZeroDuration();
  const auto& metadata = call.GetServerTrailingMetadata();
  const auto found = metadata.find(kRetryMetadata);
  int64_t milliseconds = 0;
  if (found == metadata.end() ||
      !absl::SimpleAtoi(absl::string_view(found->second.data(), found->second.size()), &milliseconds)) {
    return absl::ZeroDuration();
  }
  return absl::Milliseconds(std::max<int64_t>(0, milliseconds));
}

bool IsReadOnlyBroker(const grpc::Status& status, const grpc::ClientContext& call) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return false;
  const auto& metadata = call.GetServerTrailingMetadata();
  const auto found = metadata.find(kConditionMetadata);
  return found != metadata.end() && found->second == "read-only";
}

}  // namespace

Connection::Connection(absl::string_view address, absl::string_view tls_ca_pem, const Clock& clock,
                       absl::Duration deadline, absl::Duration keepalive)
    : Connection(address, tls_ca_pem, clock, nullptr, {deadline, keepalive}) {}

Connection::Connection(absl::string_view address, absl::string_view tls_ca_pem, const Context& context,
                       absl::Duration deadline, absl::Duration keepalive)
    : Connection(address, tls_ca_pem, context.clock, context.stop, {deadline, keepalive}) {
  tell_upload_ = ProgressOf(context, "upload");
}

Connection::Connection(absl::string_view address, absl::string_view tls_ca_pem, const Clock& clock,
                       const Interrupt* stop, Limits limits)
    : stubs_(std::make_unique<Stubs>(MakeChannel(address, tls_ca_pem, limits.keepalive))),
      clock_(clock),
      deadline_(limits.deadline),
      stop_(stop),
      guard_(std::make_unique<CallGuard>(stop)) {}

Connection::~Connection() = default;

void Connection::SetCredentials(Credentials credentials) {
  credentials_ = std::move(credentials);
  token_.clear();
}

void Connection::Pause(absl::Duration time) const {
  if (sleep_) return sleep_(time);
  if (stop_ == nullptr) return absl::SleepFor(time);
  stop_->WaitFor(time);
}

absl::Status Connection::AsTold(
    bool session, absl::Duration deadline,
    absl::FunctionRef<grpc::Status(grpc::ClientContext&, GuardedCall&)> call) const {
  absl::Duration waited;
  for (int waits = 0;; ++waits) {
    RETURN_IF_ERROR(guard_->MayCall());
    grpc::ClientContext context;
    if (deadline != absl::InfiniteDuration()) {
      context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(deadline));
    }
    if (session) context.AddMetadata("seinpost-session-bin", token_);
    GuardedCall guarded(*guard_, context);
    const grpc::Status status = call(context, guarded);
    if (IsReadOnlyBroker(status, context)) return ReadOnlyError();
    const absl::Duration wait = ToldToWait(status, context);
    if (wait == absl::ZeroDuration() || waits == kMaxWaits || waited + wait > kMaxWaiting) {
      return guarded.Meaning(status);
    }
    Pause(wait);
    waited += wait;
  }
}

absl::StatusOr<v1::ChallengeReply> Connection::Challenge() {
  ASSIGN_OR_RETURN(
      const v1::ChallengeReply reply,
      Unary(*stubs_->session, &v1::SessionService::Stub::Challenge, v1::ChallengeRequest(), false));
  ahead_of_broker_ = clock_.Now() - absl::FromUnixSeconds(reply.time());
  return reply;
}

absl::Status Connection::AskTime() { return Challenge().status(); }

absl::Status Connection::Login() {
  if (credentials_.key == nullptr)
    return absl::FailedPreconditionError("this connection has no device to log in");
  ASSIGN_OR_RETURN(const v1::ChallengeReply challenge, Challenge());
  // The broker would refuse; this says why.
  if (absl::AbsDuration(*ahead_of_broker_) > trust::kClockSkew) {
    return absl::FailedPreconditionError("the clock of this device is not that of the broker");
  }
  v1::SessionStatement statement;
  statement.set_role("broker");
  statement.set_service_identity(credentials_.service_identity);
  statement.set_convenant_id(credentials_.convenant_id);
  statement.set_device_id(credentials_.device_id);
  statement.set_nonce(challenge.nonce());
  statement.set_time(absl::ToUnixSeconds(clock_.Now()));
  v1::LoginRequest request;
  request.set_statement(trust::StrictSerialize(statement));
  request.set_signature(crypto::Sign(*credentials_.key, trust::kSessionLabel, request.statement()));
  v1::LoginReply reply;
  RETURN_IF_ERROR(AsTold(false, deadline_, [&](grpc::ClientContext& call, GuardedCall&) {
    return stubs_->session->Login(&call, request, &reply);
  }));
  token_ = reply.token();
  token_expires_ = absl::FromUnixSeconds(reply.expires());
  return absl::OkStatus();
}

absl::Status Connection::WithSession(absl::FunctionRef<absl::Status()> call) {
  if (token_.empty() || clock_.Now() + kRenewBefore >= token_expires_) RETURN_IF_ERROR(Login());
  const absl::Status status = call();
  if (status.code() != absl::StatusCode::kUnauthenticated) return status;
  RETURN_IF_ERROR(Login());  // the broker was restarted, and its tokens with it
  return call();
}

absl::StatusOr<v1::GetConvenantReply> Connection::GetConvenant(absl::string_view convenant_id) {
  v1::GetConvenantRequest request;
  request.set_convenant_id(std::string(convenant_id));
  return Unary(*stubs_->convenant, &v1::ConvenantService::Stub::GetConvenant, request, false);
}

absl::StatusOr<v1::PublishReply> Connection::Activate(ByteView convenant_object) {
  v1::ActivateRequest request;
  request.set_object(std::string(convenant_object));
  return Unary(*stubs_->convenant, &v1::ConvenantService::Stub::Activate, request, false);
}

absl::StatusOr<v1::PublishReply> Connection::Publish(absl::string_view convenant_id,
                                                     const std::vector<Bytes>& objects) {
  v1::PublishReply all;
  for (size_t next = 0; next < objects.size();) {
    v1::PublishRequest request;
    request.set_convenant_id(std::string(convenant_id));
    size_t bytes = 0;
    while (next < objects.size() && request.objects_size() < static_cast<int>(kMaxPublishObjects) &&
           (bytes == 0 || bytes + objects[next].size() <= kMaxPublishBytes - 4096)) {
      bytes += objects[next].size();
      request.add_objects(objects[next++]);
    }
    ASSIGN_OR_RETURN(const v1::PublishReply reply,
                     Unary(*stubs_->publication, &v1::PublicationService::Stub::Publish, request, false));
    all.MergeFrom(reply);
  }
  return all;
}

absl::Status Connection::GetDirectory(uint64_t from,
                                      absl::FunctionRef<absl::Status(const v1::GetDirectoryReply&)> each) {
  v1::GetDirectoryRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  request.set_from(from);
  return Stream(*stubs_->directory, &v1::DirectoryService::Stub::GetDirectory, request, each);
}

absl::StatusOr<v1::Decision> Connection::DecideSend(const v1::DecideSendRequest& request) {
  return Unary(*stubs_->decision, &v1::DecisionService::Stub::DecideSend, request, true);
}

absl::StatusOr<v1::Decision> Connection::DecideOpen(const v1::DecideOpenRequest& request) {
  return Unary(*stubs_->decision, &v1::DecisionService::Stub::DecideOpen, request, true);
}

absl::StatusOr<v1::Receipt> Connection::Submit(const v1::Envelope& envelope) {
  v1::SubmitRequest request;
  *request.mutable_envelope() = envelope;
  ASSIGN_OR_RETURN(const v1::SubmitReply reply,
                   Unary(*stubs_->submission, &v1::SubmissionService::Stub::Submit, request, true));
  return reply.receipt();
}

absl::Status Connection::UploadAttachment(ByteView ct_hash, ByteView ciphertext) {
  return WithSession([&] {
    return AsTold(true, absl::InfiniteDuration(), [&](grpc::ClientContext& call, GuardedCall& guarded) {
      v1::UploadAttachmentReply reply;
      guarded.Wait(deadline_);
      const auto writer = stubs_->submission->UploadAttachment(&call, &reply);
      for (size_t at = 0; at < ciphertext.size(); at += kChunkBytes) {
        v1::UploadAttachmentRequest request;
        if (at == 0) request.set_ct_hash(std::string(ct_hash));
        request.set_chunk(std::string(ciphertext.substr(at, kChunkBytes)));
        // The broker takes a chunk before it gives room for the next, so this is how far it is.
        guarded.Wait(deadline_);
        if (!writer->Write(request)) break;  // Finish() says why
        if (tell_upload_) tell_upload_(std::min(at + kChunkBytes, ciphertext.size()), ciphertext.size());
      }
      guarded.Wait(deadline_);
      writer->WritesDone();
      return writer->Finish();
    });
  });
}

absl::StatusOr<v1::Receipt> Connection::ReportDenial(ByteView statement, ByteView signature) {
  const auto request = SignedRequest<v1::ReportDenialRequest>(statement, signature);
  ASSIGN_OR_RETURN(const v1::ReportDenialReply reply,
                   Unary(*stubs_->submission, &v1::SubmissionService::Stub::ReportDenial, request, true));
  return reply.receipt();
}

absl::StatusOr<v1::OpenReply> Connection::Open(ByteView statement, ByteView signature) {
  const auto request = SignedRequest<v1::OpenRequest>(statement, signature);
  return Unary(*stubs_->reading, &v1::ReadingService::Stub::Open, request, true);
}

absl::StatusOr<Bytes> Connection::FetchAttachment(ByteView signal_id, uint32_t part) {
  v1::FetchAttachmentRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  request.set_signal_id(std::string(signal_id));
  request.set_part(part);
  Bytes ciphertext;
  const auto take = [&](const v1::FetchAttachmentReply& reply) {
    if (ciphertext.size() + reply.chunk().size() > kMaxAttachmentBytes) {
      return absl::ResourceExhaustedError("the broker sends an attachment that is too large");
    }
    ciphertext += reply.chunk();
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(Stream(*stubs_->mailbox, &v1::MailboxService::Stub::FetchAttachment, request, take,
                         [&] { ciphertext.clear(); }));
  return ciphertext;
}

absl::Status Connection::Subscribe(uint64_t cursor, absl::Time until,
                                   absl::FunctionRef<absl::StatusOr<bool>(const v1::Delivery&)> each) {
  v1::SubscribeRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  request.set_cursor(cursor);
  return WithSession([&]() -> absl::Status {
    absl::Status outcome;  // what was made of the stream, once it had begun
    const auto subscribe = [&](grpc::ClientContext& call, GuardedCall& guarded) -> grpc::Status {
      uint64_t seen = 0;
      grpc::CompletionQueue queue;
      void* tag = nullptr;
      bool alive = false;
      grpc::Status finished;
      bool over = false;  // by our own wish
      const auto reader = stubs_->mailbox->AsyncSubscribe(&call, request, &queue, nullptr);
      // One operation is under way at any time: start, read, read, … finish.
      const auto wait = [&] {
        while (queue.AsyncNext(&tag, &alive, std::chrono::system_clock::now() + kStopPoll) ==
               grpc::CompletionQueue::TIMEOUT) {
          if (over || clock_.Now() < until) continue;
          over = true;
          call.TryCancel();
        }
        return alive;
      };
      v1::Delivery delivery;
      bool going = wait();
      while (going) {
        reader->Read(&delivery, nullptr);
        going = wait();
        if (!going || over) break;
        ++seen;
        const absl::StatusOr<bool> more = each(delivery);
        if (!more.ok()) outcome = more.status();
        if (!more.ok() || !*more) over = true;
        if (over) break;
      }
      if (over) call.TryCancel();
      reader->Finish(&finished, nullptr);
      queue.Next(&tag, &alive);
      queue.Shutdown();
      while (queue.Next(&tag, &alive)) {
      }
      if (over) return grpc::Status::OK;
      if (!finished.ok() && seen == 0) return finished;
      // A stream that has delivered is not begun again: the caller goes on from its new cursor.
      if (finished.ok()) {
        outcome = UnreachableError("the broker has ended the stream");
      } else if (finished.error_code() == grpc::StatusCode::UNAUTHENTICATED) {
        outcome = absl::PermissionDeniedError("the broker has ended the session of this device");
      } else {
        outcome = guarded.Meaning(finished);
      }
      return grpc::Status::OK;
    };
    const absl::Status called = AsTold(true, absl::InfiniteDuration(), subscribe);
    return outcome.ok() ? called : outcome;
  });
}

}  // namespace seinpost::client
