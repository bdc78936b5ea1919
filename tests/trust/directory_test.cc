// SPDX-License-Identifier: EUPL-1.2
#include "trust/directory.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "crypto/hash.h"
#include "tests/testing/network.h"
#include "trust/log_identity.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using test::kNow;
using test::TestDevice;
using test::TestNetwork;

TEST(Directory, TakesAWholeNetworkInOrder) {
  const TestNetwork network = TestNetwork::Example(kNow);
  const Directory& directory = network.directory();
  EXPECT_EQ(directory.size(), network.objects().size());
  EXPECT_EQ(directory.convenant()->id(), "plaats");
  EXPECT_EQ(directory.convenant_object(), network.objects()[0]);
  EXPECT_EQ(directory.convenant_hash(), crypto::Sha256(network.yaml()));
  EXPECT_EQ(directory.Members().size(), 9u);
}

TEST(Directory, GivesTheSameWhenLoadedAgainYearsLater) {
  const TestNetwork network = TestNetwork::Example(kNow);
  Directory again(Pin{1, crypto::Sha256(network.yaml())});
  for (const Bytes& object : network.objects()) ASSERT_TRUE(again.Add(object, absl::InfinitePast()).ok());
  EXPECT_EQ(again.chain_hash(), network.directory().chain_hash());
  EXPECT_EQ(again.size(), network.directory().size());
}

TEST(Directory, ChainsEveryObject) {
  const TestNetwork network = TestNetwork::Example(kNow);
  Directory directory;
  Digest chain{};
  EXPECT_EQ(directory.chain_hash(), chain);
  uint64_t seq = 0;
  for (const Bytes& object : network.objects()) {
    ASSERT_TRUE(directory.Add(object, kNow).ok());
    chain = crypto::Sha256Concat({U64(seq++), View(chain), View(crypto::Sha256(object))});
    EXPECT_EQ(directory.chain_hash(), chain);
  }
}

TEST(Directory, RefusesAnObjectTwiceAndStaysAsItWas) {
  TestNetwork network = TestNetwork::Example(kNow);
  Directory directory = network.directory();
  for (const Bytes& object : network.objects()) {
    EXPECT_EQ(directory.Add(object, kNow).code(), absl::StatusCode::kAlreadyExists);
  }
  EXPECT_EQ(directory.size(), network.directory().size());
  EXPECT_EQ(directory.chain_hash(), network.directory().chain_hash());
}

TEST(Directory, TakesTheConvenantFirst) {
  const TestNetwork network = TestNetwork::Example(kNow);
  Directory directory;
  EXPECT_EQ(directory.convenant(), nullptr);
  const absl::Status status = directory.Add(network.objects()[1], kNow);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "no convenant yet"));
}

TEST(Directory, TakesNoConvenantButThePinned) {
  const TestNetwork network = TestNetwork::Example(kNow);
  Directory other(Pin{1, crypto::Sha256("another file")});
  const absl::Status status = other.Add(network.objects()[0], kNow);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "pinned"));
  EXPECT_EQ(other.convenant(), nullptr);
}

TEST(Directory, TakesNoSecondConvenant) {
  TestNetwork network = TestNetwork::Example(kNow);
  Directory directory = network.directory();
  // Another file, signed by all with the same keys.
  const Bytes yaml = absl::StrReplaceAll(network.yaml(), {{"version: 1", "version: 1 "}});
  Bytes object;
  for (const auto& [id, party] : network.convenant().parties()) {
    if (party.root) object = AddConvenantSignature(yaml, object, id, network.root(id)).value();
  }
  ASSERT_TRUE(Directory().Add(object, kNow).ok());
  const absl::Status status = directory.Add(object, kNow);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "version 1 where 2 is next"));
}

