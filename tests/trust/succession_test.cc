// SPDX-License-Identifier: EUPL-1.2
// Version n+1 of a convenant under the keys of version n, broken in one way at a time.
#include "trust/succession.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_replace.h"
#include "crypto/hash.h"
#include "tests/trust/versions.h"
#include "trust/strict.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using absl::StatusCode;
using test::kNow;
using test::TestDevice;
using test::TestNetwork;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kPoliceLines[] = "    kind: police\n";

void AddNieuw(std::string& yaml) { AddParty(yaml, "nieuw", kPoliceLines); }

// Who has yet to sign, from files alone.
std::vector<std::string> Missing(const Bytes& object, const policies::Convenant* previous) {
  const pb::SignedObject parsed = ParseSignedObject(object).value();
  const policies::Convenant next = ParseConvenant(parsed, "next.yaml").value();
  const auto missing = CheckSignatures(parsed, ConvenantSigners(previous, next), "convenant");
  EXPECT_TRUE(missing.ok()) << missing.status();
  return missing.ok() ? *missing : std::vector<std::string>{"?"};
}

TEST(Succession, TakesTheNextVersionSignedByAll) {
  TestNetwork network = TestNetwork::Example(kNow);
  const Digest first = network.directory().convenant_hash();
  const uint64_t seq = network.Add(network.SuccessorObject());
  const Directory& directory = network.directory();
  ASSERT_EQ(directory.versions().size(), 2u);
  EXPECT_EQ(directory.convenant()->version(), 2u);
  EXPECT_EQ(directory.convenant_hash(), crypto::Sha256(network.yaml()));
  EXPECT_EQ(directory.convenant_object(), network.objects().back());
  EXPECT_EQ(directory.versions()[1].seq, seq);
  EXPECT_EQ(directory.VersionAsOf(0), nullptr);
  EXPECT_EQ(directory.VersionAsOf(1)->convenant->version(), 1u);
  EXPECT_EQ(directory.VersionAsOf(seq)->convenant->version(), 1u);
  EXPECT_EQ(directory.VersionAsOf(seq + 1)->convenant->version(), 2u);
  EXPECT_EQ(directory.VersionAsOf(kNewest)->convenant->version(), 2u);
  EXPECT_EQ(directory.FindVersion(View(first))->convenant->version(), 1u);
  EXPECT_EQ(directory.FindVersion(Bytes(32, 'x')), nullptr);
}

TEST(Succession, WantsEverySignatureAndNoOther) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.NewRoot("politie");
  const std::string yaml = network.SuccessorYaml([](std::string& text) {
    AddNieuw(text);
    RemoveParty(text, "halt");
  });
  const policies::Convenant next = policies::Convenant::Parse(yaml, "next.yaml").value();
  const SignerKeys signers = ConvenantSigners(network.directory().convenant(), next);
  EXPECT_EQ(signers.size(), 11u);  // ten, without halt, with nieuw and politie/new
  EXPECT_EQ(signers.count("halt"), 0u);
  EXPECT_EQ(signers.count("school"), 0u);
  EXPECT_EQ(signers.count("nieuw"), 1u);
  EXPECT_EQ(signers.find("politie")->second, ToBytes(network.root("politie").public_key()));
  EXPECT_EQ(signers.count("politie/new"), 1u);
  ExpectTakenBy(network.directory(), network.SignedSuccessor(yaml), "all of them");

  const policies::Convenant* in_force = network.directory().convenant();
  EXPECT_THAT(Missing(network.SignedSuccessor(yaml), in_force), IsEmpty());
  for (const auto& entry : signers) {
    const std::string& signer = entry.first;
    const Bytes without = network.SignedSuccessor(yaml, {signer});
    ExpectRefusedBy(network.directory(), without, StatusCode::kPermissionDenied,
                    absl::StrCat("\"", signer, "\""), signer);
    EXPECT_THAT(Missing(without, in_force), ElementsAre(signer));
    // Somebody else in his place.
    const Bytes forged = AddSignature(without, signer, network.issuer("sass")).value();
    ExpectRefusedBy(network.directory(), forged, StatusCode::kPermissionDenied,
                    absl::StrCat("\"", signer, "\" does not fit its root key"), signer);
  }
  // The new key does not speak for the old one, nor the old for the new.
  ExpectRefusedBy(network.directory(),
                  AddSignature(network.SignedSuccessor(yaml), "politie/new", network.root("politie")).value(),
                  StatusCode::kPermissionDenied, "\"politie/new\" does not fit", "old key as the new one");
  for (const char* stranger : {"halt", "school", "elders", "sass/new", "nieuw/new"}) {
    const crypto::SigningKey& key = network.root("halt");
    ExpectRefusedBy(network.directory(), AddSignature(network.SignedSuccessor(yaml), stranger, key).value(),
                    StatusCode::kPermissionDenied, "has no place here", stranger);
  }
}

