// SPDX-License-Identifier: EUPL-1.2
// A broker that is busy is waited for as it says, a few times; what was signed is kept until it is judged.
#include "client/org/publish.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/broker/connection.h"
#include "seinpost/v1/directory.grpc.pb.h"
#include "seinpost/v1/session.grpc.pb.h"
#include "seinpost/v1/signal.grpc.pb.h"
#include "tests/client/admin_testing.h"
#include "tests/testing/live.h"
#include "tests/testing/network.h"
#include "trust/objects.h"

namespace seinpost::client {
namespace {

constexpr auto kStrength = crypto::PassphraseStrength::kInteractive;
constexpr char kOwnPassphrase[] = "correct horse";

// Lets everybody in.
class OpenSessions final : public v1::SessionService::Service {
 public:
  explicit OpenSessions(absl::Time now) : now_(absl::ToUnixSeconds(now)) {}

  grpc::Status Challenge(grpc::ServerContext*, const v1::ChallengeRequest*,
                         v1::ChallengeReply* reply) override {
    reply->set_nonce(Bytes(32, 'n'));
    reply->set_time(now_);
    return grpc::Status::OK;
  }
  grpc::Status Login(grpc::ServerContext*, const v1::LoginRequest*, v1::LoginReply* reply) override {
    reply->set_token(Bytes(32, 't'));
    reply->set_expires(now_ + 900);
    return grpc::Status::OK;
  }

 private:
  const int64_t now_;
};

// Answers the first `refusals` calls as told, all others with OK; a mailbox has one empty delivery.
class BusyBroker final : public v1::PublicationService::Service, public v1::MailboxService::Service {
 public:
  BusyBroker() {
    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs = {{test::TheTls().key_pem, test::TheTls().certificate_pem}};
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
    builder.RegisterService(static_cast<v1::PublicationService::Service*>(this));
    builder.RegisterService(static_cast<v1::MailboxService::Service*>(this));
    builder.RegisterService(&sessions_);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
  }
  ~BusyBroker() override { server_->Shutdown(); }

  void Refuse(int times, const grpc::Status& status, const std::string& retry_after_ms = "") {
    refusals_ = times;
    status_ = status;
    retry_ = retry_after_ms;
  }
  const std::string& address() const { return address_; }
  int calls() const { return calls_; }

  grpc::Status Publish(grpc::ServerContext* context, const v1::PublishRequest*, v1::PublishReply*) override {
    return Answer(context);
  }
  grpc::Status Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest*,
                         grpc::ServerWriter<v1::Delivery>* writer) override {
    grpc::Status status = Answer(context);
    if (status.ok()) writer->Write(v1::Delivery());
    return status;
  }

 private:
  grpc::Status Answer(grpc::ServerContext* context) {
    ++calls_;
    if (refusals_ == 0) return grpc::Status::OK;
    --refusals_;
    if (!retry_.empty()) context->AddTrailingMetadata("seinpost-retry-after-ms", retry_);
    return status_;
  }

  OpenSessions sessions_{test::TestNetwork::AnyTime()};
  std::atomic<int> refusals_ = 0, calls_ = 0;
  grpc::Status status_;
  std::string retry_, address_;
  std::unique_ptr<grpc::Server> server_;
};

const grpc::Status kBusy(grpc::StatusCode::RESOURCE_EXHAUSTED, "over quota");

class BusyBrokerTest : public testing::Test {
 protected:
  BusyBrokerTest() {
    connection_.SetSleep([this](absl::Duration by) {
      ++sleeps_;
      slept_ += by;
    });
  }
  absl::Status Publish() { return connection_.Publish("plaats", {Bytes("x")}).status(); }

