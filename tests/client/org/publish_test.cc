// SPDX-License-Identifier: EUPL-1.2
// A broker that is busy is waited for as it says, a few times; what was signed is kept until it is judged.
#include "client/org/publish.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "audit/receipt.h"
#include "client/broker/connection.h"
#include "seinpost/v1/directory.grpc.pb.h"
#include "seinpost/v1/session.grpc.pb.h"
#include "seinpost/v1/signal.grpc.pb.h"
#include "tests/client/admin_testing.h"
#include "tests/client/test_log.h"
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

// An administrator of politie and the broker of a network that knows his issuer, a device and a mandate.
class Publishing : public testing::Test {
 protected:
  Publishing() : store_(MakeStore()), issuer_(MakeIssuer()) {
    connection_->SetSleep([](absl::Duration) {});
    device_ = Issue("eerste");
    mandate_ = store_.Grant(Request("eerste", "ward_officer"), issuer_).value();
    EXPECT_EQ(Publish(), absl::OkStatus());
    EXPECT_TRUE(store_.data().pending.empty());
  }

  OrgStore MakeStore() {
    OrgStore store =
        OrgStore::Create(directory_.Path("politie"), "politie", nullptr, kOwnPassphrase, kStrength).value();
    EXPECT_TRUE(store.SetBroker("plaats", "127.0.0.1:1", "ca").ok());
    return store;
  }
  crypto::SigningKey MakeIssuer() {
    // The network has an issuer of politie with serial 1.
    for (int serial = 1; serial < 2; ++serial) {
      EXPECT_TRUE(NewIssuer().ok());
      EXPECT_TRUE(store_.DropPending(0, "serial", network_.now()).ok());
    }
    return NewIssuer().value();
  }
  absl::StatusOr<crypto::SigningKey> NewIssuer() {
    return store_.MakeIssuer("politie", network_.root("politie"), network_.now(), kOwnPassphrase, kStrength);
  }
  OrgData::Device Issue(const std::string& handle) { return Issue(store_, handle); }
  OrgData::Device Issue(OrgStore& store, const std::string& handle) {
    const crypto::SigningKey key = crypto::SigningKey::Generate();
    return store
        .Issue(trust::MakeDeviceRequest("politie", handle, network_.now(), key), network_.now(),
               network_.now() + absl::Hours(24), issuer_)
        .value();
  }
  GrantRequest Request(const std::string& handle, const std::string& function) const {
    return {.handle = handle,
            .function = function,
            .scopes = {"school-a"},
            .max_level = policies::Level::kL1,
            .from = network_.now(),
            .until = network_.now() + absl::Hours(24)};
  }
  absl::Status Publish(const std::set<Bytes>& own = {}) { return Publish(store_, own); }
  absl::Status Publish(OrgStore& store, const std::set<Bytes>& own) {
    const Context context = bench_.context();
    return PublishPendingTo(context, *connection_, store, issuer_, own);
  }
  bool IsRevoked(const OrgData::Device& device) const {
    const trust::Device* known = network_.directory().FindDevice(device.id);
    return known != nullptr && known->revoked_at_seq.has_value();
  }

  test::TestNetwork network_ = test::TestNetwork::Example(test::TestNetwork::AnyTime());
  AdminBench bench_{network_.now()};
  test::TestLog log_{network_};
  test::FakeBroker broker_{network_, log_, bench_.clock};
  std::unique_ptr<Connection> connection_ = broker_.Connect();
  TemporaryDirectory directory_;
  OrgStore store_;
  crypto::SigningKey issuer_;
  OrgData::Device device_;
  OrgData::Mandate mandate_;
};

// The broker was away; meanwhile a function was misspelt, and a mandate and a device had to be stopped.
TEST_F(Publishing, OneRefusedObjectHoldsUpNoRevocation) {
  broker_.down = true;
  const OrgData::Mandate typo = store_.Grant(Request("eerste", "wijkagnet"), issuer_).value();
  EXPECT_EQ(ExitCodeOf(Publish({typo.id})), kUnreachable);
  ASSERT_TRUE(store_.EndMandate(mandate_.id, network_.now(), issuer_).ok());
  EXPECT_EQ(ExitCodeOf(Publish({mandate_.id})), kUnreachable);
  ASSERT_TRUE(store_.RevokeDevice(device_.id, network_.now(), issuer_).ok());
  EXPECT_EQ(ExitCodeOf(Publish({device_.id})), kUnreachable);
  EXPECT_EQ(store_.data().pending.size(), 3u);

  broker_.down = false;
  ASSERT_TRUE(store_.RevokeDevice(device_.id, network_.now(), issuer_).ok()) << "it is not revoked yet";
  EXPECT_EQ(Publish({device_.id}), absl::OkStatus());
  EXPECT_TRUE(store_.data().pending.empty());
  EXPECT_TRUE(IsRevoked(device_));
  EXPECT_FALSE(network_.directory().FindMandate(mandate_.id)->Stands());
  EXPECT_EQ(network_.directory().FindMandate(typo.id), nullptr);
  EXPECT_THAT(bench_.err.str(), testing::HasSubstr("mandate of eerste as wijkagnet"));
  ASSERT_EQ(store_.data().refused.size(), 2u);  // the first was an issuer of this test's
  EXPECT_EQ(store_.data().refused[1].id, typo.id);
  EXPECT_NE(store_.data().mandates.back().refused, "");
  EXPECT_EQ(store_.data().revocation_number, 2u);
}

