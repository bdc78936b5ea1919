// SPDX-License-Identifier: EUPL-1.2
// A broker with two histories: rolled back, or another one for each client. It signs both, so either alone is
// good; what gives it away is that they meet.
#include "client/broker/fork_evidence.h"
#include "tests/hostile/hostile_testing.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class HostileFork : public Hostile {
 protected:
  // What `member` submits through the liar with `signal send`, and its id.
  std::pair<std::string, v1::Envelope> SendThroughLiar(LiveMember& member, absl::string_view text) {
    v1::Envelope envelope;
    liar_.OnRequest<v1::SubmitRequest>("Submit",
                                       [&](v1::SubmitRequest& request) { envelope = request.envelope(); });
    const std::string id = member.Send(kReader, text);
    liar_.BeHonest("Submit");
    return {id, envelope};
  }

  // The evidence shows two notes that the log signed and that cannot both be true.
  void ExpectEvidence(const LiveMember& member, const std::string& found) {
    const std::vector<std::string> files = client::ListEvidence(member.OpenState().directory());
    ASSERT_THAT(files, SizeIs(1));
    for (const std::string& file : files) {
      const absl::StatusOr<client::ForkEvidence> evidence =
          client::DecodeEvidence(ReadFile(file, 1 << 20).value_or(""));
      ASSERT_TRUE(evidence.ok()) << evidence.status();
      EXPECT_EQ(evidence->found, found);
      EXPECT_NE(ReadCheckpoint(network(), evidence->first), ReadCheckpoint(network(), evidence->second));
    }
  }
};

TEST_F(HostileFork, RolledBack) {
  LiveMember reader(broker_, kReader, liar_.door()), sender(broker_, kSender);
  const std::unique_ptr<LiveFork> before = broker_.Fork();
  const std::string id = sender.Send(kReader, "een mes gevonden");
  ASSERT_EQ(reader.List().size(), 1u);
  const Bytes seen = reader.OpenState().Load()->checkpoint;
  liar_.SendTo(before->door());  // as if nothing had been sent
  ExpectCaught(reader.Run({"signal", "list"}), "het logboek is teruggedraaid, van ");
  EXPECT_EQ(reader.OpenState().Load()->checkpoint, seen);
  ExpectEvidence(reader, "own");
  // It does not go away by itself.
  liar_.BeHonest();
  const Ran later = reader.Run({"signal", "list"});
  EXPECT_EQ(later.code, 0);
  EXPECT_THAT(later.err, HasSubstr("er ligt bewijs dat de broker twee geschiedenissen"));
}

TEST_F(HostileFork, AnotherHistoryShorterAsLongOrLonger) {
  LiveMember reader(broker_, kReader, liar_.door());
  const std::unique_ptr<LiveFork> fork = broker_.Fork();
  std::vector<Bytes> harmless;
  for (const auto& entry : network().convenant().retention()) {
    harmless.push_back(network().PrekeyObject(network().device("sass/coordinator"), entry.first, 5));
  }
  broker_.Add({network().RevokeDeviceObject(network().device(kAccomplice))});
  broker_.Add({network().RevokeDeviceObject(network().device("school2/zorgcoordinator"))});
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  const Bytes seen = reader.OpenState().Load()->checkpoint;
  liar_.SendTo(fork->door());
  for (const Bytes& object : harmless) {
    ASSERT_TRUE(fork->Publish({object}).ok());
    fork->broker().PublishCheckpoints();
    const uint64_t size = fork->broker().realms().begin()->second->log().head().size;
    const uint64_t mine = ReadCheckpoint(network(), seen).size;
    SCOPED_TRACE(testing::Message() << size << " leaves, seen " << mine);
    ExpectCaught(reader.Run({"signal", "list"}), size < mine    ? "het logboek is teruggedraaid"
                                                 : size == mine ? "regels met een andere inhoud"
                                                                : "er zijn twee geschiedenissen");
    ExpectEvidence(reader, "own");  // one piece for all that contradicts the same note
    EXPECT_EQ(reader.OpenState().Load()->checkpoint, seen);
  }
}

