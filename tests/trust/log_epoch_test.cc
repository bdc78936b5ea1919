// SPDX-License-Identifier: EUPL-1.2
// Log epochs, broken in one way at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/checkpoint.h"
#include "crypto/hash.h"
#include "tests/trust/links.h"
#include "tests/trust/versions.h"
#include "trust/changes.h"
#include "trust/log_identity.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using absl::StatusCode;
using test::TestNetwork;

// The network lost its last objects and leaves 900 to 999.
struct LostTailWorld {
  LostTailWorld() : network(TestNetwork::Example(kNow)) {
    TestNetwork ahead = TestNetwork::Example(kNow);
    ahead.Add(ahead.RevokeDeviceObject(ahead.device("politie/wijkagent")));
    last = ahead.Checkpoint(1000, kNow);
  }
  pb::LogEpoch Good() const {
    pb::LogEpoch epoch = NewLogEpoch(network.directory(), kNow);
    epoch.set_last_checkpoint(last);
    epoch.set_first_lost(900);
    epoch.set_log_key(ToBytes(Key("next log").public_key()));
    return epoch;
  }
  TestNetwork network;
  Bytes last;  // signed note of size 1000
};

TEST(LogEpoch, GoesOnUnderANewNameAndKey) {
  LostTailWorld world;
  TestNetwork& network = world.network;
  const FixedBytes<32> before = network.log_key().public_key();
  const uint64_t seq = network.Add(network.LogEpochObject(world.last, 900));
  const Directory& directory = network.directory();
  EXPECT_EQ(directory.LogIdentityAsOf().origin, "seinpost/plaats/2");
  EXPECT_EQ(directory.LogIdentityAsOf().key, network.log_key().public_key());
  EXPECT_NE(directory.LogIdentityAsOf().key, before);
  EXPECT_EQ(directory.LogIdentityAsOf(seq).key, before);
  ASSERT_EQ(directory.lost_tails().size(), 1u);
  const LostTail& lost = directory.lost_tails()[0];
  EXPECT_EQ(lost.first, 900u);
  EXPECT_EQ(lost.end, 1000u);
  EXPECT_EQ(lost.directory_size, seq);
  EXPECT_EQ(lost.number, 2u);
  EXPECT_EQ(lost.seq, seq);
  EXPECT_EQ(lost.last_root, crypto::Sha256Concat({"test root: ", U64(1000)}));

  // Again, later.
  EXPECT_EQ(directory.NextEpochNumber(), 3u);
  network.Add(network.LogEpochObject(network.Checkpoint(1100, kNow), 1050));
  EXPECT_EQ(directory.LogIdentityAsOf().origin, "seinpost/plaats/3");
  // The next version states the new key; whoever has lost objects publishes them again.
  network.Add(network.RevokeDeviceObject(network.device("politie/wijkagent")));
  network.Add(network.SuccessorObject());
}

