// SPDX-License-Identifier: EUPL-1.2
// What the parties change together reaches the broker: next versions of the convenant, proposals, trust
// updates, restriction orders; and what becomes of a party that left.
#include "trust/succession.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "crypto/hash.h"
#include "tests/server/harness.h"
#include "trust/changes.h"
#include "trust/labels.h"
#include "trust/strict.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

constexpr char kLeaving[] = "jongerenwerk/jongerenwerker";

absl::StatusOr<v1::PublishReply> Activate(TestBroker& test, const Bytes& object) {
  v1::ActivateRequest request;
  request.set_object(object);
  return Await<v1::PublishReply>([&](auto done) { test.broker().publication().Activate(request, done); });
}

absl::StatusOr<v1::PublishReply> PublishOne(TestBroker& test, const Bytes& object) {
  v1::PublishRequest request;
  request.set_convenant_id("plaats");
  request.add_objects(object);
  return Await<v1::PublishReply>([&](auto done) { test.broker().publication().Publish(request, done); });
}

v1::GetConvenantReply Convenant(TestBroker& test) {
  const auto reply = Await<v1::GetConvenantReply>(
      [&](auto done) { test.broker().publication().GetConvenant(v1::GetConvenantRequest(), done); });
  EXPECT_TRUE(reply.ok()) << reply.status();
  return reply.value_or(v1::GetConvenantReply());
}

void Retitle(std::string& yaml) { yaml.replace(yaml.find("Veilig in en om School Plaats"), 6, "Vrolijk"); }

void RemoveYouthWork(std::string& yaml) {
  const size_t begin = yaml.find("\n  jongerenwerk:\n") + 1;
  // Its own line, then all that is indented deeper.
  size_t end = yaml.find('\n', begin) + 1;
  while (yaml.compare(end, 4, "    ") == 0) end = yaml.find('\n', end) + 1;
  yaml.erase(begin, end - begin);
}

TEST(Succession, PutsTheNextVersionIntoForceAndTellsOfIt) {
  TestBroker test;
  const Bytes first = test.network().objects()[0];
  EXPECT_EQ(Convenant(test).object(), first);
  EXPECT_EQ(Convenant(test).first(), first);
  const uint64_t size = test.LogSize();
  const Bytes second = test.network().SuccessorObject();
  const auto activated = Activate(test, second);
  ASSERT_TRUE(activated.ok()) << activated.status();
  ASSERT_EQ(activated->receipts_size(), 1);
  EXPECT_EQ(audit::ReceiptBody::Decode(activated->receipts(0).body())->index, size);
  ASSERT_EQ(test.LogSize(), size + 2) << "a directory leaf and an event";
  const audit::Event event = *test.EventAt(size + 1);
  EXPECT_EQ(event.Type(), audit::EventType::kConvenantActivated);
  EXPECT_EQ(event.Number(audit::Tag::kConvenantVersion), 2u);
  EXPECT_EQ(event.Text(audit::Tag::kObject), ToBytes(test.realm().directory()->convenant_hash()));
  EXPECT_EQ(Convenant(test).object(), second);
  EXPECT_EQ(Convenant(test).first(), first) << "who starts from a printed fingerprint needs version 1";
  ASSERT_TRUE(Activate(test, second).ok()) << "again is fine";
  EXPECT_EQ(test.LogSize(), size + 2);

  ASSERT_TRUE(test.Restart().ok());
  ASSERT_TRUE(test.broker().Writable().ok()) << test.broker().Writable();
  EXPECT_EQ(test.realm().directory()->convenant()->version(), 2u);
  test.network().Add(second);
  ASSERT_TRUE(test.PutInForce(test.network().SuccessorObject()).ok());
  EXPECT_EQ(test.realm().directory()->convenant()->version(), 3u);
  EXPECT_EQ(Convenant(test).first(), first);
}

TEST(Succession, TheFirstLoggedActivationWins) {
  TestBroker test;
  const Bytes winner = test.network().SuccessorObject();
  const Bytes loser = test.network().SuccessorObject(Retitle);
  ASSERT_NE(winner, loser);
  ASSERT_TRUE(Activate(test, winner).ok());
  const uint64_t size = test.LogSize();
  const absl::Status refused = Activate(test, loser).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_EQ(test.LogSize(), size);
  EXPECT_EQ(Convenant(test).object(), winner);
}

