// SPDX-License-Identifier: EUPL-1.2
// The broker over gRPC and TLS on a port of its own: what clients and operators see.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor_database.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "envelope/status_details.h"
#include "seinpost/v1/audit.grpc.pb.h"
#include "seinpost/v1/device.grpc.pb.h"
#include "seinpost/v1/directory.grpc.pb.h"
#include "seinpost/v1/signal.grpc.pb.h"
#include "server/rpc/grpc_status.h"
#include "tests/server/grpc/grpc_testing.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Generic calls: the messages of health and reflection are not among ours.
grpc::Status CallUnary(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, Bytes& reply,
                       const Bytes& message = {}) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::Slice only(message);
  const grpc::ByteBuffer request(&only, 1);
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

// The calls that need no session, and no others.
const std::set<std::string>& OpenCalls() {
  static const auto* const open = new std::set<std::string>{
      "/seinpost.v1.SessionService/Challenge",      "/seinpost.v1.SessionService/Login",
      "/seinpost.v1.ConvenantService/GetConvenant", "/seinpost.v1.ConvenantService/Activate",
      "/seinpost.v1.PublicationService/Publish",    "/seinpost.v1.ConvenantService/ProvePublished",
  };
  return *open;
}

// Every method of every service of ours, by the descriptors that are linked in.
std::vector<std::string> AllCalls() {
  std::vector<std::string> files, calls;
  google::protobuf::DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  for (const std::string& name : files) {
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr || file->package() != "seinpost.v1") continue;
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        calls.push_back(
            absl::StrCat("/", file->service(i)->full_name(), "/", file->service(i)->method(j)->name()));
      }
    }
  }
  return calls;
}

// What becomes of a call of which nothing but the headers is sent.
grpc::Status CallWithHeaders(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                             const Bytes& token) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  if (!token.empty()) context.AddMetadata("seinpost-session-bin", token);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return status;
}

