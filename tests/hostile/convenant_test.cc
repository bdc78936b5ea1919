// SPDX-License-Identifier: EUPL-1.2
// A broker that shows another convenant than the one in force.
#include "crypto/hash.h"
#include "tests/hostile/hostile_testing.h"
#include "trust/objects.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

class HostileConvenant : public Hostile {
 protected:
  using Reply = v1::GetDirectoryReply;

  uint32_t Pinned(const LiveMember& member) { return member.OpenProfile().convenants()[0].version; }
  // Adds `object` to what is shown of the directory; under a checkpoint that says so, if the liar signs one.
  void AddToDirectory(const Bytes& object, bool with_checkpoint) {
    liar_.OnReply<Reply>("GetDirectory", [=, this](Reply& reply) {
      if (reply.checkpoint().empty()) return;
      if (reply.objects().empty()) reply.set_first_seq(network().directory().size());
      reply.add_objects(object);
      reply.add_leaf_indexes(NextLeaf());
      if (!with_checkpoint) return;
      reply.set_checkpoint(
          ForgedCheckpoint(network(), reply.checkpoint(), [&](audit::Checkpoint& checkpoint) {
            checkpoint.directory->hash =
                trust::Directory::ChainHash(checkpoint.directory->seq, checkpoint.directory->hash, object);
            ++checkpoint.directory->seq;
            ++checkpoint.size;
          }));
    });
  }
};

TEST_F(HostileConvenant, SuccessorThatNotEverybodySigned) {
  LiveMember reader(broker_, kReader, liar_.door());
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  const std::string yaml = network().SuccessorYaml();
  const Bytes good = network().SignedSuccessor(yaml);
  v1::SignedObject object = *trust::ParseSignedObject(good);
  const crypto::SigningKey liars_key = crypto::SigningKey::Generate();
  const struct {
    const char* what;
    Bytes object;
  } rows[] = {
      {"the police left out", network().SignedSuccessor(yaml, {"politie"})},
      {"the liar signs for the police", *trust::AddConvenantSignature(yaml, good, "politie", liars_key)},
      {"the log's key signs for the police",
       *trust::AddConvenantSignature(yaml, good, "politie", network().log_key())},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    liar_.BeHonest();
    AddToDirectory(row.object, false);
    ExpectCaught(reader.Run({"signal", "list"}),
                 "de broker toont een ander convenant dan dat waarvan de vingerafdrukken zijn vergeleken");
    EXPECT_EQ(Pinned(reader), 1u);
    EXPECT_EQ(reader.OpenState().LoadDirectory()->size(), network().objects().size());
  }
  // Signed by everybody, but never logged: it stands in no leaf.
  for (const bool with_checkpoint : {false, true}) {
    liar_.BeHonest();
    AddToDirectory(good, with_checkpoint);
    EXPECT_EQ(reader.Run({"signal", "list"}).code, client::kTampered);
    EXPECT_EQ(Pinned(reader), 1u);
  }
}

TEST_F(HostileConvenant, OldConvenant) {
  LiveMember reader(broker_, kReader, liar_.door()), fresh(broker_, "sass/coordinator", liar_.door());
  const std::unique_ptr<LiveFork> before = broker_.Fork();
  broker_.Add({network().SuccessorObject()});
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  EXPECT_EQ(Pinned(reader), 2u);
  // The history in which it was never succeeded.
  liar_.SendTo(before->door());
  const Ran ran = reader.Run({"signal", "list"});
  EXPECT_EQ(ran.code, client::kTampered) << ran.out << ran.err;
  EXPECT_EQ(Pinned(reader), 2u);
  // A device that was told of version 2 when it was invited and has seen nothing yet: only the pin says so.
  // Both to the question which convenant is in force, and by the directory.
  client::Profile profile = fresh.OpenProfile();
  ASSERT_TRUE(profile
                  .Update([&](client::Profile& newest) {
                    return newest.RaisePin(network().convenant().id(), 2,
                                           network().directory().convenant_hash());
                  })
                  .ok());
  for (const bool admits : {false, true}) {
    liar_.BeHonest();
    liar_.SendTo(before->door());
    if (admits) liar_.SendTo(broker_.door(), "GetConvenant");
    ExpectCaught(fresh.Run({"signal", "list"}),
                 "de broker toont een oud convenant: versie 1, terwijl versie 2");
    EXPECT_EQ(fresh.OpenState().LoadDirectory()->size(), 0u);
  }
}

// A signal under the version before, once the next one is in force, is refused.
TEST_F(HostileConvenant, SignalUnderAnOldConvenant) {
  LiveMember reader(broker_, kReader, liar_.door());
  const v1::Envelope old = SealedBy(kAccomplice);
  broker_.Add({network().SuccessorObject()});
  Slip(old, reader);
  ExpectRefused(reader, "step 4: convenant_version");
}

}  // namespace
}  // namespace seinpost::test
