// SPDX-License-Identifier: EUPL-1.2
// The broker over gRPC and TLS on a port of its own: what clients and operators see.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "envelope/status_details.h"
#include "seinpost/v1/audit.grpc.pb.h"
#include "seinpost/v1/device.grpc.pb.h"
#include "seinpost/v1/directory.grpc.pb.h"
#include "seinpost/v1/session.grpc.pb.h"
#include "seinpost/v1/signal.grpc.pb.h"
#include "server/grpc/grpc_server.h"
#include "server/program/tls_certificate.h"
#include "server/rpc/grpc_status.h"
#include "tests/server/harness.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Generic calls: the messages of health and reflection are not among ours.
grpc::Status CallUnary(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                       Bytes& reply) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::Slice empty;
  const grpc::ByteBuffer request(&empty, 1);
  grpc::ByteBuffer answer;
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  std::vector<grpc::Slice> slices;
  if (status.ok() && answer.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices)
      reply.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return status;
}

class GrpcTest : public testing::Test {
 protected:
  void SetUp() override { Start({}); }
  void Start(const TestBrokerOptions& options) {
    test_ = std::make_unique<TestBroker>(options);
    static const auto& tls = *new server::TlsCertificate(
        *server::MakeSelfSignedCertificate({"127.0.0.1", "localhost"}, absl::Now()));
    absl::StatusOr<std::unique_ptr<server::GrpcServer>> server =
        server::GrpcServer::Start(test_->broker(), {"127.0.0.1:0", tls.certificate_pem, tls.key_pem});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    grpc::SslCredentialsOptions trusted;
    trusted.pem_root_certs = tls.certificate_pem;
    channel_ = grpc::CreateChannel(server_->address(), grpc::SslCredentials(trusted));
  }
  void TearDown() override {
    server_.reset();
    test_.reset();
  }

  Bytes Login(absl::string_view profile) { return LoginAs(test_->network().device(profile)); }
  Bytes LoginAs(const TestDevice& device) {
    const auto stub = v1::SessionService::NewStub(channel_);
    v1::ChallengeReply challenge;
    grpc::ClientContext first, second;
    EXPECT_TRUE(stub->Challenge(&first, {}, &challenge).ok());
    v1::SessionStatement statement;
    statement.set_role("broker");
    statement.set_service_identity(ToBytes(test_->network().log_key().public_key()));
    statement.set_convenant_id("plaats");
    statement.set_device_id(device.id);
    statement.set_nonce(challenge.nonce());
    statement.set_time(absl::ToUnixSeconds(test_->clock().Now()));
    v1::LoginReply reply;
    const grpc::Status status =
        stub->Login(&second, Signed<v1::LoginRequest>(statement, trust::kSessionLabel, device), &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return reply.token();
  }
  static std::unique_ptr<grpc::ClientContext> With(const Bytes& token) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->AddMetadata("seinpost-session-bin", token);
    return context;
  }
  grpc::Status Submit(const v1::Envelope& envelope, grpc::ClientContext& context) {
    v1::SubmitRequest request;
    *request.mutable_envelope() = envelope;
    v1::SubmitReply reply;
    return v1::SubmissionService::NewStub(channel_)->Submit(&context, request, &reply);
  }
  v1::SubscribeRequest FromStart() {
    v1::SubscribeRequest request;
    request.set_convenant_id("plaats");
    return request;
  }

