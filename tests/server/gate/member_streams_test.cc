// SPDX-License-Identifier: EUPL-1.2
// What holds for every stream of a member, whatever it streams.
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "seinpost/v1/audit.pb.h"
#include "seinpost/v1/directory.pb.h"
#include "tests/server/harness.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

constexpr char kStreamOfficer[] = "gemeente/privacy-officer";

// A stream that was opened, its replies left out.
using PullOne = std::function<absl::Status()>;

template <typename Reply>
absl::StatusOr<PullOne> Opened(
    const std::function<void(server::Done<std::shared_ptr<server::Source<Reply>>>)>& start) {
  absl::StatusOr<std::shared_ptr<server::Source<Reply>>> source =
      Await<std::shared_ptr<server::Source<Reply>>>(start);
  if (!source.ok()) return source.status();
  return PullOne([source = *std::move(source)] { return Pull(*source).status(); });
}

class MemberStreams : public testing::Test {
 protected:
  void Start(uint32_t streams_per_device) {
    TestBrokerOptions options;
    options.limits.streams_per_device = streams_per_device;
    test_ = std::make_unique<TestBroker>(options);
    sealed_ = test_->Seal(NamedPlan(test_->network()));
    for (const auto& [ct_hash, bytes] : sealed_.attachments) {
      ASSERT_TRUE(test_->Upload(ct_hash, bytes).ok());
    }
    ASSERT_TRUE(test_->Submit(sealed_.envelope).ok());
  }

  // Every kind that there is, opened by the first device of `profile`.
  using Kind = std::pair<std::string, std::function<absl::StatusOr<PullOne>(absl::string_view profile)>>;
  std::vector<Kind> Kinds() {
    server::Broker& broker = test_->broker();
    return {
        {"GetDirectory",
         [&](absl::string_view profile) {
           v1::GetDirectoryRequest request;
           request.set_convenant_id("plaats");
           return Opened<v1::GetDirectoryReply>([&](auto done) {
             broker.PublishCheckpoints();
             broker.publication().GetDirectory(test_->SessionOf(profile), request, done);
           });
         }},
        {"Subscribe",
         [&](absl::string_view profile) {
           return Opened<v1::Delivery>([&](const auto& done) { done(test_->Subscribe(profile)); });
         }},
        {"FetchAttachment",
         [&](absl::string_view profile) {
           v1::FetchAttachmentRequest request;
           request.set_convenant_id("plaats");
           request.set_signal_id(CoreOf(sealed_.envelope).signal_id());
           request.set_part(PlaceOf(sealed_.envelope, v1::PART_KIND_ATTACHMENT));
           return Opened<v1::FetchAttachmentReply>(
               [&](auto done) { broker.attachments().Fetch(test_->SessionOf(profile), request, done); });
         }},
        {"Export",
         [&](absl::string_view profile) {
           v1::AuditQueryStatement statement;
           statement.set_convenant_id("plaats");
           statement.set_reason("review");
           statement.set_device_id(test_->network().device(profile).id);
           statement.set_time(absl::ToUnixSeconds(test_->clock().Now()));
           statement.set_nonce(crypto::RandomBytes(16));
           const auto request = Signed<v1::ExportRequest>(statement, trust::kAuditQueryLabel,
                                                          test_->network().device(profile));
           return Opened<v1::ExportReply>(
               [&](auto done) { broker.review().Export(test_->SessionOf(profile), request, done); });
         }},
        {"ListExposure",
         [&](absl::string_view profile) {
           v1::ListExposureRequest request;
           request.set_convenant_id("plaats");
           request.set_device_id(test_->network().device(profile).id);
           return Opened<v1::Exposure>(
               [&](auto done) { broker.devices().ListExposure(test_->SessionOf(profile), request, done); });
         }},
        {"ListRestorable",
         [&](absl::string_view profile) {
           v1::ListRestorableRequest request;
           request.set_convenant_id("plaats");
           return Opened<v1::Delivery>(
               [&](auto done) { broker.devices().ListRestorable(test_->SessionOf(profile), request, done); });
         }},
        {"ListRewrapRequests",
         [&](absl::string_view profile) {
           v1::ListRewrapRequestsRequest request;
           request.set_convenant_id("plaats");
           return Opened<v1::RewrapRequested>(
               [&](auto done) { broker.rewraps().ListRequests(test_->SessionOf(profile), request, done); });
         }},
    };
  }