TEST_F(GrpcTest, EveryOtherCallNeedsASession) {
  const std::vector<std::string> calls = AllCalls();
  EXPECT_GE(calls.size(), 20u);
  std::set<std::string> unknown = OpenCalls();
  for (const std::string& method : calls) {
    SCOPED_TRACE(method);
    if (unknown.erase(method) > 0) continue;
    // By the headers alone: no request is sent, so none can have been read.
    const grpc::Status without = CallWithHeaders(channel_, method, "");
    EXPECT_EQ(without.error_code(), grpc::StatusCode::UNAUTHENTICATED) << without.error_message();
    EXPECT_EQ(without.error_message(), "no valid session");
    EXPECT_EQ(CallWithHeaders(channel_, method, Bytes(32, 't')).error_code(),
              grpc::StatusCode::UNAUTHENTICATED);
    Bytes reply;
    EXPECT_EQ(CallUnary(channel_, method, reply).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  }
  EXPECT_TRUE(unknown.empty()) << "listed as open, and no longer there: " << *unknown.begin();
  for (const char* method : {"/seinpost.v1.SubmissionService/Nothing", "/grpc.health.v1.Health/Watch",
                             "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"}) {
    EXPECT_EQ(CallWithHeaders(channel_, method, "").error_code(), grpc::StatusCode::UNAUTHENTICATED)
        << method;
  }
  EXPECT_EQ(CallWithHeaders(channel_, "/seinpost.v1.SubmissionService/Nothing", Login(kSender)).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
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

// HealthCheckResponse.status of a service, 1 SERVING, 2 NOT_SERVING; 0: refused.
int HealthOf(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  Bytes reply;
  const Bytes request =
      service.empty() ? Bytes() : Bytes("\x0a") + static_cast<char>(service.size()) + service;
  const grpc::Status status = CallUnary(channel, "/grpc.health.v1.Health/Check", reply, request);
  return status.ok() && reply.size() == 2 ? reply[1] : 0;
}

class GrpcTroubleTest : public GrpcTest {
 protected:
  void SetUp() override {
    TestBrokerOptions options;
    options.file_system = disk_->handle();
    Start(options);
  }
  const std::shared_ptr<FaultyEnv> disk_ = MakeFaultyEnv(MakeInMemoryFileSystem());
};

TEST_F(GrpcTroubleTest, HealthIsThatOfEachServiceAndOfTheWhole) {
  std::vector<const google::protobuf::FileDescriptor*> files;
  for (const char* file : {"audit", "device", "directory", "session", "signal"}) {
    files.push_back(google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
        absl::StrCat("seinpost/v1/", file, ".proto")));
    ASSERT_NE(files.back(), nullptr) << file;
  }
  int services = 0;
  for (const auto* file : files) {
    for (int i = 0; i < file->service_count(); ++i, ++services) {
      EXPECT_EQ(HealthOf(channel_, file->service(i)->full_name()), 1) << file->service(i)->full_name();
    }
  }
  EXPECT_EQ(services, 11);
  EXPECT_EQ(HealthOf(channel_, ""), 1);
  EXPECT_EQ(HealthOf(channel_, "seinpost.v1.NothingService"), 0);
  EXPECT_EQ(HealthOf(channel_, "SubmissionService"), 0);
  EXPECT_EQ(HealthOf(channel_, Bytes(200, 's')), 0) << "longer than any";

  const envelope::SealedSignal sealed = test_->Seal(SmallPlan(test_->network()));
  const auto context = With(Login(kSender));
  disk_->Set(Fault::kNoSpace);
  const grpc::Status refused = Submit(sealed.envelope, *context);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(refused.error_message(), Not(HasSubstr("/"))) << "no path";
  EXPECT_THAT(refused.error_message(), Not(HasSubstr("space"))) << "no cause";
  const auto& trailing = context->GetServerTrailingMetadata();
  const auto found = trailing.find("seinpost-condition");
  ASSERT_NE(found, trailing.end());
  EXPECT_EQ(Bytes(found->second.data(), found->second.size()), "read-only");
  EXPECT_EQ(HealthOf(channel_, ""), 2);
  for (const char* service : {"Submission", "Reading", "Publication", "Device", "Audit"}) {
    EXPECT_EQ(HealthOf(channel_, absl::StrCat("seinpost.v1.", service, "Service")), 2) << service;
  }
  for (const char* service : {"Session", "Convenant", "Directory", "Decision", "Mailbox", "Transparency"}) {
    EXPECT_EQ(HealthOf(channel_, absl::StrCat("seinpost.v1.", service, "Service")), 1) << service;
  }
}

// Who waits for a checkpoint that does not come is not waited for.
TEST_F(GrpcTroubleTest, WithoutAnAnchorItStillStopsInItsGrace) {
  const auto stub = v1::DirectoryService::NewStub(channel_);
  const Bytes token = Login(kReader);
  const envelope::SealedSignal sealed = test_->Seal(SmallPlan(test_->network()));
  std::filesystem::rename(test_->directory() + "/anchor", test_->directory() + "/gone");
  const auto submitting = With(Login(kSender));
  ASSERT_TRUE(Submit(sealed.envelope, *submitting).ok());
  const auto context = With(token);
  v1::GetDirectoryRequest request;
  request.set_convenant_id("plaats");
  const auto stream = stub->GetDirectory(context.get(), request);
  const auto cancelled = With(token);
  const auto given_up = stub->GetDirectory(cancelled.get(), request);
  cancelled->TryCancel();
  EXPECT_EQ(given_up->Finish().error_code(), grpc::StatusCode::CANCELLED);
  const absl::Time before = absl::Now();
  server_->Shutdown();
  EXPECT_LT(absl::Now() - before, absl::Seconds(4));
  v1::GetDirectoryReply reply;
  while (stream->Read(&reply)) {
  }
  stream->Finish();
  std::filesystem::rename(test_->directory() + "/gone", test_->directory() + "/anchor");
}

TEST_F(GrpcTest, ReflectionListsTheServicesToMembers) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  context.AddMetadata("seinpost-session-bin", Login(kSender));
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