// `yaml` with one key in the place of another.
std::string Exchanged(std::string yaml, const crypto::PublicKey& key) {
  const std::string old = ToHex(View(key));
  EXPECT_NE(yaml.find(old), std::string::npos);
  return yaml.replace(yaml.find(old), old.size(), std::string(64, '5'));
}

TEST(Succession, ActivatesOnlyWhatKeepsThisBrokerAndIsSignedByAll) {
  const struct {
    const char* name;
    std::function<Bytes(TestNetwork&)> make;
    absl::StatusCode code;
    const char* says;
  } rows[] = {
      {"another root key of the host",
       [](TestNetwork& network) {
         network.NewRoot("gemeente");
         return network.SuccessorObject();
       },
       absl::StatusCode::kFailedPrecondition, "host's root key"},
      {"another log key",
       [](TestNetwork& network) {
         return network.SignedSuccessor(Exchanged(network.SuccessorYaml(), network.log_key().public_key()));
       },
       absl::StatusCode::kFailedPrecondition, "log_key"},
      {"another broker",
       [](TestNetwork& network) {
         return network.SignedSuccessor(
             Exchanged(network.SuccessorYaml(), network.broker_key().public_key()));
       },
       absl::StatusCode::kFailedPrecondition, "broker_key"},
      {"one signature missing",
       [](TestNetwork& network) { return network.SignedSuccessor(network.SuccessorYaml(), {"politie"}); },
       absl::StatusCode::kPermissionDenied, "politie"},
      {"a lost key that nobody proposed",
       [](TestNetwork& network) {
         network.NewRoot("politie");
         return network.SignedSuccessor(network.SuccessorYaml(), {"politie"});
       },
       absl::StatusCode::kPermissionDenied, "no proposal"},
      {"a version too far",
       [](TestNetwork& network) {
         network.Add(network.SuccessorObject());
         return network.SuccessorObject();
       },
       absl::StatusCode::kFailedPrecondition, "version 3"},
  };
  for (const auto& row : rows) {
    TestBroker test;
    const uint64_t size = test.LogSize();
    const absl::Status refused = Activate(test, row.make(test.network())).status();
    EXPECT_EQ(refused.code(), row.code) << row.name << ": " << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(row.says)) << row.name;
    EXPECT_EQ(test.LogSize(), size) << row.name;
  }
  TestBroker test;
  test.network().NewRoot("politie");
  EXPECT_TRUE(Activate(test, test.network().SuccessorObject()).ok()) << "signed with both keys";
}

// The same text, signed by keys of one's own under the old names.
Bytes SelfMade(TestNetwork& network) {
  std::string yaml = network.SuccessorYaml();
  Bytes object;
  std::map<std::string, crypto::SigningKey> mine;
  for (const auto& entry : trust::RootKeys(network.convenant())) {
    const auto made = mine.emplace(
        entry.first, crypto::SigningKey::FromSeed(TestNetwork::SecretNamed("mine " + entry.first)));
    const std::string old = ToHex(entry.second);
    yaml.replace(yaml.find(old), old.size(), ToHex(View(made.first->second.public_key())));
  }
  for (const auto& [party, key] : mine)
    object = trust::AddConvenantSignature(yaml, object, party, key).value();
  return object;
}

// `yaml` of the next version with one thing wrong, signed by all the same.
Bytes SignedAfter(TestNetwork& network, absl::string_view from, absl::string_view to) {
  std::string yaml = network.SuccessorYaml();
  yaml.replace(yaml.find(std::string(from)), from.size(), std::string(to));
  Bytes object;
  for (const auto& entry : trust::RootKeys(network.convenant())) {
    object = trust::AddConvenantSignature(yaml, object, entry.first, network.root(entry.first)).value();
  }
  return object;
}