TEST_F(Publishing, WhatTheCommandAskedForIsItsOwnError) {
  const OrgData::Mandate typo = store_.Grant(Request("eerste", "wijkagnet"), issuer_).value();
  ASSERT_TRUE(store_.RevokeDevice(device_.id, network_.now(), issuer_).ok());
  const absl::Status refused = Publish({typo.id});
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_TRUE(IsRevoked(device_));
  EXPECT_EQ(bench_.err.str(), "");
}

// The key directory was put back from a copy: the numbers it would give are taken.
TEST_F(Publishing, NumbersThatMovedOnAreGivenAnew) {
  const OrgData::Device second = Issue("tweede"), third = Issue("derde");
  ASSERT_EQ(Publish(), absl::OkStatus());
  std::filesystem::copy(directory_.Path("politie"), directory_.Path("copy"));
  for (const OrgData::Device& device : {device_, second}) {
    ASSERT_TRUE(store_.RevokeDevice(device.id, network_.now(), issuer_).ok());
  }
  ASSERT_EQ(Publish(), absl::OkStatus());
  const OrgData::Device fourth = Issue("vierde");
  ASSERT_EQ(Publish(), absl::OkStatus());

  OrgStore copy = OrgStore::Open(directory_.Path("copy")).value();
  ASSERT_EQ(copy.data().revocation_number, 0u);
  const OrgData::Device fifth = Issue(copy, "vijfde");  // under the serial of the fourth
  ASSERT_EQ(fifth.serial, fourth.serial);
  ASSERT_TRUE(copy.RevokeDevice(third.id, network_.now(), issuer_).ok());
  EXPECT_EQ(Publish(copy, {third.id}), absl::OkStatus());
  EXPECT_TRUE(IsRevoked(third));
  EXPECT_NE(network_.directory().FindDevice(fifth.id), nullptr);
  EXPECT_EQ(copy.data().revocation_number, 3u);
  // What was revoked by the other copy is refused, and does not use up a number.
  ASSERT_TRUE(copy.RevokeDevice(second.id, network_.now(), issuer_).ok());
  ASSERT_TRUE(copy.RevokeDevice(fifth.id, network_.now(), issuer_).ok());
  EXPECT_EQ(Publish(copy, {fifth.id}), absl::OkStatus());
  EXPECT_TRUE(IsRevoked(fifth));
  EXPECT_EQ(copy.data().revocation_number, 4u);
}

