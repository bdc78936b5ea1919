// SPDX-License-Identifier: EUPL-1.2
// Trust updates and restriction orders, broken in one way at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_replace.h"
#include "tests/trust/links.h"
#include "tests/trust/versions.h"
#include "trust/changes.h"
#include "trust/succession.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using absl::StatusCode;
using policies::Level;
using test::TestNetwork;
using ::testing::IsEmpty;

// ---- trust updates

pb::TrustUpdate GoodUpdate() {
  pb::TrustUpdate update = NewTrustUpdate(Net().directory());
  update.set_log_key(ToBytes(Key("next log").public_key()));
  update.set_replaces_witnesses(true);
  for (const char* name : {"w1", "w2", "w3"}) {
    pb::WitnessKey* witness = update.add_witnesses();
    witness->set_name(name);
    witness->set_key(ToBytes(Key(name).public_key()));
  }
  update.set_witness_quorum(2);
  return update;
}

TEST(TrustUpdate, ChangesLogKeyAndWitnesses) {
  TestNetwork network = TestNetwork::Example(kNow);
  const LogIdentity before = network.directory().LogIdentityAsOf();
  EXPECT_EQ(before.origin, "seinpost/plaats");
  EXPECT_EQ(before.seq, 0u);
  const uint64_t seq = network.Add(network.TrustUpdateObject(GoodUpdate()));
  const Directory& directory = network.directory();
  EXPECT_EQ(directory.LogIdentityAsOf().key, Key("next log").public_key());
  EXPECT_EQ(directory.LogIdentityAsOf().origin, "seinpost/plaats");
  EXPECT_EQ(directory.LogIdentityAsOf(seq).key, before.key);
  EXPECT_EQ(directory.LogIdentityAsOf(seq + 1).seq, seq);
  EXPECT_EQ(directory.LogIdentityAsOf(0).key, before.key);
  EXPECT_EQ(directory.log_identities().size(), 2u);
  ASSERT_EQ(directory.witnesses().size(), 3u);
  EXPECT_EQ(directory.witnesses()[1].name, "w2");
  EXPECT_EQ(directory.witness_quorum(), 2u);
  EXPECT_EQ(directory.NextTrustUpdateNumber(), 2u);

  pb::TrustUpdate none = NewTrustUpdate(directory);
  none.set_replaces_witnesses(true);
  network.Add(network.TrustUpdateObject(none));
  EXPECT_THAT(directory.witnesses(), IsEmpty());
  EXPECT_EQ(directory.witness_quorum(), 0u);
  EXPECT_EQ(directory.LogIdentityAsOf().key, Key("next log").public_key());
}

TEST(TrustUpdate, BindsTheNextVersion) {
  TestNetwork network = TestNetwork::Example(kNow);
  const Bytes too_late = network.SuccessorObject();
  network.Add(network.TrustUpdateObject());
  ExpectRefusedBy(network.directory(), too_late, StatusCode::kFailedPrecondition,
                  "trust.log_key is not the key of the log in force", "a successor made before");
  const Bytes update = network.TrustUpdateObject();
  network.Add(network.SuccessorObject());
  EXPECT_EQ(network.directory().NextTrustUpdateNumber(), 2u);  // counted over all versions
  ExpectRefusedBy(network.directory(), update, StatusCode::kFailedPrecondition, "convenant_hash",
                  "an update of the version before");
  ExpectTakenBy(network.directory(), network.TrustUpdateObject(), "an update of this version");
}