// Each is refused with a sentence of its own; the version in force stays, and signals go on under it.
TEST(Succession, BadConvenantsLeaveTheOneInForce) {
  const struct {
    const char* name;
    std::function<Bytes(TestNetwork&)> make;
    const char* says;
  } rows[] = {
      {"one bad signature",
       [](TestNetwork& network) {
         v1::SignedObject object = *trust::ParseSignedObject(network.SuccessorObject());
         std::string& signature = *object.mutable_signatures(3)->mutable_signature();
         signature[7] = static_cast<char>(signature[7] ^ 1);
         return trust::StrictSerialize(object);
       },
       "the signature of party \"politie\" does not fit its root key"},
      {"self-made, the same names and other keys", SelfMade,
       "the signature of party \"gemeente\" does not fit its root key"},
      {"a gap in the chain",
       [](TestNetwork& network) { return SignedAfter(network, "version: 2", "version: 3"); },
       "version 3 where 2 is next"},
      {"older than the one in force",
       [](TestNetwork& network) { return SignedAfter(network, "version: 2", "version: 1"); }, "version 1"},
      {"an unknown suite", [](TestNetwork& network) { return SignedAfter(network, "suite: 1", "suite: 2"); },
       "unknown suite"},
  };
  std::set<std::string> sentences;
  for (const auto& row : rows) {
    TestBroker test;
    const Bytes in_force = Convenant(test).object();
    const uint64_t size = test.LogSize();
    const absl::Status refused = Activate(test, row.make(test.network())).status();
    EXPECT_FALSE(refused.ok()) << row.name;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(row.says)) << row.name;
    EXPECT_TRUE(sentences.emplace(refused.message()).second) << row.name;
    EXPECT_EQ(Convenant(test).object(), in_force) << row.name;
    EXPECT_EQ(test.LogSize(), size) << row.name;
    const absl::Status sent = test.Submit(test.Seal(SmallPlan(test.network())).envelope).status();
    EXPECT_TRUE(sent.ok()) << row.name << ": " << sent;
  }
}

TEST(Succession, DoesNotComeInByPublishing) {
  TestBroker test;
  const uint64_t size = test.LogSize();
  const absl::Status refused = PublishOne(test, test.network().SuccessorObject()).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("activated, not published"));
  EXPECT_EQ(test.LogSize(), size);
  EXPECT_TRUE(PublishOne(test, test.network().objects()[0]).ok()) << "what is there is skipped";
}

TEST(Publication, TakesInEveryKindOfActWithAnEventBesideItsLeaf) {
  TestBroker test;
  TestNetwork& network = test.network();
  const auto directory = [&]() -> const trust::Directory& { return *test.realm().directory(); };
  const struct {
    const char* type;
    std::function<Bytes()> make;
    const char* actor;  // the party, where one alone signs
  } rows[] = {
      {"proposal",
       [&] {
         network.NewRoot("politie");
         return *trust::MakeProposal(network.SignedSuccessor(network.SuccessorYaml(), {"politie"}));
       },
       ""},
      {"trust-update",
       [&] {
         v1::TrustUpdate update = trust::NewTrustUpdate(directory());
         update.set_replaces_witnesses(true);
         v1::WitnessKey& witness = *update.add_witnesses();
         witness.set_name("wachter");
         witness.set_key(ToBytes(network.issuer("politie").public_key()));
         return network.TrustUpdateObject(update);
       },
       ""},
      {"restriction-order", [&] { return network.RestrictChannelObject("core", policies::Level::kL0); },
       "gemeente"},
  };
  for (const auto& row : rows) {
    const Bytes object = row.make();
    const uint64_t size = test.LogSize();
    const auto published = PublishOne(test, object);
    ASSERT_TRUE(published.ok()) << row.type << ": " << published.status();
    ASSERT_EQ(test.LogSize(), size + 2) << row.type;
    EXPECT_EQ(test.EventAt(size), std::nullopt) << row.type;
    const audit::Event event = *test.EventAt(size + 1);
    EXPECT_EQ(event.Type(), audit::EventType::kDirectory) << row.type;
    EXPECT_EQ(event.Text(audit::Tag::kObjectType), row.type);
    EXPECT_EQ(event.Text(audit::Tag::kRequestHash), ToBytes(crypto::Sha256(object))) << row.type;
    EXPECT_EQ(event.Text(audit::Tag::kActorOrganisation).value_or(""), row.actor);
    EXPECT_EQ(directory().leaf_indexes().back(), size) << row.type;
  }
  EXPECT_EQ(directory().proposals().size(), 1u);
  EXPECT_EQ(directory().RestrictionsAsOf().size(), 1u);
  EXPECT_EQ(directory().witnesses().size(), 1u);
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_EQ(directory().RestrictionsAsOf().size(), 1u);
}

TEST(Publication, ActivatesAReplacedLostKeyAfterSeventyTwoHours) {
  TestBroker test;
  test.network().NewRoot("politie");
  const Bytes proposal =
      *trust::MakeProposal(test.network().SignedSuccessor(test.network().SuccessorYaml(), {"politie"}));
  ASSERT_TRUE(PublishOne(test, proposal).ok());
  const Bytes first = test.Checkpoint();
  test.clock().Advance(absl::Hours(71));
  const Bytes early = *trust::MakeActivation(proposal, first, test.Checkpoint());
  EXPECT_EQ(Activate(test, early).status().code(), absl::StatusCode::kFailedPrecondition);
  test.clock().Advance(absl::Hours(1));
  ASSERT_TRUE(Activate(test, *trust::MakeActivation(proposal, first, test.Checkpoint())).ok());
  EXPECT_EQ(test.realm().directory()->convenant()->version(), 2u);
}