// Self-made convenant with the same names and other keys: the pin tells them apart.
TEST(Directory, PinTellsASelfMadeConvenantApart) {
  const TestNetwork network = TestNetwork::Example(kNow);
  const Bytes key = ToBytes(network.root("politie").public_key());
  const crypto::SigningKey mine = crypto::SigningKey::FromSeed(TestNetwork::SecretNamed("mine"));
  const Bytes encodings[2][2] = {{ToHex(key), ToHex(mine.public_key())},
                                 {ToBase64(key), ToBase64(View(mine.public_key()))}};
  Bytes yaml = network.yaml();
  for (const auto& encoding : encodings) yaml = absl::StrReplaceAll(yaml, {{encoding[0], encoding[1]}});
  ASSERT_NE(yaml, network.yaml());
  Bytes object;
  for (const auto& [id, party] : network.convenant().parties()) {
    if (!party.root) continue;
    object = AddConvenantSignature(yaml, object, id, id == "politie" ? mine : network.root(id)).value();
  }
  EXPECT_TRUE(Directory().Add(object, kNow).ok());
  EXPECT_EQ(Directory(Pin{1, crypto::Sha256(network.yaml())}).Add(object, kNow).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(VerifyConvenant, WantsEverySignatureAndNoOther) {
  const TestNetwork network = TestNetwork::Example(kNow);
  const pb::SignedObject whole = ParseSignedObject(network.objects()[0]).value();
  ASSERT_TRUE(VerifyConvenant(whole).ok());
  for (int i = 0; i < whole.signatures_size(); ++i) {
    pb::SignedObject missing = whole;
    missing.mutable_signatures()->DeleteSubrange(i, 1);
    absl::Status status = VerifyConvenant(missing).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_TRUE(absl::StrContains(status.message(), whole.signatures(i).signer()));
    EXPECT_TRUE(absl::StrContains(status.message(), "missing"));

    pb::SignedObject swapped = whole;
    swapped.mutable_signatures(i)->set_signature(
        whole.signatures((i + 1) % whole.signatures_size()).signature());
    status = VerifyConvenant(swapped).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_TRUE(absl::StrContains(status.message(), "does not fit its root key")) << status;
  }
  pb::SignedObject extra = whole;
  pb::ObjectSignature* stranger = extra.add_signatures();
  stranger->set_signer("zz-stranger");
  stranger->set_signature(Bytes(64, 'x'));
  const absl::Status status = VerifyConvenant(extra).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(absl::StrContains(status.message(), "zz-stranger"));
}

// A school is signed for by its board: its own signature is one too many.
TEST(VerifyConvenant, TakesNoSignatureOfAPartyUnderAnother) {
  const TestNetwork network = TestNetwork::Example(kNow);
  const Bytes object =
      AddConvenantSignature(network.yaml(), network.objects()[0], "school", network.root("schoolbestuur"))
          .value();
  const absl::Status status = Directory().Add(object, kNow);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(absl::StrContains(status.message(), "\"school\""));
}

TEST(VerifyConvenant, RefusesAnExampleWithoutKeys) {
  const TestNetwork network = TestNetwork::Example(kNow);
  Bytes yaml;
  for (absl::string_view rest = network.yaml(); !rest.empty();) {
    const size_t end = rest.find('\n') + 1;
    const absl::string_view line = rest.substr(0, end);
    if (absl::StartsWith(line, "trust:")) break;
    if (!absl::StrContains(line, "root:")) yaml += Bytes(line);
    rest.remove_prefix(end);
  }
  const Bytes object = AddConvenantSignature(yaml, "", "politie", network.root("politie")).value();
  const absl::Status status = Directory().Add(object, kNow);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), "example")) << status;
}