TEST(TrustUpdate, RefusesEveryBrokenField) {
  using B = pb::TrustUpdate;
  const Broken<B> cases[] = {
      {"version", [](B& b) { b.set_version(2); }, StatusCode::kInvalidArgument, "version"},
      {"convenant", [](B& b) { b.set_convenant_id("ginds"); }, StatusCode::kInvalidArgument, "convenant_id"},
      {"no hash", [](B& b) { b.clear_convenant_hash(); }, StatusCode::kInvalidArgument, "convenant_hash"},
      {"another version", [](B& b) { b.set_convenant_hash(Bytes(32, 'x')); }, StatusCode::kFailedPrecondition,
       "convenant_hash: not the version in force"},
      {"no number", [](B& b) { b.clear_number(); }, StatusCode::kInvalidArgument, "number: 0"},
      {"a gap", [](B& b) { b.set_number(2); }, StatusCode::kFailedPrecondition, "number: 2 where 1 is next"},
      {"short key", [](B& b) { b.set_log_key("k"); }, StatusCode::kInvalidArgument, "log_key"},
      {"the key in force", [](B& b) { b.set_log_key(ToBytes(Net().log_key().public_key())); },
       StatusCode::kFailedPrecondition, "log_key: used before"},
      {"nothing changes",
       [](B& b) {
         b.clear_log_key();
         b.clear_replaces_witnesses();
         b.clear_witnesses();
         b.clear_witness_quorum();
       },
       StatusCode::kInvalidArgument, "nothing is changed"},
      {"witnesses that stay", [](B& b) { b.clear_replaces_witnesses(); }, StatusCode::kInvalidArgument,
       "witnesses: given where they stay"},
      {"quorum that stays",
       [](B& b) {
         b.clear_replaces_witnesses();
         b.clear_witnesses();
       },
       StatusCode::kInvalidArgument, "witnesses: given where they stay"},
      {"unnamed witness", [](B& b) { b.mutable_witnesses(0)->clear_name(); }, StatusCode::kInvalidArgument,
       "witnesses.name"},
      {"short witness key", [](B& b) { b.mutable_witnesses(2)->set_key("k"); }, StatusCode::kInvalidArgument,
       "witnesses.key"},
      {"unsorted", [](B& b) { b.mutable_witnesses()->SwapElements(0, 1); }, StatusCode::kInvalidArgument,
       "witnesses: not sorted"},
      {"one name twice", [](B& b) { b.mutable_witnesses(1)->set_name("w1"); }, StatusCode::kInvalidArgument,
       "witnesses: not sorted"},
      {"one key twice", [](B& b) { b.mutable_witnesses(1)->set_key(b.witnesses(0).key()); },
       StatusCode::kInvalidArgument, "witnesses: one key twice"},
      {"too large a quorum", [](B& b) { b.set_witness_quorum(4); }, StatusCode::kInvalidArgument,
       "witness_quorum"},
      {"too many witnesses",
       [](B& b) {
         while (b.witnesses_size() <= 100) *b.add_witnesses() = b.witnesses(0);
       },
       StatusCode::kInvalidArgument, "more than 100"},
  };
  ExpectTakenBy(Net().directory(), Net().TrustUpdateObject(GoodUpdate()), "the control");
  for (const Broken<B>& c : cases) {
    B body = GoodUpdate();
    c.spoil(body);
    ExpectRefusedBy(Net().directory(), Net().TrustUpdateObject(body), c.code, c.text, c.name);
  }
}

TEST(TrustUpdate, WantsTheChangeQuorum) {
  const Directory& directory = Net().directory();
  const Bytes object = Net().TrustUpdateObject(GoodUpdate());
  pb::SignedObject less = ParseSignedObject(object).value();
  ASSERT_EQ(less.signatures_size(), 6);  // more than half of ten
  less.mutable_signatures()->DeleteSubrange(3, 1);
  ExpectRefusedBy(directory, StrictSerialize(less), StatusCode::kPermissionDenied,
                  "5 signatures of the 6 that change_quorum asks for", "one too few");
  ExpectTakenBy(directory, AddSignature(object, "wijkteam", Net().root("wijkteam")).value(), "one more");
  ExpectRefusedBy(directory, AddSignature(object, "wijkteam", Net().root("sass")).value(),
                  StatusCode::kPermissionDenied, "\"wijkteam\" does not fit", "one more, by another key");
  for (const char* stranger : {"school", "elders", "politie/new"}) {
    ExpectRefusedBy(directory, AddSignature(object, stranger, Net().root("politie")).value(),
                    StatusCode::kPermissionDenied, "has no place here", stranger);
  }
  ExpectRefusedBy(directory,
                  SignObject(pb::OBJECT_KIND_LOG_EPOCH, StrictSerialize(GoodUpdate()), "gemeente",
                             Net().root("gemeente")),
                  StatusCode::kInvalidArgument, "log epoch", "as another kind");
}