TEST(Publication, TellsWhereTheLogHoldsEachObject) {
  TestBroker test;
  ASSERT_TRUE(test.Publish({test.network().RevokeDeviceObject(test.network().device(kLeaving))}).ok());
  v1::GetDirectoryRequest request;
  request.set_convenant_id("plaats");
  using Pages = std::shared_ptr<server::Source<v1::GetDirectoryReply>>;
  const auto pages = Await<Pages>(
      [&](auto done) { test.broker().publication().GetDirectory(test.SessionOf(kSender), request, done); });
  ASSERT_TRUE(pages.ok()) << pages.status();
  std::vector<uint64_t> indexes;
  trust::Directory rebuilt;
  while (true) {
    const auto page = Pull(**pages);
    ASSERT_TRUE(page.ok()) << page.status();
    if (!*page) break;
    ASSERT_EQ((*page)->leaf_indexes_size(), (*page)->objects_size());
    for (int i = 0; i < (*page)->objects_size(); ++i) {
      ASSERT_TRUE(rebuilt.Add((*page)->objects(i), absl::InfinitePast()).ok());
      const uint64_t index = (*page)->leaf_indexes(i);
      indexes.push_back(index);
      EXPECT_EQ(*test.realm().log().ReadLeaf(index),
                audit::EncodeLeaf(audit::LeafClass::kDirectory, rebuilt.chain_hash()));
    }
  }
  EXPECT_EQ(indexes, test.realm().directory()->leaf_indexes());
  EXPECT_EQ(indexes.size(), test.realm().directory()->size());
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_EQ(indexes, test.realm().directory()->leaf_indexes());
}

TEST(Succession, APartyThatLeftIsOutAtOnce) {
  TestBroker test;
  const auto login = [&] {
    v1::SessionStatement statement;
    statement.set_role("broker");
    statement.set_service_identity(ToBytes(test.network().log_key().public_key()));
    statement.set_convenant_id("plaats");
    statement.set_device_id(test.network().device(kLeaving).id);
    const v1::ChallengeReply challenge = test.broker().sessions().Challenge();
    statement.set_nonce(challenge.nonce());
    statement.set_time(challenge.time());
    return test.broker().sessions().Login(
        Signed<v1::LoginRequest>(statement, trust::kSessionLabel, test.network().device(kLeaving)));
  };
  const absl::StatusOr<v1::LoginReply> session = login();
  ASSERT_TRUE(session.ok()) << session.status();
  const auto stream = test.Subscribe(kLeaving);
  const auto staying = test.Subscribe(kReader);
  ASSERT_TRUE(stream.ok() && staying.ok());
  ASSERT_TRUE(Pull(**stream).ok() && Pull(**staying).ok());  // the markers
  absl::Notification ended;
  absl::Status end;
  (*stream)->Next([&](const absl::StatusOr<std::optional<v1::Delivery>>& delivery) {
    end = delivery.status();
    ended.Notify();
  });

  const auto activated = Activate(test, test.network().SuccessorObject(RemoveYouthWork));
  ASSERT_TRUE(activated.ok()) << activated.status();
  ended.WaitForNotification();
  EXPECT_EQ(end.code(), absl::StatusCode::kUnauthenticated) << end;
  EXPECT_FALSE(test.broker().sessions().Authenticate(session->token()).ok());
  EXPECT_EQ(login().status(), absl::UnauthenticatedError("login refused"));
  EXPECT_EQ(test.Subscribe(kLeaving).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_TRUE(test.Subscribe(kReader).ok());
  (*staying)->Cancel();
  EXPECT_EQ(Pull(**staying).status().code(), absl::StatusCode::kCancelled) << "the other stream lived";
}

TEST(Sessions, TellTheBrokersTime) {
  TestBroker test;
  EXPECT_EQ(test.broker().sessions().Challenge().time(), absl::ToUnixSeconds(test.clock().Now()));
  test.clock().Advance(absl::Hours(1));
  EXPECT_EQ(test.broker().sessions().Challenge().time(), absl::ToUnixSeconds(test.clock().Now()));
}

}  // namespace
}  // namespace seinpost::test