// One client lives on a history in which a device was never revoked. The first signal by anybody who sees the
// other one brings that sender's checkpoint along.
TEST_F(HostileFork, RevocationWithheldByAForkIsFoundByTheNextSignal) {
  LiveMember victim(broker_, kReader, liar_.door()), sender(broker_, kSender, liar_.door());
  ASSERT_EQ(victim.Run({"signal", "list"}).code, 0);
  const std::unique_ptr<LiveFork> fork = broker_.Fork();
  broker_.Add({network().RevokeDeviceObject(network().device(kAccomplice))});
  const auto [id, envelope] = SendThroughLiar(sender, "een mes gevonden");

  liar_.SendTo(fork->door());
  EXPECT_EQ(victim.Run({"signal", "list"}).code, 0) << "either history alone is good";
  DeliverOnly({ForgedDelivery(network(), envelope, victim.device_id(), NextLeaf(), now())});
  ExpectCaught(victim.Run({"signal", "list"}),
               "de afzender van een signaal kreeg een ander logboek te zien dan dit apparaat");
  EXPECT_EQ(Kept(victim), 0u);
  ExpectEvidence(victim, "sender");
}

// Two profiles on one machine, each shown a history of its own, compare what they see.
TEST_F(HostileFork, TwoHistoriesForTwoProfilesMeetInTheGossipFolder) {
  HostileBroker other_liar(broker_);
  LiveMember one(broker_, kReader, liar_.door()), other(broker_, kSender, other_liar.door());
  const std::string folder = broker_.test().directory() + "/gossip";
  const auto list = [&](LiveMember& member) { return member.Run({"signal", "list", "--gossip", folder}); };
  ASSERT_EQ(list(one).code, 0);
  ASSERT_EQ(list(other).code, 0);
  const std::unique_ptr<LiveFork> fork = broker_.Fork();
  liar_.SendTo(fork->door());
  // Each history goes on by itself.
  ASSERT_TRUE(fork->Publish({network().RevokeDeviceObject(network().device(kAccomplice))}).ok());
  fork->broker().PublishCheckpoints();
  broker_.Add({network().RevokeDeviceObject(network().device("school2/zorgcoordinator"))});
  ASSERT_EQ(list(one).code, 0);
  ExpectCaught(list(other), "een ander profiel op deze computer kreeg een ander logboek te zien dan dit");
  ExpectEvidence(other, "profile");
  EXPECT_THAT(list(one).err, HasSubstr("een ander profiel op deze computer"));
}

// The broker signs what it likes, but cannot join two histories, nor one to itself with other leaves.
TEST_F(HostileFork, ForgedConsistency) {
  LiveMember reader(broker_, kReader, liar_.door()), sender(broker_, kSender);
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  const Bytes seen = reader.OpenState().Load()->checkpoint;
  const struct {
    const char* what;
    std::function<void(v1::ProveConsistencyReply&)> lie;
  } rows[] = {
      {"altered", [](v1::ProveConsistencyReply& reply) { Flip(reply.mutable_hashes(0)); }},
      {"shorter", [](v1::ProveConsistencyReply& reply) { reply.mutable_hashes()->RemoveLast(); }},
      {"longer", [](v1::ProveConsistencyReply& reply) { reply.add_hashes(Bytes(32, 'h')); }},
      {"none", [](v1::ProveConsistencyReply& reply) { reply.clear_hashes(); }},
      {"malformed", [](v1::ProveConsistencyReply& reply) { reply.set_hashes(0, "short"); }},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    sender.Send(kReader, "er gebeurt iets");
    liar_.BeHonest();
    liar_.OnReply<v1::ProveConsistencyReply>("ProveConsistency", row.lie);
    ExpectCaught(reader.Run({"signal", "list"}), "het logboek gaat niet verder op wat eerder is gezien");
    EXPECT_EQ(reader.OpenState().Load()->checkpoint, seen);
  }
  // A root of its own, signed by the log's key.
  liar_.BeHonest();
  liar_.OnReply<v1::GetDirectoryReply>("GetDirectory", [&](v1::GetDirectoryReply& reply) {
    if (reply.checkpoint().empty()) return;
    reply.set_checkpoint(ForgedCheckpoint(network(), reply.checkpoint(),
                                          [](audit::Checkpoint& checkpoint) { checkpoint.root[0] ^= 1; }));
  });
  EXPECT_EQ(reader.Run({"signal", "list"}).code, client::kTampered);
  EXPECT_EQ(reader.OpenState().Load()->checkpoint, seen);
  EXPECT_EQ(Kept(reader), 0u);
}

}  // namespace
}  // namespace seinpost::test