TEST(TrustUpdate, NeedsAQuorumThatTheConvenantStates) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.Add(network.SuccessorObject([](std::string& yaml) {
    const std::string without = absl::StrReplaceAll(yaml, {{"  change_quorum: 6\n", ""}});
    ASSERT_NE(without, yaml);
    yaml = without;
  }));
  pb::TrustUpdate update = NewTrustUpdate(network.directory());
  update.set_log_key(ToBytes(Key("next log").public_key()));
  Bytes object =
      SignObject(pb::OBJECT_KIND_TRUST_UPDATE, StrictSerialize(update), "gemeente", network.root("gemeente"));
  for (const auto& entry : RootKeys(network.convenant())) {
    object = AddSignature(object, entry.first, network.root(entry.first)).value();
  }
  ExpectRefusedBy(network.directory(), object, StatusCode::kPermissionDenied, "states no change_quorum",
                  "signed by all");
}

// ---- restriction orders

pb::RestrictionOrder GoodOrder() {
  pb::RestrictionOrder order = NewRestrictionOrder(Net().directory(), kNow);
  order.set_channel("case");
  order.set_ceiling(pb::LEVEL_L1);
  return order;
}

TEST(R31, RestrictionOrderLowersAtOnceAndOnlyLowers) {
  TestNetwork network = TestNetwork::Example(kNow);
  const Directory& directory = network.directory();
  ASSERT_EQ(network.convenant().channels().find("case")->second.ceiling, Level::kL2);
  const uint64_t seq = network.Add(network.RestrictChannelObject("case", Level::kL1));
  network.Add(network.RestrictPartyObject("politie", Level::kL1));
  const std::vector<policies::Restriction> orders = directory.RestrictionsAsOf();
  ASSERT_EQ(orders.size(), 2u);
  EXPECT_EQ(orders[0].channel, "case");
  EXPECT_EQ(orders[0].party, "");
  EXPECT_EQ(orders[0].ceiling, Level::kL1);
  EXPECT_EQ(orders[0].number, 1u);
  EXPECT_EQ(orders[1].party, "politie");
  EXPECT_THAT(directory.RestrictionsAsOf(seq), IsEmpty());
  EXPECT_EQ(directory.RestrictionsAsOf(seq + 1).size(), 1u);
  for (const Level level : {Level::kL1, Level::kL2}) {
    ExpectRefusedBy(directory, network.RestrictChannelObject("case", level), StatusCode::kFailedPrecondition,
                    "ceiling: not lower", "channel");
    ExpectRefusedBy(directory, network.RestrictPartyObject("politie", level), StatusCode::kFailedPrecondition,
                    "ceiling: not lower", "party");
  }
  ExpectTakenBy(directory, network.RestrictChannelObject("case", Level::kL0), "lower still");
  ExpectTakenBy(directory, network.RestrictPartyObject("sass", Level::kL1), "another party");
}

TEST(R31, RestrictionOrderLapsesWithItsVersion) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.Add(network.RestrictChannelObject("case", Level::kL1));
  const Bytes second = network.RestrictChannelObject("case", Level::kL0);
  const uint64_t seq = network.Add(network.SuccessorObject());
  EXPECT_THAT(network.directory().RestrictionsAsOf(), IsEmpty());
  EXPECT_EQ(network.directory().RestrictionsAsOf(seq).size(), 1u);  // as it was until then
  EXPECT_EQ(network.directory().NextRestrictionNumber(), 1u);
  ExpectRefusedBy(network.directory(), second, StatusCode::kFailedPrecondition, "convenant_hash",
                  "an order of the version before");
  ExpectTakenBy(network.directory(), network.RestrictChannelObject("case", Level::kL1), "a new order");
}

