// SPDX-License-Identifier: EUPL-1.2
#include "client/org/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "client/org/device_request.h"
#include "client/terminal/fingerprint.h"
#include "tests/client/admin_testing.h"
#include "tests/testing/network.h"
#include "trust/directory.h"

namespace seinpost::client {
namespace {

constexpr auto kStoreStrength = crypto::PassphraseStrength::kInteractive;
constexpr char kPassphrase[] = "correct horse";

// A party of the test network whose keys are in a store of its own: the convenant names the network's root,
// so the store is certified by that.
class OrgStoreTest : public testing::Test {
 protected:
  OrgStoreTest() : network_(test::TestNetwork::Example(test::TestNetwork::AnyTime())) {}

  OrgStore Make(const std::string& name, absl::string_view organisation) {
    return OrgStore::Create(directory_.Path(name), organisation, nullptr, kPassphrase, kStoreStrength)
        .value();
  }
  // A store of politie with an issuer that the directory knows.
  OrgStore MakePolice() {
    OrgStore store = Make("politie", "politie");
    EXPECT_TRUE(store.SetBroker("plaats", "127.0.0.1:1", "ca").ok());
    issuer_.emplace(
        store.MakeIssuer("politie", network_.root("politie"), network_.now(), kPassphrase, kStoreStrength)
            .value());
    return store;
  }
  // In the network's directory politie has an issuer already, with serial 1.
  trust::Directory FreshDirectory() const {
    trust::Directory directory;
    EXPECT_TRUE(directory.Add(network_.objects()[0], network_.now()).ok());
    return directory;
  }
  OrgData::Device Issue(OrgStore& store, absl::string_view organisation, absl::string_view handle) {
    const crypto::SigningKey device = crypto::SigningKey::Generate();
    return store
        .Issue(trust::MakeDeviceRequest(organisation, handle, network_.now(), device), network_.now(),
               network_.now() + absl::Hours(24), *issuer_)
        .value();
  }