  std::unique_ptr<TestBroker> test_;
  envelope::SealedSignal sealed_;
};

// Who may open a stream of this kind.
absl::string_view ReaderOf(const std::string& kind) { return kind == "Export" ? kStreamOfficer : kReader; }

TEST_F(MemberStreams, AreFewPerDeviceOfAllKindsTogether) {
  Start(2);
  for (const auto& [name, open] : Kinds()) {
    SCOPED_TRACE(name);
    const absl::string_view reader = ReaderOf(name);
    std::vector<absl::StatusOr<PullOne>> held;
    held.push_back(Kinds()[0].second(reader));
    held.push_back(Kinds()[1].second(reader));
    for (const auto& one : held) ASSERT_TRUE(one.ok()) << one.status();
    const absl::Status refused = open(reader).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
    EXPECT_GT(server::RetryAfter(refused), absl::ZeroDuration());
    EXPECT_TRUE(Kinds()[1].second(kSender).ok()) << "others go on";
    held.clear();
    const absl::Status opened = open(reader).status();
    EXPECT_TRUE(opened.ok()) << opened;
  }
}

TEST_F(MemberStreams, EachCountsAgainstTheOthers) {
  Start(1);
  for (const auto& [name, open] : Kinds()) {
    SCOPED_TRACE(name);
    const absl::string_view reader = ReaderOf(name);
    const absl::StatusOr<PullOne> held = open(reader);
    ASSERT_TRUE(held.ok()) << held.status();
    EXPECT_EQ(Kinds()[1].second(reader).status().code(), absl::StatusCode::kResourceExhausted);
  }
}

TEST_F(MemberStreams, EndAtTheNextPageWhenTheirDeviceIsRevoked) {
  Start(0);
  std::vector<std::pair<std::string, PullOne>> streams;
  for (const auto& [name, open] : Kinds()) {
    absl::StatusOr<PullOne> stream = open(ReaderOf(name));
    ASSERT_TRUE(stream.ok()) << name << ": " << stream.status();
    streams.emplace_back(name, *std::move(stream));
  }
  for (const char* profile : {kReader, kStreamOfficer}) {
    ASSERT_TRUE(
        test_->PutInForce(test_->network().RevokeDeviceObject(test_->network().device(profile))).ok());
  }
  for (const auto& [name, pull] : streams) {
    EXPECT_EQ(pull().code(), absl::StatusCode::kUnauthenticated) << name;
  }
}

TEST_F(MemberStreams, GiveAnAttachmentInPages) {
  Start(0);
  v1::FetchAttachmentRequest request;
  request.set_convenant_id("plaats");
  request.set_signal_id(CoreOf(sealed_.envelope).signal_id());
  request.set_part(PlaceOf(sealed_.envelope, v1::PART_KIND_ATTACHMENT));
  const auto pages = PullAll<v1::FetchAttachmentReply>(
      [&](auto done) { test_->broker().attachments().Fetch(test_->SessionOf(kReader), request, done); });
  ASSERT_TRUE(pages.ok()) << pages.status();
  Bytes bytes;
  for (const v1::FetchAttachmentReply& page : *pages) {
    EXPECT_LE(page.chunk().size(), server::kStreamPageBytes);
    bytes += page.chunk();
  }
  EXPECT_TRUE(bytes == sealed_.attachments.begin()->second);
}

}  // namespace
}  // namespace seinpost::test