TEST_F(Publishing, HostileAnswerLeavesWhatWasSignedPending) {
  const crypto::SigningKey other = crypto::SigningKey::Generate();
  const auto resigned = [&](v1::PublishReply& reply, const std::function<void(audit::ReceiptBody&)>& change,
                            const crypto::SigningKey& key) {
    audit::ReceiptBody body = audit::ReceiptBody::Decode(reply.receipts(0).body()).value();
    change(body);
    const audit::Receipt made = audit::MakeReceipt(body, key);
    reply.mutable_receipts(0)->set_body(made.body);
    reply.mutable_receipts(0)->set_signature(made.signature);
  };
  const struct {
    const char* what;
    std::function<void(v1::PublishReply&)> publish;
    std::function<void(v1::ProvePublishedReply&)> prove;
  } rows[] = {
      {"no receipt, and nothing in the log", [](auto& reply) { reply.Clear(); },
       [](auto& reply) { reply.mutable_objects(0)->Clear(); }},
      {"a receipt, and no checkpoint that comes so far", nullptr,
       [](auto& reply) { reply.mutable_objects(0)->Clear(); }},
      {"signed by another", [&](auto& reply) { resigned(reply, [](audit::ReceiptBody&) {}, other); },
       nullptr},
      {"for something else",
       [&](auto& reply) {
         resigned(reply, [](audit::ReceiptBody& body) { body.request_hash[0] ^= 1; }, network_.log_key());
       },
       nullptr},
      {"for another line",
       [&](auto& reply) {
         resigned(
             reply, [](audit::ReceiptBody& body) { body.index = 1'000'000'000'000; }, network_.log_key());
       },
       nullptr},
      {"two for one", [](auto& reply) { *reply.add_receipts() = reply.receipts(0); }, nullptr},
      {"another proof", nullptr,
       [](auto& reply) {
         std::string& hash = *reply.mutable_objects(0)->mutable_hashes(0);
         hash[0] = static_cast<char>(hash[0] ^ 1);
       }},
      {"another place", nullptr,
       [](auto& reply) { reply.mutable_objects(0)->set_leaf_index(reply.objects(0).leaf_index() - 1); }},
      {"beyond the checkpoint", nullptr,
       [](auto& reply) { reply.mutable_objects(0)->set_dir_seq(uint64_t{1} << 60); }},
      {"another checkpoint", nullptr,
       [](auto& reply) {
         std::string& note = *reply.mutable_checkpoint();
         note[note.find("time ") + 6] = '0';
       }},
      {"another convenant", nullptr,
       [](auto& reply) {
         std::string& object = *reply.mutable_changes(0)->mutable_object();
         object[object.size() - 3] = static_cast<char>(object[object.size() - 3] ^ 1);
       }},
      {"no history", nullptr, [](auto& reply) { reply.clear_changes(); }},
      {"a history that does not end", nullptr,
       [](auto& reply) {
         reply.clear_changes();
         reply.set_more_changes(true);
       }},
      {"fewer answers", nullptr, [](auto& reply) { reply.clear_objects(); }},
  };
  int number = 0;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    const OrgData::Device device = Issue(absl::StrCat("toestel", ++number));
    ASSERT_EQ(Publish(), absl::OkStatus());
    ASSERT_TRUE(store_.RevokeDevice(device.id, network_.now(), issuer_).ok());
    const std::vector<Bytes> pending = store_.data().pending;
    broker_.spoil_publish = row.publish;
    broker_.spoil_published = row.prove;
    const absl::Status status = Publish({device.id});
    EXPECT_EQ(ExitCodeOf(status), kTampered) << status;
    EXPECT_EQ(store_.data().pending, pending);
    broker_.spoil_publish = nullptr;
    broker_.spoil_published = nullptr;
    EXPECT_EQ(Publish({device.id}), absl::OkStatus());
    EXPECT_TRUE(store_.data().pending.empty());
  }
}

// Says that it took it, and did not.
TEST_F(Publishing, HostileBareOkIsNotBelieved) {
  ASSERT_TRUE(store_.RevokeDevice(device_.id, network_.now(), issuer_).ok());
  broker_.drops_publications = true;
  EXPECT_EQ(ExitCodeOf(Publish({device_.id})), kTampered);
  EXPECT_EQ(store_.data().pending.size(), 1u);
  broker_.drops_publications = false;
  EXPECT_EQ(Publish({device_.id}), absl::OkStatus());
}

// The convenant that this administrator saw in force, or whose root key he holds, must be in the history.
TEST_F(Publishing, HostileOtherConvenantIsRefused) {
  EXPECT_EQ(store_.data().convenant_hash, ToBytes(network_.directory().convenant_hash()));
  PublishTrust trust = TrustOf(store_.data());
  EXPECT_TRUE(ProvePublished(*connection_, trust, {}, {}).ok());
  trust.convenant_hash = Bytes(32, 'x');
  EXPECT_EQ(ExitCodeOf(ProvePublished(*connection_, trust, {}, {}).status()), kTampered);
  trust.convenant_hash.clear();
  trust.root_keys = {Bytes(32, 'k')};
  EXPECT_EQ(ExitCodeOf(ProvePublished(*connection_, trust, {}, {}).status()), kTampered);
  trust.root_keys = {Bytes(32, 'k'), ToBytes(network_.root("politie").public_key())};
  EXPECT_TRUE(ProvePublished(*connection_, trust, {}, {}).ok());
}

// A log that changed its key, with objects of others in between.
TEST_F(Publishing, FollowsTheLogOverChangesOfItsKey) {
  network_.Add(network_.TrustUpdateObject());
  network_.AddDevice("school/zorgcoordinator");
  network_.Add(network_.SuccessorObject());
  log_.TakeObjects();
  ASSERT_TRUE(store_.RevokeDevice(device_.id, network_.now(), issuer_).ok());
  EXPECT_EQ(Publish({device_.id}), absl::OkStatus());
  EXPECT_EQ(store_.data().convenant_hash, ToBytes(network_.directory().convenant_hash()));
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
  ASSERT_TRUE(store.MarkPublished(2).ok());

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
    EXPECT_FALSE(PublishPending(context, store, issuer, {device.id}).ok()) << row.code;
    EXPECT_EQ(store.data().pending, std::vector<Bytes>{revocation}) << row.code;
  }
  // A bare OK, without receipt, and nobody to ask for a proof.
  broker.Refuse(0, grpc::Status::OK);
  EXPECT_FALSE(PublishPending(context, store, issuer, {device.id}).ok());
  EXPECT_EQ(store.data().pending, std::vector<Bytes>{revocation});
}

}  // namespace
}  // namespace seinpost::client