  BusyBroker broker_;
  SimulatedClock clock_{test::TestNetwork::AnyTime()};
  Connection connection_{broker_.address(), test::TheTls().certificate_pem, clock_};
  int sleeps_ = 0;
  absl::Duration slept_;
};

TEST_F(BusyBrokerTest, IsWaitedForAsItSays) {
  broker_.Refuse(3, kBusy, "1500");
  EXPECT_TRUE(Publish().ok());
  EXPECT_EQ(sleeps_, 3);
  EXPECT_EQ(slept_, absl::Milliseconds(4500));
  EXPECT_EQ(broker_.calls(), 4);
}

TEST_F(BusyBrokerTest, IsWaitedForWithAStreamThatHasNotBegun) {
  const crypto::SigningKey key = crypto::SigningKey::Generate();
  connection_.SetCredentials({Bytes(16, 'd'), &key, "plaats", ToBytes(key.public_key())});
  const auto subscribe = [this] {
    int deliveries = 0;
    const absl::Status status = connection_.Subscribe(0, absl::InfiniteFuture(), [&](const auto&) {
      ++deliveries;
      return absl::StatusOr<bool>(false);
    });
    EXPECT_EQ(deliveries, status.ok() ? 1 : 0);
    return status;
  };
  broker_.Refuse(2, kBusy, "1500");
  EXPECT_TRUE(subscribe().ok());
  EXPECT_EQ(slept_, absl::Seconds(3));
  broker_.Refuse(1000, kBusy, "1");
  EXPECT_EQ(subscribe().code(), absl::StatusCode::kResourceExhausted);
  broker_.Refuse(1, kBusy);
  EXPECT_EQ(subscribe().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(BusyBrokerTest, IsNotWaitedForForEver) {
  broker_.Refuse(1000, kBusy, "1");
  EXPECT_EQ(Publish().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(sleeps_, 8);
  broker_.Refuse(1000, kBusy, "20000");
  slept_ = absl::ZeroDuration();
  EXPECT_EQ(Publish().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(slept_, absl::Seconds(20)) << "a second wait is more than 30 seconds";
}

TEST_F(BusyBrokerTest, IsNotWaitedForWhenItDoesNotSayWhen) {
  for (const char* retry : {"", "soon", "-5", "0"}) {
    broker_.Refuse(1, kBusy, retry);
    EXPECT_EQ(Publish().code(), absl::StatusCode::kResourceExhausted) << retry;
  }
  broker_.Refuse(1, grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "no"), "100");
  EXPECT_EQ(Publish().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(sleeps_, 0);
}

// D4: the administrator's tool dropped the revocation that a busy broker refused.
TEST(DoorPending, WhatWasSignedIsKeptUntilItIsJudged) {
  const test::TestNetwork network = test::TestNetwork::Example(test::TestNetwork::AnyTime());
  BusyBroker broker;
  TemporaryDirectory directory;
  AdminBench bench(network.now());
  const Context context = bench.context();
  OrgStore store =
      OrgStore::Create(directory.Path("politie"), "politie", nullptr, kOwnPassphrase, kStrength).value();
  ASSERT_TRUE(store.SetBroker("plaats", broker.address(), test::TheTls().certificate_pem).ok());
  const crypto::SigningKey issuer =
      store.MakeIssuer("politie", network.root("politie"), network.now(), kOwnPassphrase, kStrength).value();
  const crypto::SigningKey key = crypto::SigningKey::Generate();
  const OrgData::Device device =
      store
          .Issue(trust::MakeDeviceRequest("politie", "wijkagent", network.now(), key), network.now(),
                 network.now() + absl::Hours(24), issuer)
          .value();
  ASSERT_EQ(*PublishPending(context, store), true);
  ASSERT_TRUE(store.data().pending.empty());

  ASSERT_TRUE(store.RevokeDevice(device.id, network.now(), issuer).ok());
  const Bytes revocation = store.data().pending.back();
  const struct {
    grpc::StatusCode code;
    const char* retry;
  } rows[] = {{grpc::StatusCode::RESOURCE_EXHAUSTED, "86400000"},
              {grpc::StatusCode::RESOURCE_EXHAUSTED, ""},
              {grpc::StatusCode::INTERNAL, ""},
              {grpc::StatusCode::UNAVAILABLE, ""},
              {grpc::StatusCode::UNKNOWN, ""},
              {grpc::StatusCode::UNIMPLEMENTED, ""}};
  for (const auto& row : rows) {
    broker.Refuse(1000, grpc::Status(row.code, "not now"), row.retry);
    EXPECT_FALSE(PublishPending(context, store).ok()) << row.code;
    EXPECT_EQ(store.data().pending, std::vector<Bytes>{revocation}) << row.code;
  }
  broker.Refuse(0, grpc::Status::OK);
  EXPECT_EQ(*PublishPending(context, store), true);
  EXPECT_TRUE(store.data().pending.empty());
}

}  // namespace
}  // namespace seinpost::client