TEST(Directory, FindsMembersDevicesAndMandates) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& first = network.device("school/zorgcoordinator");
  const TestDevice& second = network.AddDevice("school/zorgcoordinator");
  const Directory& directory = network.directory();
  const Member* member = directory.FindMember("school", "zorgcoordinator");
  ASSERT_NE(member, nullptr);
  EXPECT_EQ(member, directory.FindMember(first.member_ref));
  EXPECT_EQ(member->devices, (std::vector<DeviceId>{first.id, second.id}));
  EXPECT_EQ(directory.FindMember("school2", "teamleider"), nullptr);
  EXPECT_EQ(directory.FindMember(Bytes(16, 'x')), nullptr);
  EXPECT_EQ(directory.FindDevice(Bytes(16, 'x')), nullptr);
  EXPECT_EQ(directory.MembersOf("school").size(), 2u);
  EXPECT_EQ(directory.MembersOf("scho").size(), 0u);
  EXPECT_EQ(directory.Officers().size(), 2u);

  const auto mandates = directory.MandatesOf(network.member("sass/coordinator"));
  ASSERT_EQ(mandates.size(), 2u);
  EXPECT_EQ(mandates[0]->scopes, (std::vector<std::string>{"school-a"}));
  EXPECT_EQ(mandates[1]->scopes, (std::vector<std::string>{"school-b"}));
  EXPECT_EQ(directory.FindMandate(mandates[1]->mandate_id), mandates[1]);
  EXPECT_EQ(directory.MandatesOf(Bytes(16, 'x')).size(), 0u);
}

TEST(Directory, FindsThePrekeyOfTheMonth) {
  const TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& device = network.device("politie/wijkagent");
  const Directory& directory = network.directory();
  EXPECT_EQ(directory.PrekeysOf(device.id).size(), 20u);
  const PrekeyEntry* now = directory.PrekeyFor(device.id, "naam", kNow);
  const PrekeyEntry* later = directory.PrekeyFor(device.id, "naam", kNow + absl::Hours(31 * 24));
  ASSERT_NE(now, nullptr);
  ASSERT_NE(later, nullptr);
  EXPECT_NE(now, later);
  EXPECT_TRUE(now->OpenAt(kNow));
  EXPECT_FALSE(now->OpenAt(now->seal_until));
  EXPECT_EQ(directory.PrekeyFor(device.id, "naam", now->seal_until), later);
  EXPECT_EQ(directory.FindPrekey(now->prekey_id), now);
  EXPECT_EQ(directory.PrekeyFor(device.id, "naam", kNow + absl::Hours(365 * 24)), nullptr);
  EXPECT_EQ(directory.PrekeyFor(device.id, "geen", kNow), nullptr);
  EXPECT_EQ(directory.PrekeyFor(Bytes(16, 'x'), "naam", kNow), nullptr);
}

TEST(Directory, RevokesDevicesAndMandates) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& device = network.device("school/teamleider");
  EXPECT_TRUE(network.directory().FindDevice(device.id)->ValidAt(kNow));
  const uint64_t seq = network.Add(network.RevokeDeviceObject(device));
  EXPECT_FALSE(network.directory().FindDevice(device.id)->ValidAt(kNow));
  EXPECT_EQ(network.directory().FindDevice(device.id)->revoked_at_seq, seq);
  network.Add(network.RevokeMandateObject(*network.directory().MandatesOf(device.member_ref)[0]));
  EXPECT_TRUE(network.directory().MandatesOf(device.member_ref)[0]->revoked_at_seq);
  EXPECT_EQ(network.directory().NextRevocationNumber("school"), 3u);
  EXPECT_EQ(network.directory().NextRevocationNumber("politie"), 1u);
}

TEST(Directory, CopiesAreIndependent) {
  TestNetwork network = TestNetwork::Example(kNow);
  const Directory before = network.directory();
  network.AddDevice("school/nieuw");
  EXPECT_EQ(before.FindMember("school", "nieuw"), nullptr);
  EXPECT_NE(network.directory().FindMember("school", "nieuw"), nullptr);
  EXPECT_NE(before.chain_hash(), network.directory().chain_hash());
}

TEST(LogIdentity, ComesFromTheConvenant) {
  const TestNetwork network = TestNetwork::Example(kNow);
  EXPECT_EQ(LogOrigin("plaats"), "seinpost/plaats");
  const absl::StatusOr<FixedBytes<32>> key = LogKey(network.convenant());
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(*key, network.log_key().public_key());
}

}  // namespace
}  // namespace seinpost::trust