TEST(RestrictionOrder, RefusesEveryBrokenField) {
  using B = pb::RestrictionOrder;
  const Broken<B> cases[] = {
      {"version", [](B& b) { b.set_version(0); }, StatusCode::kInvalidArgument, "version"},
      {"convenant", [](B& b) { b.set_convenant_id("ginds"); }, StatusCode::kInvalidArgument, "convenant_id"},
      {"another version", [](B& b) { b.set_convenant_hash(Bytes(32, 'x')); }, StatusCode::kFailedPrecondition,
       "convenant_hash"},
      {"no number", [](B& b) { b.clear_number(); }, StatusCode::kInvalidArgument, "number: 0"},
      {"a gap", [](B& b) { b.set_number(3); }, StatusCode::kFailedPrecondition, "number: 3 where 1 is next"},
      {"no subject", [](B& b) { b.clear_subject(); }, StatusCode::kInvalidArgument, "subject: none"},
      {"unknown channel", [](B& b) { b.set_channel("case@school-a"); }, StatusCode::kInvalidArgument,
       "channel: the convenant has no such channel"},
      {"empty channel", [](B& b) { b.set_channel(""); }, StatusCode::kInvalidArgument,
       "channel: the convenant has no such channel"},
      {"unknown party", [](B& b) { b.set_party("elders"); }, StatusCode::kInvalidArgument,
       "party: the convenant has no such party"},
      {"no ceiling", [](B& b) { b.clear_ceiling(); }, StatusCode::kInvalidArgument, "ceiling: not a level"},
      {"unknown ceiling", [](B& b) { b.set_ceiling(static_cast<pb::Level>(9)); },
       StatusCode::kInvalidArgument, "ceiling: not a level"},
      {"lowers nothing", [](B& b) { b.set_ceiling(pb::LEVEL_L2); }, StatusCode::kFailedPrecondition,
       "ceiling: not lower"},
      {"no time", [](B& b) { b.clear_time(); }, StatusCode::kInvalidArgument, "time"},
  };
  ExpectTakenBy(Net().directory(), Net().RestrictionObject(GoodOrder()), "the control");
  for (const Broken<B>& c : cases) {
    B body = GoodOrder();
    c.spoil(body);
    ExpectRefusedBy(Net().directory(), Net().RestrictionObject(body), c.code, c.text, c.name);
  }
}

TEST(RestrictionOrder, IsTheControllersAlone) {
  const Bytes body = StrictSerialize(GoodOrder());
  const auto order = [&](absl::string_view signer, absl::string_view key) {
    return SignObject(pb::OBJECT_KIND_RESTRICTION_ORDER, body, signer, Net().root(key));
  };
  ExpectRefusedBy(Net().directory(), order("politie", "politie"), StatusCode::kPermissionDenied,
                  "has no place here", "another party");
  ExpectRefusedBy(Net().directory(), order("gemeente", "politie"), StatusCode::kPermissionDenied,
                  "does not fit its root key", "another party in its name");
  ExpectRefusedBy(Net().directory(),
                  SignObject(pb::OBJECT_KIND_RESTRICTION_ORDER, body, "gemeente", Net().issuer("gemeente")),
                  StatusCode::kPermissionDenied, "does not fit its root key", "its issuer");
}

// A controller under another party: that one signs.
TEST(RestrictionOrder, IsSignedByWhoSignsForTheController) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.Add(network.SuccessorObject([](std::string& yaml) {
    yaml = absl::StrReplaceAll(yaml, {{"  controller: gemeente ", "  controller: school "}});
  }));
  ASSERT_EQ(network.convenant().controller(), "school");
  EXPECT_EQ(ControllerKey(network.convenant()).count("schoolbestuur"), 1u);
  ExpectTakenBy(network.directory(), network.RestrictChannelObject("case", Level::kL1), "the board");
}

}  // namespace
}  // namespace seinpost::trust