struct BadSuccessor {
  const char* name;
  std::function<void(std::string&)> spoil;  // of a finished successor
  StatusCode code;
  const char* text;
};

TEST(Succession, RefusesWhatDoesNotFollow) {
  TestNetwork network = TestNetwork::Example(kNow);
  const std::string good = network.SuccessorYaml();
  const std::string first_hash = ToHex(network.directory().convenant_hash());
  const std::string log_key = ToHex(network.log_key().public_key());
  const auto replace = [](std::string from, std::string to) {
    return [from = std::move(from), to = std::move(to)](std::string& yaml) {
      const std::string changed = absl::StrReplaceAll(yaml, {{from, to}});
      EXPECT_NE(changed, yaml) << from;
      yaml = changed;
    };
  };
  const BadSuccessor cases[] = {
      {"a gap", replace("version: 2", "version: 3"), StatusCode::kFailedPrecondition,
       "version 3 where 2 is next"},
      {"another id", replace("  id: plaats\n", "  id: plaats2\n"), StatusCode::kFailedPrecondition,
       "another convenant's id"},
      {"another history", replace(first_hash, std::string(64, 'a')), StatusCode::kFailedPrecondition,
       "`previous` is not the hash"},
      {"another log key", replace(log_key, ToHex(network.broker_key().public_key())),
       StatusCode::kFailedPrecondition, "trust.log_key is not the key of the log in force"},
      {"an unknown suite", replace("  suite: 1\n", "  suite: 0\n"), StatusCode::kInvalidArgument, "suite"},
      {"text that does not parse", replace("  kind: CONVENANT", "  sort: CONVENANT"),
       StatusCode::kInvalidArgument, "sort"},
  };
  for (const BadSuccessor& c : cases) {
    std::string yaml = good;
    c.spoil(yaml);
    Bytes object;
    for (const auto& entry : RootKeys(network.convenant())) {
      object = AddConvenantSignature(yaml, object, entry.first, network.root(entry.first)).value();
    }
    ExpectRefusedBy(network.directory(), object, c.code, c.text, c.name);
  }
  ExpectTakenBy(network.directory(), network.SignedSuccessor(good), "the control");
}

TEST(Succession, FirstValidSuccessorWinsAndNothingGoesBack) {
  TestNetwork network = TestNetwork::Example(kNow);
  const Bytes first = network.SuccessorObject();
  const Bytes second = network.SuccessorObject([](std::string& yaml) { RemoveParty(yaml, "halt"); });
  const Bytes version_1 = network.objects()[0];
  ExpectTakenBy(network.directory(), second, "either could have been");
  network.Add(first);
  ExpectRefusedBy(network.directory(), second, StatusCode::kFailedPrecondition, "version 2 where 3 is next",
                  "the loser");
  const Bytes third = network.SuccessorObject();
  network.Add(third);
  EXPECT_EQ(network.directory().convenant()->version(), 3u);
  Directory copy = network.directory();
  for (const Bytes& old : {version_1, first}) {
    EXPECT_EQ(copy.Add(old, kNow).code(), StatusCode::kAlreadyExists);
  }
  EXPECT_EQ(copy.convenant()->version(), 3u);
}

