// SPDX-License-Identifier: EUPL-1.2
// What the directory answers about the past: before, at and after an object came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "tests/trust/links.h"
#include "tests/trust/versions.h"
#include "trust/facts.h"

namespace seinpost::trust {
namespace {

using absl::StatusCode;
using policies::Level;
using test::TestDevice;
using test::TestNetwork;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(History, DeviceHoldsFromItsCertificateToItsRevocation) {
  TestNetwork network = TestNetwork::Example(kNow);
  const uint64_t certified = network.directory().size();
  const TestDevice& device = network.AddDevice("politie/nieuw");
  const uint64_t revoked = network.Add(network.RevokeDeviceObject(device));
  const Device* known = network.directory().FindDevice(device.id);
  EXPECT_EQ(known->seq, certified);
  EXPECT_EQ(known->revoked_at_seq, revoked);
  const struct {
    DirSize as_of;
    bool valid;
  } cases[] = {{0, false},      {certified, false},   {certified + 1, true},
               {revoked, true}, {revoked + 1, false}, {kNewest, false}};
  for (const auto& c : cases) {
    EXPECT_EQ(known->ValidAt(kNow, c.as_of), c.valid) << c.as_of;
    EXPECT_EQ(network.directory().MayAct(*known, kNow, c.as_of), c.valid) << c.as_of;
  }
  EXPECT_FALSE(known->ValidAt(known->not_after, revoked));
  EXPECT_FALSE(known->ValidAt(known->not_before - absl::Seconds(1), revoked));
  EXPECT_FALSE(known->RevokedAsOf(revoked));
  EXPECT_TRUE(known->RevokedAsOf(revoked + 1));
}

TEST(History, MandateStandsFromItsGrantToItsRevocation) {
  TestNetwork network = TestNetwork::Example(kNow);
  const uint64_t granted = network.Add(
      network.MandateObject("school/teamleider", "director", {"school-a"}, Level::kL1, kNow, kNow + kDay));
  const MandateEntry* mandate = network.directory().MandatesOf(network.member("school/teamleider")).back();
  const Bytes id = mandate->mandate_id;
  const uint64_t revoked = network.Add(network.RevokeMandateObject(*mandate));
  mandate = network.directory().FindMandate(id);
  EXPECT_EQ(mandate->seq, granted);
  EXPECT_FALSE(mandate->Stands(granted));
  EXPECT_TRUE(mandate->Stands(granted + 1));
  EXPECT_TRUE(mandate->Stands(revoked));
  EXPECT_FALSE(mandate->Stands(revoked + 1));
  EXPECT_FALSE(mandate->Stands());
}

TEST(History, PrekeyIsFoundFromWhenItWasLogged) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& device = network.device("politie/wijkagent");
  const Directory& directory = network.directory();
  const PrekeyEntry* prekey = directory.PrekeyFor(device.id, "naam", kNow);
  ASSERT_NE(prekey, nullptr);
  EXPECT_EQ(directory.PrekeyFor(device.id, "naam", kNow, prekey->seq), nullptr);
  EXPECT_EQ(directory.PrekeyFor(device.id, "naam", kNow, prekey->seq + 1), prekey);
}

TEST(History, FactsTellAuthorityAndKeysApart) {
  TestNetwork network = TestNetwork::Example(kNow);
  const Member& member = *network.directory().FindMember(network.member("politie/wijkagent"));
  const DirSize seen = network.directory().size();  // by the sender
  const TestDevice& second = network.AddDevice("politie/wijkagent");
  const DirSize enrolled = network.directory().size();
  network.Add(network.RevokeDeviceObject(network.device("politie/wijkagent")));
  network.Add(network.RevokeDeviceObject(second));
  network.Add(network.RevokeMandateObject(*network.directory().MandatesOf(member.ref)[0]));
  const auto facts = [&](DirSize authority, DirSize keys) {
    return MemberFactsOf(network.directory(), *network.directory().FindMember(member.ref), kNow,
                         AsOf{authority, keys});
  };
  EXPECT_EQ(facts(enrolled, seen).devices.size(), 1u);
  EXPECT_EQ(facts(enrolled, seen).devices[0].id, network.device("politie/wijkagent").id);
  EXPECT_EQ(facts(enrolled, enrolled).devices.size(), 2u);
  EXPECT_EQ(facts(kNewest, enrolled).devices.size(), 2u);
  EXPECT_THAT(facts(enrolled, kNewest).devices, IsEmpty());
  EXPECT_FALSE(facts(enrolled, kNewest).revoked);
  EXPECT_EQ(facts(enrolled, kNewest).mandates.size(), 1u);
  EXPECT_TRUE(facts(kNewest, seen).revoked);
  EXPECT_TRUE(facts(kNewest, seen).known);
  EXPECT_THAT(facts(kNewest, seen).mandates, IsEmpty());
  EXPECT_FALSE(facts(1, seen).known);
}

TEST(History, FactsAboutNameTheVersionAndOrdersOfTheirTime) {
  TestNetwork network = TestNetwork::Example(kNow);
  const DirSize start = network.directory().size();
  network.Add(network.RestrictChannelObject("case", Level::kL1));
  const DirSize restricted = network.directory().size();
  network.Add(network.SuccessorObject());
  const auto facts = [&](DirSize authority) {
    return FactsAbout(network.directory(), {}, kNow, AsOf{authority, start});
  };
  EXPECT_EQ(facts(start).convenant->version(), 1u);
  EXPECT_THAT(facts(start).restrictions, IsEmpty());
  ASSERT_EQ(facts(restricted).restrictions.size(), 1u);
  EXPECT_EQ(facts(restricted).restrictions[0].channel, "case");
  EXPECT_EQ(facts(kNewest).convenant->version(), 2u);
  EXPECT_THAT(facts(kNewest).restrictions, IsEmpty());
  EXPECT_TRUE(facts(kNewest).convenant_active);
  EXPECT_FALSE(facts(0).convenant_active);
}

TEST(LeafIndexes, TellHowManyObjectsCameBefore) {
  Directory directory = Net().directory();
  ASSERT_GT(directory.size(), 4u);
  EXPECT_EQ(directory.SetLeafIndex(1, 5).code(), StatusCode::kInvalidArgument) << "not in order";
  ASSERT_TRUE(directory.SetLeafIndex(0, 0).ok());
  EXPECT_EQ(directory.SetLeafIndex(0, 5).code(), StatusCode::kInvalidArgument) << "twice";
  EXPECT_EQ(directory.SetLeafIndex(1, 0).code(), StatusCode::kInvalidArgument) << "does not rise";
  ASSERT_TRUE(directory.SetLeafIndex(1, 7).ok());
  ASSERT_TRUE(directory.SetLeafIndex(2, 8).ok());
  EXPECT_THAT(directory.leaf_indexes(), ElementsAre(0, 7, 8));
  EXPECT_EQ(directory.SizeAtLeaf(0), 0u);
  EXPECT_EQ(directory.SizeAtLeaf(1), 1u);
  EXPECT_EQ(directory.SizeAtLeaf(7), 1u);
  EXPECT_EQ(directory.SizeAtLeaf(8), 2u);
  EXPECT_EQ(directory.SizeAtLeaf(9), directory.size()) << "those not told may have come before";
  for (uint64_t seq = 3; seq < directory.size(); ++seq)
    ASSERT_TRUE(directory.SetLeafIndex(seq, seq * 10).ok());
  EXPECT_EQ(directory.SizeAtLeaf(9), 3u);
  EXPECT_EQ(directory.SizeAtLeaf((directory.size() - 1) * 10), directory.size() - 1);
  EXPECT_EQ(directory.SizeAtLeaf(directory.size() * 10), directory.size());
  EXPECT_EQ(directory.SetLeafIndex(directory.size(), 1 << 20).code(), StatusCode::kInvalidArgument);
}

TEST(Directory, TellsTheChainHashOfEverySize) {
  Directory directory;
  EXPECT_EQ(*directory.ChainHashAt(0), Digest{});
  EXPECT_EQ(directory.ChainHashAt(1), nullptr);
  for (size_t i = 0; i < 5; ++i) ASSERT_TRUE(directory.Add(Net().objects()[i], kNow).ok());
  for (size_t i = 0; i <= 5; ++i) {
    EXPECT_EQ(*directory.ChainHashAt(i), *Net().directory().ChainHashAt(i));
  }
  EXPECT_EQ(*directory.ChainHashAt(5), directory.chain_hash());
}

// Whoever is shown who signs a log, and of the rest no more than the chain.
TEST(History, GoesOnAfterObjectsThatAreNotKnown) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.Add(network.TrustUpdateObject());
  network.AddDevice("politie/nieuw");
  network.Add(network.SuccessorObject());
  network.AddDevice("politie/nieuw");
  const Directory& whole = network.directory();
  Directory known;
  for (const uint64_t seq : whole.change_seqs()) {
    ASSERT_TRUE(known.SkipTo(seq, *whole.ChainHashAt(seq)).ok()) << seq;
    ASSERT_TRUE(known.Add(network.objects()[seq], absl::InfinitePast()).ok()) << seq;
    EXPECT_EQ(known.chain_hash(), *whole.ChainHashAt(seq + 1));
  }
  EXPECT_EQ(known.change_seqs(), whole.change_seqs());
  EXPECT_EQ(known.convenant_hash(), whole.convenant_hash());
  ASSERT_EQ(known.log_identities().size(), 2u);
  EXPECT_EQ(known.log_identities()[1].key, whole.log_identities()[1].key);
  EXPECT_EQ(known.log_identities()[1].seq, whole.log_identities()[1].seq);
  const uint64_t last = whole.change_seqs().back();
  EXPECT_EQ(*known.ChainHashAt(0), Digest{});
  EXPECT_EQ(*known.ChainHashAt(last), *whole.ChainHashAt(last));
  EXPECT_EQ(*known.ChainHashAt(last + 1), *whole.ChainHashAt(last + 1));
  EXPECT_EQ(known.ChainHashAt(2), nullptr) << "skipped";
  EXPECT_EQ(known.ChainHashAt(last - 1), nullptr) << "skipped";
  EXPECT_EQ(known.ChainHashAt(last + 2), nullptr) << "past its end";
  EXPECT_EQ(known.SeqOf(View(crypto::Sha256(network.objects()[last]))), last);
  EXPECT_EQ(known.SeqOf(View(crypto::Sha256(network.objects()[2]))), std::nullopt);
  EXPECT_EQ(known.SkipTo(last, *whole.ChainHashAt(last)).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(known.SkipTo(last + 1, *whole.ChainHashAt(last)).code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(known.SkipTo(uint64_t{1} << 60, *whole.ChainHashAt(last)).ok()) << "costs nothing";
  EXPECT_EQ(known.ChainHashAt(uint64_t{1} << 59), nullptr);
}

}  // namespace
}  // namespace seinpost::trust
