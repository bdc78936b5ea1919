// SPDX-License-Identifier: EUPL-1.2
// A broker that says it took what an administrator signed. He has no profile and no session: what he is shown
// of the log must prove itself.
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "client/broker/connection.h"
#include "client/broker/published.h"
#include "client/org/publish.h"
#include "client/org/store.h"
#include "crypto/hash.h"
#include "tests/hostile/hostile_testing.h"
#include "tests/testing/or_die.h"
#include "trust/objects.h"

namespace seinpost::test {
namespace {

using client::OrgData;

constexpr char kKeyPassphrase[] = "correct horse";
constexpr auto kQuick = crypto::PassphraseStrength::kInteractive;

class HostilePublication : public Hostile {
 protected:
  HostilePublication()
      : directory_(testing::TempDir() + "/seinpost_publication.XXXXXX"),
        store_(MakeStore()),
        issuer_(MakeIssuer()) {
    context_.json = true;
    connection_.SetSleep([this](absl::Duration) { broker_.test().Checkpoint(); });
  }
  ~HostilePublication() override { std::filesystem::remove_all(directory_); }

  client::OrgStore MakeStore() {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    client::OrgStore store = OrDie(client::OrgStore::Create(
        directory_ + "/politie", "politie", &network().root("politie"), kKeyPassphrase, kQuick));
    CheckOk(store.SetBroker(network().convenant().id(), liar_.door().address, liar_.door().tls_ca_pem));
    return store;
  }
  // The network has an issuer of politie with serial 1.
  crypto::SigningKey MakeIssuer() {
    const auto make = [this] {
      return OrDie(store_.MakeIssuer("politie", network().root("politie"), now(), kKeyPassphrase, kQuick));
    };
    make();
    CheckOk(store_.DropPending(0, "serial", now()));
    return make();
  }
  OrgData::Device Issue(const std::string& handle) {
    const crypto::SigningKey key = crypto::SigningKey::Generate();
    return OrDie(store_.Issue(trust::MakeDeviceRequest("politie", handle, now(), key), now(),
                              now() + absl::Hours(24), issuer_));
  }
  absl::Status Publish(const std::set<Bytes>& own = {}) {
    return client::PublishPendingTo(context_, connection_, store_, issuer_, own);
  }
  bool IsRevoked(const OrgData::Device& device) {
    const auto directory = broker_.test().realm().directory();
    return directory->FindDevice(device.id)->revoked_at_seq.has_value();
  }

  std::string directory_;
  std::istringstream in_;
  std::ostringstream out_, err_;
  client::Context context_{.in = in_, .out = out_, .err = err_, .clock = broker_.clock()};
  client::Connection connection_{liar_.door().address, liar_.door().tls_ca_pem, broker_.clock()};
  client::OrgStore store_;
  crypto::SigningKey issuer_;
};

TEST_F(HostilePublication, HonestBrokerProvesWhatItTook) {
  std::vector<OrgData::Device> devices;
  for (int i = 0; i < 70; ++i) devices.push_back(Issue(absl::StrCat("toestel", i)));  // two requests
  ASSERT_EQ(Publish(), absl::OkStatus());
  CheckOk(broker_.test().PutInForce(network().SuccessorObject()));
  ASSERT_TRUE(store_.RevokeDevice(devices[3].id, now(), issuer_).ok());
  ASSERT_EQ(Publish({devices[3].id}), absl::OkStatus());
  EXPECT_TRUE(store_.data().pending.empty());
  EXPECT_TRUE(IsRevoked(devices[3]));
  EXPECT_EQ(store_.data().convenant_hash, ToBytes(network().directory().convenant_hash()));
}

TEST_F(HostilePublication, NothingIsPublishedByItsWordAlone) {
  const OrgData::Device device = Issue("toestel");
  ASSERT_EQ(Publish(), absl::OkStatus());
  ASSERT_TRUE(store_.RevokeDevice(device.id, now(), issuer_).ok());
  const std::vector<Bytes> pending = store_.data().pending;
  const auto expect_caught = [&](const char* what) {
    const absl::Status status = Publish({device.id});
    EXPECT_EQ(client::ExitCodeOf(status), client::kTampered) << what << ": " << status;
    EXPECT_EQ(store_.data().pending, pending) << what;
    EXPECT_FALSE(IsRevoked(device)) << what;
  };
  liar_.Answer<v1::PublishRequest, v1::PublishReply>("Publish",
                                                     [](const auto&) { return v1::PublishReply(); });
  expect_caught("a bare OK");
  liar_.BeHonest();
  liar_.Answer<v1::PublishRequest, v1::PublishReply>("Publish", [&](const v1::PublishRequest& request) {
    audit::ReceiptBody body;
    body.origin = network().directory().LogIdentityAsOf().origin;
    body.index = NextLeaf();
    body.request_hash = crypto::Sha256(request.objects(0));
    body.time = now();
    const audit::Receipt made = audit::MakeReceipt(body, network().log_key());
    v1::PublishReply reply;
    reply.add_receipts()->set_body(made.body);
    reply.mutable_receipts(0)->set_signature(made.signature);
    return reply;
  });
  // The log goes on without it.
  CheckOk(broker_.test().Submit(broker_.test().Seal(SmallPlan(network())).envelope).status());
  broker_.test().Checkpoint();
  const absl::Status promised = Publish({device.id});
  EXPECT_NE(promised, absl::OkStatus());
  EXPECT_EQ(store_.data().pending, pending);
  liar_.BeHonest();
  ASSERT_EQ(Publish({device.id}), absl::OkStatus());
  EXPECT_TRUE(IsRevoked(device));
}

TEST_F(HostilePublication, ServerBoundsWhatIsAsked) {
  v1::ProvePublishedRequest request;
  request.set_convenant_id(network().convenant().id());
  request.add_object_hashes("short");
  EXPECT_TRUE(absl::IsInvalidArgument(connection_.ProvePublished(request).status()));
  request.set_object_hashes(0, Bytes(32, 'x'));
  const auto reply = connection_.ProvePublished(request);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_TRUE(reply->objects(0).previous().empty()) << "there is none";
  for (int i = 0; i < 64; ++i) request.add_object_hashes(Bytes(32, 'x'));
  EXPECT_TRUE(absl::IsInvalidArgument(connection_.ProvePublished(request).status()));
  request.set_convenant_id("elders");
  EXPECT_TRUE(absl::IsNotFound(connection_.ProvePublished(request).status()));
}

}  // namespace
}  // namespace seinpost::test