// The same names under other keys: by whoever could not get the signatures.
TEST(Succession, RefusesASelfMadeSuccessor) {
  TestNetwork network = TestNetwork::Example(kNow);
  std::string yaml = network.SuccessorYaml();
  std::map<std::string, crypto::SigningKey> mine;
  for (const auto& entry : RootKeys(network.convenant())) {
    const auto made = mine.emplace(
        entry.first,
        crypto::SigningKey::FromSeed(TestNetwork::SecretNamed(absl::StrCat("mine ", entry.first))));
    yaml = absl::StrReplaceAll(yaml, {{ToHex(entry.second), ToHex(made.first->second.public_key())}});
  }
  Bytes as_old, as_both;
  for (const auto& [party, key] : mine) {
    as_old = AddConvenantSignature(yaml, as_old, party, key).value();
    as_both = AddConvenantSignature(yaml, as_both, party, key).value();
    as_both = AddConvenantSignature(yaml, as_both, absl::StrCat(party, "/new"), key).value();
  }
  ExpectRefusedBy(network.directory(), as_old, StatusCode::kPermissionDenied, "does not fit its root key",
                  "under the old names");
  ExpectRefusedBy(network.directory(), as_both, StatusCode::kPermissionDenied, "does not fit its root key",
                  "under both");
}

TEST(Succession, ChangedRootVouchesFromThenOn) {
  TestNetwork network = TestNetwork::Example(kNow);
  const Bytes old_issuer_again = [&] {
    pb::IssuerCertificate body;
    body.set_version(1);
    body.set_organisation("politie");
    body.set_issuer_pk(ToBytes(network.root("sass").public_key()));
    body.set_not_before(absl::ToUnixSeconds(kNow));
    body.set_not_after(absl::ToUnixSeconds(kNow + absl::Hours(24)));
    body.set_serial(~uint64_t{0});
    return SignObject(pb::OBJECT_KIND_ISSUER_CERTIFICATE, StrictSerialize(body), "politie",
                      network.root("politie"));
  }();
  network.NewRoot("politie");
  const Bytes successor = network.SuccessorObject();
  Directory robbed = network.directory();
  ASSERT_TRUE(robbed.Add(old_issuer_again, kNow).ok());  // by whoever stole the old root
  EXPECT_EQ(robbed.NextIssuerSerial("politie"), 0u);     // no serial is left
  ASSERT_TRUE(robbed.Add(successor, kNow).ok());
  EXPECT_EQ(robbed.NextIssuerSerial("politie"), 1u);  // but the new root begins anew

  network.Add(successor);
  ExpectRefusedBy(network.directory(), old_issuer_again, StatusCode::kPermissionDenied,
                  "does not fit the root key", "issuer under the old root");
  ExpectTakenBy(robbed, network.IssuerObject("politie"), "issuer under the new root");
  // What the issuer in force signs still counts, and so does who was certified.
  EXPECT_TRUE(network.directory().FindDevice(network.device("politie/wijkagent").id)->ValidAt(kNow));
  ExpectTakenBy(network.directory(), network.RevokeDeviceObject(network.device("politie/wijkagent")),
                "a revocation");
}

TEST(Succession, PartyJoins) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.Add(network.SuccessorObject(AddNieuw));
  network.Add(network.IssuerObject("nieuw"));
  const TestDevice& device = network.AddDevice("nieuw/agent");
  EXPECT_TRUE(network.directory().MayAct(*network.directory().FindDevice(device.id), kNow));
}

TEST(Succession, PartyLeavesWithItsDevicesAndMandates) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& device = network.device("politie/wijkagent");
  const auto leave = [](std::string& yaml) { RemoveParty(yaml, "politie"); };
  const uint64_t seq = network.Add(network.SuccessorObject(leave));
  const Directory& directory = network.directory();
  const Device* known = directory.FindDevice(device.id);
  ASSERT_NE(known, nullptr);
  EXPECT_TRUE(directory.MayAct(*known, kNow, seq));
  EXPECT_FALSE(directory.MayAct(*known, kNow, seq + 1));
  EXPECT_FALSE(known->ValidAt(kNow));
  EXPECT_TRUE(directory.MandatesOf(device.member_ref)[0]->Stands(seq));
  EXPECT_FALSE(directory.MandatesOf(device.member_ref)[0]->Stands(seq + 1));
  EXPECT_TRUE(directory.MayAct(*directory.FindDevice(network.device("school/teamleider").id), kNow));
  ExpectRefusedBy(directory, network.PrekeyObject(device, "naam", 7), StatusCode::kPermissionDenied,
                  "is revoked", "prekey of one who left");
  ExpectRefusedBy(directory, network.RevokeDeviceObject(device), StatusCode::kPermissionDenied,
                  "no party of the convenant", "an issuer of one who left");

  // Back under the same name, it starts anew: another may stand behind that name now.
  network.NewRoot("politie");
  network.Add(network.SuccessorObject([](std::string& yaml) { AddParty(yaml, "politie", kPoliceLines); }));
  EXPECT_FALSE(directory.MayAct(*directory.FindDevice(device.id), kNow));
  ExpectRefusedBy(directory, network.RevokeDeviceObject(device), StatusCode::kNotFound, "has no issuer",
                  "the issuer of before");
  network.Add(network.IssuerObject("politie"));
  const TestDevice& fresh = network.AddDevice("politie/wijkagent");
  EXPECT_TRUE(directory.MayAct(*directory.FindDevice(fresh.id), kNow));
  EXPECT_FALSE(directory.MandatesOf(fresh.member_ref)[0]->Stands());
}