TEST(LogEpoch, RefusesEveryBrokenField) {
  using B = pb::LogEpoch;
  const LostTailWorld world;
  const TestNetwork& network = world.network;
  const auto note = [&](auto change) {
    audit::Checkpoint checkpoint =
        audit::VerifyCheckpoint(world.last,
                                audit::LogKey(LogOrigin("plaats"), network.log_key().public_key()))
            .value();
    change(checkpoint);
    return audit::SignCheckpoint(checkpoint, network.log_key());
  };
  const uint64_t size = network.directory().size();
  const Bytes shorter = note([&](audit::Checkpoint& c) { c.directory->seq = size - 1; });
  const Bytes another = note([&](audit::Checkpoint& c) { c.directory->seq = size; });
  const Bytes foreign = note([](audit::Checkpoint& c) { c.origin = "seinpost/plaats/2"; });
  const Broken<B> cases[] = {
      {"version", [](B& b) { b.set_version(2); }, StatusCode::kInvalidArgument, "version"},
      {"convenant", [](B& b) { b.set_convenant_id("ginds"); }, StatusCode::kInvalidArgument, "convenant_id"},
      {"another version", [](B& b) { b.set_convenant_hash(Bytes(32, 'x')); }, StatusCode::kFailedPrecondition,
       "convenant_hash"},
      {"the first",
       [](B& b) {
         b.set_number(1);
         b.set_origin("seinpost/plaats/1");
       },
       StatusCode::kFailedPrecondition, "number: 1 where 2 is next"},
      {"a gap",
       [](B& b) {
         b.set_number(3);
         b.set_origin("seinpost/plaats/3");
       },
       StatusCode::kFailedPrecondition, "number: 3 where 2 is next"},
      {"no checkpoint", [](B& b) { b.clear_last_checkpoint(); }, StatusCode::kInvalidArgument,
       "last_checkpoint: empty"},
      {"not a checkpoint", [](B& b) { b.set_last_checkpoint("note"); }, StatusCode::kPermissionDenied,
       "last_checkpoint: not a note of this log"},
      {"another log's", [&](B& b) { b.set_last_checkpoint(foreign); }, StatusCode::kPermissionDenied,
       "last_checkpoint: not a note of this log"},
      {"of a shorter directory", [&](B& b) { b.set_last_checkpoint(shorter); },
       StatusCode::kFailedPrecondition, "shorter directory"},
      {"of another directory", [&](B& b) { b.set_last_checkpoint(another); }, StatusCode::kFailedPrecondition,
       "another directory"},
      {"nothing lost", [](B& b) { b.set_first_lost(1000); }, StatusCode::kFailedPrecondition,
       "nothing was lost"},
      {"more objects", [](B& b) { b.set_directory_size(b.directory_size() + 1); },
       StatusCode::kFailedPrecondition, "directory_size"},
      {"fewer objects", [](B& b) { b.set_directory_size(b.directory_size() - 1); },
       StatusCode::kFailedPrecondition, "directory_size"},
      {"the old name", [](B& b) { b.set_origin("seinpost/plaats"); }, StatusCode::kInvalidArgument, "origin"},
      {"no key", [](B& b) { b.clear_log_key(); }, StatusCode::kInvalidArgument, "log_key"},
      {"the old key", [&](B& b) { b.set_log_key(ToBytes(network.log_key().public_key())); },
       StatusCode::kFailedPrecondition, "log_key: used before"},
      {"no time", [](B& b) { b.clear_time(); }, StatusCode::kInvalidArgument, "time"},
  };
  ExpectTakenBy(network.directory(), network.LogEpochObject(world.Good()), "the control");
  for (const Broken<B>& c : cases) {
    B body = world.Good();
    c.spoil(body);
    ExpectRefusedBy(network.directory(), network.LogEpochObject(body), c.code, c.text, c.name);
  }
}

TEST(LogEpoch, WantsTheChangeQuorum) {
  const LostTailWorld world;
  pb::SignedObject less = ParseSignedObject(world.network.LogEpochObject(world.Good())).value();
  less.mutable_signatures()->DeleteSubrange(0, 1);
  ExpectRefusedBy(world.network.directory(), StrictSerialize(less), StatusCode::kPermissionDenied,
                  "5 signatures of the 6", "one too few");
}

TEST(LogEpoch, IsTheFirstLeafAfterThoseThatAreLeft) {
  LostTailWorld world;
  TestNetwork& network = world.network;
  network.Add(network.LogEpochObject(world.last, 900));
  Directory directory = network.directory();
  for (uint64_t seq = 0; seq + 1 < directory.size(); ++seq) {
    ASSERT_TRUE(directory.SetLeafIndex(seq, seq * 2).ok());
  }
  EXPECT_EQ(directory.SetLeafIndex(directory.size() - 1, 901).code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(directory.SetLeafIndex(directory.size() - 1, 900).ok());
}

}  // namespace
}  // namespace seinpost::trust