  TemporaryDirectory directory_;
  test::TestNetwork network_;
  std::optional<crypto::SigningKey> issuer_;
};

TEST_F(OrgStoreTest, RootKeyIsTheOneThatWasSealed) {
  const crypto::SigningKey root = crypto::SigningKey::Generate();
  {
    ASSERT_TRUE(OrgStore::Create(directory_.Path("a"), "politie", &root, kPassphrase, kStoreStrength).ok());
  }
  const OrgStore store = OrgStore::Open(directory_.Path("a")).value();
  EXPECT_EQ(store.data().root_key, ToBytes(root.public_key()));
  EXPECT_EQ(store.Root(kPassphrase).value().public_key(), root.public_key());
  EXPECT_EQ(store.Root("another").status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(store.Issuer(kPassphrase).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(OrgStoreTest, DoesNotOverwriteAKeyDirectory) {
  {
    Make("a", "politie");
  }
  EXPECT_EQ(
      OrgStore::Create(directory_.Path("a"), "politie", nullptr, kPassphrase, kStoreStrength).status().code(),
      absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(OrgStore::Open(directory_.Path("nowhere")).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(OrgStoreTest, RefusesAKeyFileOfAnotherDirectory) {
  const crypto::SigningKey one = crypto::SigningKey::Generate(), two = crypto::SigningKey::Generate();
  {
    ASSERT_TRUE(OrgStore::Create(directory_.Path("a"), "politie", &one, kPassphrase, kStoreStrength).ok());
  }
  {
    ASSERT_TRUE(OrgStore::Create(directory_.Path("b"), "sass", &two, kPassphrase, kStoreStrength).ok());
  }
  std::filesystem::copy_file(directory_.Path("b/root.sealed"), directory_.Path("a/root.sealed"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(OrgStore::Open(directory_.Path("a")).value().Root(kPassphrase).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(OrgStoreTest, EverythingItSignsIsTakenByADirectory) {
  OrgStore store = MakePolice();
  const OrgData::Device device = Issue(store, "politie", "wijkagent");
  const OrgData::Device second = Issue(store, "politie", "wijkagent");
  GrantRequest grant{"wijkagent",          "ward_officer", {"school-b", "school-a", "school-b"},
                     policies::Level::kL2, network_.now(), network_.now() + absl::Hours(1)};
  const OrgData::Mandate mandate = store.Grant(grant, *issuer_).value();
  ASSERT_TRUE(store.EndMandate(mandate.id, network_.now(), *issuer_).ok());
  ASSERT_TRUE(store.RevokeDevice(second.id, network_.now(), *issuer_).ok());

  trust::Directory directory = FreshDirectory();
  ASSERT_EQ(store.data().pending.size(), 6u);
  for (const Bytes& object : store.data().pending) {
    EXPECT_TRUE(directory.Add(object, network_.now()).ok()) << directory.Add(object, network_.now());
  }
  const trust::Member* member = directory.FindMember("politie", "wijkagent");
  ASSERT_NE(member, nullptr);
  EXPECT_EQ(member->devices,
            (std::vector<trust::DeviceId>{device.id, second.id}));  // one member, two devices
  EXPECT_TRUE(directory.FindDevice(second.id)->revoked_at_seq.has_value());
  EXPECT_FALSE(directory.FindDevice(device.id)->revoked_at_seq.has_value());
  ASSERT_EQ(directory.MandatesOf(member->ref).size(), 1u);
  EXPECT_TRUE(directory.MandatesOf(member->ref)[0]->revoked_at_seq);
  EXPECT_EQ(directory.MandatesOf(member->ref)[0]->scopes, (std::vector<std::string>{"school-a", "school-b"}));
}

TEST_F(OrgStoreTest, NothingIsLostBetweenSigningAndPublishing) {
  {
    OrgStore store = MakePolice();
    Issue(store, "politie", "wijkagent");
  }
  OrgStore store = OrgStore::Open(directory_.Path("politie")).value();
  EXPECT_EQ(store.data().pending.size(), 2u);
  ASSERT_TRUE(store.MarkPublished(1).ok());
  EXPECT_EQ(store.data().pending.size(), 1u);
  EXPECT_EQ(store.Issuer(kPassphrase).value().public_key(), issuer_->public_key());
}

TEST_F(OrgStoreTest, WhatTheBrokerRefusesIsUndone) {
  OrgStore store = MakePolice();
  const OrgData::Device device = Issue(store, "politie", "wijkagent");
  ASSERT_TRUE(store.RevokeDevice(device.id, network_.now(), *issuer_).ok());
  ASSERT_TRUE(store.DropPending(2, "no", network_.now()).ok());
  EXPECT_EQ(store.data().revocation_number, 0u);
  EXPECT_FALSE(store.data().devices[0].revoked);
  EXPECT_TRUE(store.RevokeDevice(device.id, network_.now(), *issuer_).ok());
  ASSERT_TRUE(store.DropPending(1, "no", network_.now()).ok());
  EXPECT_TRUE(store.data().devices.empty());
}

// Until it is published nothing has happened, and saying it again says nothing new.
TEST_F(OrgStoreTest, WhatIsPendingIsNotDoneAndNotDoneTwice) {
  OrgStore store = MakePolice();
  const OrgData::Device device = Issue(store, "politie", "wijkagent");
  ASSERT_TRUE(store.MarkPublished(2).ok());
  ASSERT_TRUE(store.RevokeDevice(device.id, network_.now(), *issuer_).ok());
  EXPECT_TRUE(store.data().Waits(v1::OBJECT_KIND_REVOCATION, device.id));
  EXPECT_TRUE(store.RevokeDevice(device.id, network_.now(), *issuer_).ok());
  EXPECT_EQ(store.data().pending.size(), 1u);
  ASSERT_TRUE(store.MarkPublished(1).ok());
  EXPECT_FALSE(store.data().Waits(v1::OBJECT_KIND_REVOCATION, device.id));
  EXPECT_EQ(store.RevokeDevice(device.id, network_.now(), *issuer_).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(OrgStoreTest, PendingRevocationsAreNumberedAnew) {
  OrgStore store = MakePolice();
  const OrgData::Device first = Issue(store, "politie", "wijkagent");
  const OrgData::Device second = Issue(store, "politie", "wijkagent");
  ASSERT_TRUE(store.RevokeDevice(first.id, network_.now(), *issuer_).ok());
  ASSERT_TRUE(store.RevokeDevice(second.id, network_.now(), *issuer_).ok());
  ASSERT_TRUE(store.DropPending(3, "no such device", network_.now()).ok());
  ASSERT_TRUE(store.RenumberPending(1, *issuer_).ok());
  EXPECT_EQ(store.data().revocation_number, 1u);
  EXPECT_EQ(store.data().refused.size(), 1u);
  EXPECT_EQ(store.data().refused[0].id, first.id);
  EXPECT_FALSE(store.data().devices[0].revoked);
  trust::Directory directory = FreshDirectory();
  for (const Bytes& object : store.data().pending) {
    const absl::Status added = directory.Add(object, network_.now());
    EXPECT_TRUE(added.ok()) << added;
  }
  EXPECT_TRUE(directory.FindDevice(second.id)->revoked_at_seq.has_value());
}

TEST_F(OrgStoreTest, RefusesWhatMakesNoSense) {
  OrgStore store = MakePolice();
  const crypto::SigningKey key = crypto::SigningKey::Generate();
  const auto foreign = trust::MakeDeviceRequest("sass", "coordinator", network_.now(), key);
  EXPECT_EQ(store.Issue(foreign, network_.now(), network_.now() + absl::Hours(1), *issuer_).status().code(),
            absl::StatusCode::kFailedPrecondition);
  auto altered = trust::MakeDeviceRequest("politie", "wijkagent", network_.now(), key);
  altered.signature[3] = static_cast<char>(altered.signature[3] ^ 1);
  EXPECT_EQ(store.Issue(altered, network_.now(), network_.now() + absl::Hours(1), *issuer_).status().code(),
            absl::StatusCode::kPermissionDenied);
  const auto request = trust::MakeDeviceRequest("politie", "wijkagent", network_.now(), key);
  const auto issued = store.Issue(request, network_.now(), network_.now() + absl::Hours(1), *issuer_);
  ASSERT_TRUE(issued.ok()) << issued.status();
  const std::vector<Bytes> pending = store.data().pending;
  // The same that waits, as long as it waits.
  const auto again = store.Issue(request, network_.now(), network_.now() + absl::Hours(1), *issuer_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->id, issued->id);
  EXPECT_EQ(store.data().pending, pending);
  ASSERT_TRUE(store.MarkPublished(pending.size(), Bytes(32, 'h')).ok());
  EXPECT_EQ(store.Issue(request, network_.now(), network_.now() + absl::Hours(1), *issuer_).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(store.Grant({.handle = "nobody"}, *issuer_).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store.EndMandate(Bytes(16, 'x'), network_.now(), *issuer_).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store.RevokeDevice(Bytes(16, 'x'), network_.now(), *issuer_).code(), absl::StatusCode::kNotFound);
}

TEST_F(OrgStoreTest, OrgJsonReadsBackAndRefusesDamage) {
  OrgStore store = MakePolice();
  Issue(store, "politie", "wijkagent");
  const std::string text = EncodeOrgData(store.data());
  EXPECT_EQ(EncodeOrgData(DecodeOrgData(text).value()), text);
  for (size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_FALSE(DecodeOrgData(text.substr(0, size)).ok()) << size;
  }
  for (const char* field :
       {"\"format\"", "\"issuer_key\"", "\"pending\"", "\"revocation_number\"", "\"devices\""}) {
    std::string other = text;
    other.replace(other.find(field) + 1, 1, "x");
    EXPECT_FALSE(DecodeOrgData(other).ok()) << field;
  }
}

TEST(Fingerprint, IsTheHashInGroupsOfFour) {
  // SHA-256 of 32 zero bytes.
  EXPECT_EQ(Fingerprint(Bytes(32, '\0')),
            "6668 7aad f862 bd77 6c8f c18b 8e9f 8e20 0897 1485 6ee2 33b3 902a 591d 0d5f 2925");
}

TEST(DeviceRequestFile, ReadsBackAndRefusesDamage) {
  const crypto::SigningKey key = crypto::SigningKey::Generate();
  const trust::SignedDeviceRequest request =
      trust::MakeDeviceRequest("politie", "wijkagent", absl::FromUnixSeconds(1'795'000'000), key);
  const std::string text = EncodeDeviceRequest(request);
  const trust::SignedDeviceRequest again = DecodeDeviceRequest(text).value();
  EXPECT_EQ(again.request, request.request);
  EXPECT_EQ(again.signature, request.signature);
  EXPECT_TRUE(trust::CheckDeviceRequest(again).ok());
  for (size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = static_cast<char>(other[i] ^ 1);
    const absl::StatusOr<trust::SignedDeviceRequest> damaged = DecodeDeviceRequest(other);
    EXPECT_TRUE(!damaged.ok() || !trust::CheckDeviceRequest(*damaged).ok() ||
                (damaged->request == request.request && damaged->signature == request.signature))
        << "byte " << i;
  }
  EXPECT_FALSE(DecodeDeviceRequest("[]").ok());
  EXPECT_FALSE(DecodeDeviceRequest("{\"format\":1,\"request\":\"\",\"signature\":\"\"}").ok());
}

}  // namespace
}  // namespace seinpost::client