// Who leaves does not sign, so whoever stays must be more than half of those who signed.
TEST(Succession, AFewCannotLeaveAllTheOthersOut) {
  TestNetwork network = TestNetwork::Example(kNow);
  const size_t roots = RootKeys(network.convenant()).size();
  ASSERT_EQ(roots, 10u);
  std::vector<std::string> leaving = {"politie", "halt", "reclassering", "verslavingszorg", "straatcoaches"};
  const auto leave = [&](std::string& yaml) {
    for (const std::string& party : leaving) RemoveParty(yaml, party);
    yaml = absl::StrReplaceAll(yaml, {{"change_quorum: 6", "change_quorum: 5"}});
  };
  ExpectRefusedBy(network.directory(), network.SuccessorObject(leave), StatusCode::kFailedPrecondition,
                  "of the 10 that signed version 1, 5 stay, where 6 must", "half");
  leaving.pop_back();
  ExpectTakenBy(network.directory(), network.SuccessorObject(leave), "more than half");
}

// A party that another signs for: that one signs as long as the party stays.
TEST(Succession, SignatoryThatLeavesStillSignsForWhoStays) {
  TestNetwork network = TestNetwork::Example(kNow);
  const std::string yaml = network.SuccessorYaml([](std::string& text) {
    RemoveParty(text, "schoolbestuur");
    text = absl::StrReplaceAll(
        text, {{"under: schoolbestuur", "under: sass"},
               {"privacy_officers: [gemeente, schoolbestuur]", "privacy_officers: [gemeente, sass]"}});
  });
  ExpectRefusedBy(network.directory(), network.SignedSuccessor(yaml, {"schoolbestuur"}),
                  StatusCode::kPermissionDenied, "\"schoolbestuur\" is missing", "without the board");
  ExpectTakenBy(network.directory(), network.SignedSuccessor(yaml), "with the board");
}

TEST(Succession, PinOfALaterVersionVouchesForTheChain) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.Add(network.SuccessorObject());
  network.NewRoot("politie");
  network.Add(network.SuccessorObject());
  const Digest third = network.directory().convenant_hash();
  const Digest second = network.directory().versions()[1].hash;

  Directory good(Pin{3, third});
  for (const Bytes& object : network.objects()) {
    ASSERT_TRUE(good.Add(object, absl::InfinitePast()).ok());
  }
  EXPECT_EQ(good.chain_hash(), network.directory().chain_hash());

  Directory other(Pin{3, second});  // another third version was seen
  absl::Status status;
  for (const Bytes& object : network.objects()) {
    status = other.Add(object, absl::InfinitePast());
    if (!status.ok()) break;
  }
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "not the pinned one")) << status;
  EXPECT_EQ(other.convenant()->version(), 2u);
}

TEST(Succession, FirstVersionIsNumberOne) {
  TestNetwork network = TestNetwork::Example(kNow);
  const Bytes second = network.SuccessorObject();
  Directory empty;
  const absl::Status status = empty.Add(second, kNow);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "version 2 where 1 is next")) << status;
}

TEST(ConvenantSigners, OfTheFirstVersionAreAllRoots) {
  const TestNetwork network = TestNetwork::Example(kNow);
  EXPECT_THAT(Missing(network.objects()[0], nullptr), IsEmpty());
  const Bytes one = AddConvenantSignature(network.yaml(), "", "sass", network.root("sass")).value();
  EXPECT_EQ(Missing(one, nullptr).size(), 9u);
  EXPECT_EQ(RootKeys(network.convenant()), ConvenantSigners(nullptr, network.convenant()));
  EXPECT_EQ(ParseConvenant(ParseSignedObject(network.objects()[1]).value(), "x").status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace seinpost::trust