  std::unique_ptr<TestBroker> test_;
  std::unique_ptr<server::GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(GrpcTest, SubmitsDeliversAndOpens) {
  const envelope::SealedSignal sealed = test_->Seal(NamedPlan(test_->network()));
  const auto submission = v1::SubmissionService::NewStub(channel_);
  const auto mailbox = v1::MailboxService::NewStub(channel_);
  const Bytes sender = Login(kSender);
  const Bytes reader = Login(kReader);
  const auto listening = With(reader);
  const auto stream = mailbox->Subscribe(listening.get(), FromStart());
  v1::Delivery delivery;
  ASSERT_TRUE(stream->Read(&delivery));
  EXPECT_TRUE(delivery.header().empty()) << "the marker of an empty backlog";

  const auto uploading = With(sender);
  v1::UploadAttachmentReply uploaded;
  const auto writer = submission->UploadAttachment(uploading.get(), &uploaded);
  v1::UploadAttachmentRequest chunk;
  chunk.set_ct_hash(sealed.attachments.begin()->first);
  chunk.set_chunk(sealed.attachments.begin()->second);
  ASSERT_TRUE(writer->Write(chunk));
  writer->WritesDone();
  const grpc::Status upload_status = writer->Finish();
  ASSERT_TRUE(upload_status.ok()) << upload_status.error_message();
  EXPECT_EQ(uploaded.size(), chunk.chunk().size());

  const auto submitting = With(sender);
  const grpc::Status submitted = Submit(sealed.envelope, *submitting);
  ASSERT_TRUE(submitted.ok()) << submitted.error_message();
  ASSERT_TRUE(stream->Read(&delivery));
  EXPECT_EQ(delivery.header(), sealed.envelope.header());
  EXPECT_TRUE(delivery.live());

  const uint32_t place = PlaceOf(sealed.envelope, v1::PART_KIND_IDENTITY);
  const auto opening = With(reader);
  v1::OpenReply opened;
  const grpc::Status open_status = v1::ReadingService::NewStub(channel_)->Open(
      opening.get(),
      Signed<v1::OpenRequest>(test_->OpenStatementOf(sealed.envelope, place, kReader), trust::kOpenLabel,
                              test_->network().device(kReader)),
      &opened);
  ASSERT_TRUE(open_status.ok()) << open_status.error_message();
  EXPECT_EQ(opened.wraps_size(), 1);

  const auto fetching = With(reader);
  v1::FetchAttachmentRequest fetch;
  fetch.set_convenant_id("plaats");
  fetch.set_signal_id(test_->OpenStatementOf(sealed.envelope, 0, kReader).signal_id());
  fetch.set_part(PlaceOf(sealed.envelope, v1::PART_KIND_ATTACHMENT));
  const auto chunks = mailbox->FetchAttachment(fetching.get(), fetch);
  Bytes fetched;
  v1::FetchAttachmentReply piece;
  while (chunks->Read(&piece)) fetched += piece.chunk();
  EXPECT_TRUE(chunks->Finish().ok());
  EXPECT_EQ(fetched, sealed.attachments.begin()->second);
  listening->TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(GrpcTest, ConfirmsDeliveriesAndPassesKeysOn) {
  const v1::Envelope envelope = test_->Seal(SmallPlan(test_->network())).envelope;
  ASSERT_TRUE(test_->Submit(envelope).ok());
  const TestDevice& reader = test_->network().device(kReader);
  const TestDevice& later = test_->AddDevice(kReader);
  const Bytes token = Login(kReader);
  const Bytes later_token = LoginAs(later);
  const auto mailbox = v1::MailboxService::NewStub(channel_);
  const auto devices = v1::DeviceService::NewStub(channel_);
  v1::ConfirmDeliveryRequest confirm;
  confirm.set_convenant_id("plaats");
  *confirm.add_statements() =
      Signed<v1::SignedDelivered>(test_->DeliveredOf(envelope, reader), trust::kDeliveredLabel, reader);
  v1::ConfirmDeliveryReply confirmed;
  EXPECT_TRUE(mailbox->ConfirmDelivery(With(token).get(), confirm, &confirmed).ok());
  EXPECT_EQ(confirmed.receipts_size(), 1);
  v1::GetDeliveredRequest get;
  get.set_convenant_id("plaats");
  get.add_signal_ids(CoreOf(envelope).signal_id());
  v1::GetDeliveredReply got;
  EXPECT_TRUE(mailbox->GetDelivered(With(Login(kSender)).get(), get, &got).ok());
  EXPECT_EQ(got.statements_size(), 1);

  v1::ListRestorableRequest restorable;
  restorable.set_convenant_id("plaats");
  const auto listing = With(later_token);
  const auto deliveries = devices->ListRestorable(listing.get(), restorable);
  v1::Delivery delivery;
  EXPECT_TRUE(deliveries->Read(&delivery));
  EXPECT_FALSE(deliveries->Read(&delivery));
  EXPECT_TRUE(deliveries->Finish().ok());
  const v1::AskRewrapRequest ask = test_->RewrapRequestOf(envelope, v1::PART_KIND_NARRATIVE, later);
  v1::AskRewrapReply asked;
  EXPECT_TRUE(devices->AskRewrap(With(later_token).get(), ask, &asked).ok());
  v1::ListRewrapRequestsRequest list;
  list.set_convenant_id("plaats");
  const auto asking = With(token);
  const auto requests = devices->ListRewrapRequests(asking.get(), list);
  v1::RewrapRequested requested;
  EXPECT_TRUE(requests->Read(&requested));
  EXPECT_FALSE(requests->Read(&requested));
  EXPECT_TRUE(requests->Finish().ok());
  v1::GiveRewrapReply given;
  const v1::GiveRewrapRequest give = test_->RewrapOf(ask, envelope, v1::PART_KIND_NARRATIVE, reader);
  EXPECT_TRUE(devices->GiveRewrap(With(token).get(), give, &given).ok());
  v1::ListExposureRequest exposure;
  exposure.set_convenant_id("plaats");
  exposure.set_device_id(later.id);
  const auto exposing = With(token);
  const auto exposures = devices->ListExposure(exposing.get(), exposure);
  v1::Exposure exposed;
  EXPECT_TRUE(exposures->Read(&exposed));
  EXPECT_FALSE(exposures->Read(&exposed));
  EXPECT_TRUE(exposures->Finish().ok());
}

TEST_F(GrpcTest, ARefusalCarriesItsDecision) {
  envelope::SignalPlan plan = SmallPlan(test_->network());
  plan.core.set_purpose("handhaving-openbare-orde");
  const auto context = With(Login(kSender));
  const grpc::Status refused = Submit(test_->Seal(plan).envelope, *context);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  const std::optional<v1::Decision> decision = envelope::DecisionInStatusDetails(refused.error_details());
  ASSERT_TRUE(decision.has_value());
  EXPECT_FALSE(decision->allowed());
  EXPECT_EQ(decision->reasons(0).code(), "PURPOSE_NOT_ALLOWED");
  EXPECT_GT(decision->instead_size(), 0);
}

TEST_F(GrpcTest, MemberRefusalOfManyPartsToManyArrivesAsOne) {
  envelope::SignalPlan plan = SmallPlan(test_->network());
  plan.core.set_level(v1::LEVEL_L2);
  plan.core.set_informed(v1::INFORMED_YES);
  for (const TestDevice* device : test_->network().devices()) {
    if (device->profile != kSender && device->profile != kReader) {
      plan.parts[0].members.push_back(device->member_ref);
    }
  }
  while (plan.parts.size() < 8) plan.parts.push_back(plan.parts[0]);
  const auto context = With(Login(kSender));
  const grpc::Status refused = Submit(test_->Seal(plan).envelope, *context);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::PERMISSION_DENIED) << refused.error_message();
  EXPECT_LE(refused.error_details().size(), envelope::kMaxStatusDetailsBytes);
  const std::optional<v1::Decision> decision = envelope::DecisionInStatusDetails(refused.error_details());
  ASSERT_TRUE(decision.has_value());
  EXPECT_GT(decision->reasons_size(), 0);
  EXPECT_GT(decision->more_reasons() + decision->more_verdicts() + decision->more_instead(), 0u)
      << "or it shows nothing";
}

TEST_F(GrpcTest, EveryOtherCallNeedsASession) {
  const envelope::SealedSignal sealed = test_->Seal(SmallPlan(test_->network()));
  grpc::ClientContext none;
  EXPECT_EQ(Submit(sealed.envelope, none).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  const auto wrong = With(Bytes(32, 't'));
  EXPECT_EQ(Submit(sealed.envelope, *wrong).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  grpc::ClientContext streaming;
  const auto stream = v1::MailboxService::NewStub(channel_)->Subscribe(&streaming, FromStart());
  v1::Delivery delivery;
  EXPECT_FALSE(stream->Read(&delivery));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  for (const char* method :
       {"MailboxService/ConfirmDelivery", "MailboxService/GetDelivered", "DeviceService/ListExposure",
        "DeviceService/ListRestorable", "DeviceService/AskRewrap", "DeviceService/ListRewrapRequests",
        "DeviceService/GiveRewrap"}) {
    Bytes reply;
    EXPECT_EQ(CallUnary(channel_, absl::StrCat("/seinpost.v1.", method), reply).error_code(),
              grpc::StatusCode::UNAUTHENTICATED)
        << method;
  }
  grpc::ClientContext open;
  v1::GetConvenantReply convenant;
  EXPECT_TRUE(v1::ConvenantService::NewStub(channel_)->GetConvenant(&open, {}, &convenant).ok());
}

TEST_F(GrpcTest, RefusesWhatIsTooLarge) {
  const Bytes token = Login(kSender);
  v1::Envelope envelope;
  envelope.add_parts()->set_ciphertext(Bytes(4 << 20, 'x'));
  const auto over_message = With(token);
  EXPECT_EQ(Submit(envelope, *over_message).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  envelope.mutable_parts(0)->set_ciphertext(Bytes((5 << 20) / 2, 'x'));
  const auto over_envelope = With(token);
  EXPECT_EQ(Submit(envelope, *over_envelope).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(GrpcTest, TellsWhenToComeBack) {
  TearDown();
  TestBrokerOptions options;
  options.limits.submits = 1;
  Start(options);
  const Bytes token = Login(kSender);
  const auto first = With(token);
  EXPECT_TRUE(Submit(test_->Seal(SmallPlan(test_->network())).envelope, *first).ok());
  const auto second = With(token);
  EXPECT_EQ(Submit(test_->Seal(SmallPlan(test_->network())).envelope, *second).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto& trailing = second->GetServerTrailingMetadata();
  const auto found = trailing.find("seinpost-retry-after-ms");
  ASSERT_NE(found, trailing.end());
  EXPECT_EQ(Bytes(found->second.data(), found->second.size()), "60000");
}

TEST_F(GrpcTest, ShutdownEndsLiveStreamsAsUnavailable) {
  const auto context = With(Login(kReader));
  const auto stream = v1::MailboxService::NewStub(channel_)->Subscribe(context.get(), FromStart());
  v1::Delivery delivery;
  ASSERT_TRUE(stream->Read(&delivery));
  const envelope::SealedSignal sealed = test_->Seal(SmallPlan(test_->network()));
  const auto submitting = With(Login(kSender));
  ASSERT_TRUE(Submit(sealed.envelope, *submitting).ok());
  const absl::Time before = absl::Now();
  std::thread stopping([this] { server_->Shutdown(); });
  while (stream->Read(&delivery)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  stopping.join();
  EXPECT_LT(absl::Now() - before, absl::Seconds(4)) << "streams must not keep it from stopping";
  server_.reset();
  ASSERT_TRUE(test_->Restart().ok());
  EXPECT_EQ(test_->Backlog(kReader).size(), 1u);
}

TEST_F(GrpcTest, HealthSaysServing) {
  Bytes reply;
  const grpc::Status status = CallUnary(channel_, "/grpc.health.v1.Health/Check", reply);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(reply, Bytes("\x08\x01", 2)) << "field 1: SERVING";
}

TEST_F(GrpcTest, ReflectionListsTheServices) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;
  const auto call =
      stub.PrepareCall(&context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  call->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  const grpc::Slice list_services("\x3a\x00", 2);  // field 7, an empty string
  call->Write(grpc::ByteBuffer(&list_services, 1), nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(answer.Dump(&slices).ok());
  Bytes text;
  for (const grpc::Slice& slice : slices)
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  EXPECT_THAT(text, HasSubstr("seinpost.v1.SubmissionService"));
  EXPECT_THAT(text, HasSubstr("seinpost.v1.AuditService"));
  context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
}

TEST_F(GrpcTest, MetricsCountAndHoldNoNames) {
  const Bytes token = Login(kSender);
  const auto good = With(token);
  ASSERT_TRUE(Submit(test_->Seal(SmallPlan(test_->network())).envelope, *good).ok());
  envelope::SignalPlan plan = SmallPlan(test_->network());
  plan.core.set_purpose("handhaving-openbare-orde");
  const auto refused = With(token);
  ASSERT_FALSE(Submit(test_->Seal(plan).envelope, *refused).ok());
  const auto broken = With(token);
  ASSERT_FALSE(Submit({}, *broken).ok());
  const std::string text = test_->broker().metrics().Text();
  EXPECT_THAT(
      text,
      HasSubstr("seinpost_requests_total{code=\"OK\",method=\"Submit\",service=\"SubmissionService\"} 1"));
  EXPECT_THAT(text, HasSubstr("seinpost_refusals_total{code=\"PURPOSE_NOT_ALLOWED\"} 1"));
  EXPECT_THAT(text, HasSubstr("seinpost_rejected_total{reason=\"malformed\"} 1"));
  EXPECT_THAT(text, HasSubstr("seinpost_requests_per_sync_bucket"));
  EXPECT_THAT(text, HasSubstr("seinpost_unexpected_errors_total 0"));
  for (const TestDevice* device : test_->network().devices()) {
    EXPECT_THAT(text, Not(HasSubstr(device->handle)));
    EXPECT_THAT(text, Not(HasSubstr(device->party + "\"")));
    EXPECT_THAT(text, Not(HasSubstr(ToHex(device->id))));
  }
  EXPECT_THAT(text, Not(HasSubstr("plaats")));
}

TEST(GrpcStatus, SendsAFixedTextForWhatNobodyCanHelp) {
  const struct {
    absl::Status status;
    grpc::StatusCode code;
    const char* text;
  } rows[] = {
      {absl::OkStatus(), grpc::StatusCode::OK, ""},
      {absl::InvalidArgumentError("field: why"), grpc::StatusCode::INVALID_ARGUMENT, "field: why"},
      {absl::UnavailableError("later"), grpc::StatusCode::UNAVAILABLE, "later"},
      {server::OverQuota(absl::Seconds(1)), grpc::StatusCode::RESOURCE_EXHAUSTED,
       "over quota, retry in 1000 ms"},
      {absl::ResourceExhaustedError("too large"), grpc::StatusCode::INVALID_ARGUMENT, "too large"},
      {absl::DataLossError("/var/lib/db/000012.sst"), grpc::StatusCode::INTERNAL, "internal error"},
      {absl::InternalError("secret"), grpc::StatusCode::INTERNAL, "internal error"},
      {absl::UnknownError("?"), grpc::StatusCode::INTERNAL, "internal error"},
      {absl::AbortedError("?"), grpc::StatusCode::INTERNAL, "internal error"},
  };
  for (const auto& row : rows) {
    const grpc::Status status = server::ToGrpcStatus(row.status);
    EXPECT_EQ(status.error_code(), row.code) << row.status;
    EXPECT_EQ(status.error_message(), row.text) << row.status;
  }
}

}  // namespace
}  // namespace seinpost::test
