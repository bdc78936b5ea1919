// SPDX-License-Identifier: EUPL-1.2
// A lost root key: proposal, 72 hours in public, two notes of the log as evidence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/checkpoint.h"
#include "crypto/hash.h"
#include "tests/trust/versions.h"
#include "trust/log_identity.h"
#include "trust/strict.h"
#include "trust/succession.h"
#include "util/secure_file.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using absl::StatusCode;
using test::kNow;
using test::TestNetwork;

const absl::Time kAfter = kNow + absl::Hours(80);

// Takes away that somebody else signs for a party.
void MakeSignatory(std::string& yaml, absl::string_view party) {
  const size_t begin = yaml.find("    under:", yaml.find(absl::StrCat("\n  ", party, ":\n")));
  yaml.erase(begin, yaml.find('\n', begin) + 1 - begin);
}

// politie lost its key: everybody else signs, and the new key.
struct LostKey {
  LostKey() : network(TestNetwork::Example(kNow)) {
    before = network.Checkpoint(1000, kNow);
    network.NewRoot("politie");
    yaml = network.SuccessorYaml();
    convenant = network.SignedSuccessor(yaml, {"politie"});
    proposal = MakeProposal(convenant).value();
  }
  // Logs the proposal, and takes the first note.
  void Propose() {
    network.Add(proposal);
    first = network.Checkpoint(1001, kNow);
  }
  Bytes SecondAt(absl::Duration after, uint64_t size = 1200) const {
    return network.Checkpoint(size, kNow + after);
  }
  Bytes Activation(const Bytes& a, const Bytes& b) const { return MakeActivation(proposal, a, b).value(); }

  TestNetwork network;
  std::string yaml;
  Bytes before, first, convenant, proposal;
};

TEST(LostKey, IsReplacedAfterThreeDaysInPublic) {
  LostKey lost;
  lost.Propose();
  ASSERT_EQ(lost.network.directory().proposals().size(), 1u);
  const Proposal& open = lost.network.directory().proposals()[0];
  EXPECT_EQ(open.version, 2u);
  EXPECT_EQ(open.lost, std::vector<std::string>{"politie"});
  EXPECT_EQ(open.hash, crypto::Sha256(lost.yaml));
  lost.network.AddDevice("school/nieuw");  // life goes on
  const Bytes activation = lost.Activation(lost.first, lost.SecondAt(kPublicDelay));
  Directory directory = lost.network.directory();
  ASSERT_TRUE(directory.Add(activation, kAfter).ok());
  EXPECT_EQ(directory.convenant()->version(), 2u);
  EXPECT_TRUE(directory.proposals().empty());

  // Whoever loads the chain later needs nothing else.
  Directory again(Pin{1, directory.versions()[0].hash});
  for (const Bytes& object : lost.network.objects()) {
    ASSERT_TRUE(again.Add(object, absl::InfinitePast()).ok());
  }
  EXPECT_TRUE(again.Add(activation, absl::InfinitePast()).ok());
  EXPECT_EQ(again.chain_hash(), directory.chain_hash());
}

TEST(LostKey, RefusesEvidenceThatShowsNoDelay) {
  LostKey lost;
  lost.Propose();
  const TestNetwork& network = lost.network;
  const Bytes good = lost.SecondAt(kPublicDelay);
  TestNetwork another = TestNetwork::Example(kNow);
  another.AddDevice("school/anders");
  const auto note = [&](auto change, const crypto::SigningKey& key) {
    audit::Checkpoint checkpoint;
    checkpoint.origin = LogOrigin("plaats");
    checkpoint.size = 1200;
    checkpoint.directory = audit::DirectoryHead{network.directory().size(), network.directory().chain_hash()};
    checkpoint.time = kNow + kPublicDelay;
    change(checkpoint);
    return audit::SignCheckpoint(checkpoint, key);
  };
  const auto nothing = [](audit::Checkpoint&) {};
  ASSERT_TRUE(Directory(network.directory())
                  .Add(lost.Activation(lost.first, note(nothing, network.log_key())), kAfter)
                  .ok());
  const struct {
    const char* name;
    Bytes first, second;
    StatusCode code;
    const char* text;
  } cases[] = {
      {"a second too short", lost.first, lost.SecondAt(kPublicDelay - absl::Seconds(1)),
       StatusCode::kFailedPrecondition, "less than 72 hours"},
      {"the other way round", good, lost.first, StatusCode::kFailedPrecondition, "older than the first"},
      {"from before the proposal", lost.before, good, StatusCode::kFailedPrecondition,
       "does not hold the proposal"},
      {"a tree that shrank", lost.first, lost.SecondAt(kPublicDelay, 1000), StatusCode::kFailedPrecondition,
       "older than the first"},
      {"a directory that shrank", lost.first,
       note(
           [&](audit::Checkpoint& c) {
             --c.directory->seq;
             c.directory->hash = *network.directory().ChainHashAt(c.directory->seq);
           },
           network.log_key()),
       StatusCode::kFailedPrecondition, "older than the first"},
      {"another log", lost.first, note(nothing, network.broker_key()), StatusCode::kPermissionDenied,
       "not a note of this log"},
      {"another origin", lost.first,
       note([](audit::Checkpoint& c) { c.origin = "seinpost/elders"; }, network.log_key()),
       StatusCode::kPermissionDenied, "not a note of this log"},
      {"another directory", lost.first,
       note([](audit::Checkpoint& c) { c.directory->hash = Digest{}; }, network.log_key()),
       StatusCode::kFailedPrecondition, "of another directory"},
      {"a longer directory", lost.first,
       note([](audit::Checkpoint& c) { ++c.directory->seq; }, network.log_key()),
       StatusCode::kFailedPrecondition, "of a longer directory"},
      {"not a note", "first", good, StatusCode::kPermissionDenied, "not a note of this log"},
      {"a time yet to come", lost.first, lost.SecondAt(absl::Hours(90)), StatusCode::kFailedPrecondition,
       "yet to come"},
  };
  for (const auto& c : cases) {
    ExpectRefusedBy(network.directory(), lost.Activation(c.first, c.second), c.code, c.text, c.name, kAfter);
  }
  ExpectRefusedBy(network.directory(), lost.convenant, StatusCode::kFailedPrecondition, "evidence: none",
                  "no evidence", kAfter);
}

TEST(LostKey, WantsTheProposalOfThisVeryFile) {
  LostKey lost;
  lost.Propose();
  const std::string other_yaml = absl::StrCat(lost.yaml, "# another\n");
  const Bytes other = MakeActivation(lost.network.SignedSuccessor(other_yaml, {"politie"}), lost.first,
                                     lost.SecondAt(kPublicDelay))
                          .value();
  ExpectRefusedBy(lost.network.directory(), other, StatusCode::kPermissionDenied, "no proposal",
                  "another file", kAfter);
  LostKey silent;
  ExpectRefusedBy(silent.network.directory(), silent.Activation(silent.before, silent.SecondAt(kPublicDelay)),
                  StatusCode::kPermissionDenied, "\"politie\" is missing, and no proposal", "no proposal",
                  kAfter);
}

TEST(LostKey, NeedsNoDelayOnceTheOldKeyIsFound) {
  LostKey lost;
  lost.Propose();
  const Bytes whole = lost.network.SignedSuccessor(lost.yaml);
  ExpectTakenBy(lost.network.directory(), whole, "with the old key");
  ExpectRefusedBy(lost.network.directory(),
                  MakeActivation(whole, lost.first, lost.SecondAt(kPublicDelay)).value(),
                  StatusCode::kInvalidArgument, "evidence: given where no key was lost", "both", kAfter);
}

TEST(Proposal, ClosesWithTheNextVersion) {
  LostKey lost;
  lost.Propose();
  const Bytes activation = lost.Activation(lost.first, lost.SecondAt(kPublicDelay));
  // Another successor, under the old keys, comes first.
  TestNetwork twin = TestNetwork::Example(kNow);
  const Bytes other = twin.SuccessorObject();
  lost.network.Add(other);
  EXPECT_TRUE(lost.network.directory().proposals().empty());
  ExpectRefusedBy(lost.network.directory(), activation, StatusCode::kFailedPrecondition,
                  "version 2 where 3 is next", "too late", kAfter);
}

TEST(Proposal, RefusesWhatIsNone) {
  LostKey lost;
  TestNetwork& network = lost.network;
  const Directory& directory = network.directory();
  const auto proposal = [&](const std::vector<std::string>& leave_out) {
    return MakeProposal(network.SignedSuccessor(lost.yaml, leave_out)).value();
  };
  ExpectTakenBy(directory, lost.proposal, "the control");
  EXPECT_EQ(VerifyConvenant(ParseSignedObject(lost.proposal).value()).status().code(),
            StatusCode::kInvalidArgument);
  ExpectRefusedBy(directory, proposal({}), StatusCode::kFailedPrecondition, "no signature is missing",
                  "nothing lost");
  ExpectRefusedBy(directory, proposal({"politie", "sass"}), StatusCode::kPermissionDenied,
                  "\"politie\" and that of \"sass\" is missing", "another party missing");
  ExpectRefusedBy(directory, proposal({"sass"}), StatusCode::kPermissionDenied, "\"sass\" is missing",
                  "a key that does not change");
  ExpectRefusedBy(directory, proposal({"politie", "politie/new"}), StatusCode::kPermissionDenied, "missing",
                  "without the new key");
  pb::SignedObject with_evidence = ParseSignedObject(lost.proposal).value();
  with_evidence.add_evidence("first");
  with_evidence.add_evidence("second");
  ExpectRefusedBy(directory, StrictSerialize(with_evidence), StatusCode::kInvalidArgument, "evidence",
                  "with evidence");
  // Two lost keys at once.
  network.NewRoot("sass");
  const std::string two = network.SuccessorYaml();
  ExpectRefusedBy(directory, MakeProposal(network.SignedSuccessor(two, {"politie", "sass"})).value(),
                  StatusCode::kPermissionDenied, "missing", "two lost keys");
  network.Add(lost.proposal);
  ExpectRefusedBy(directory, lost.proposal, StatusCode::kAlreadyExists, "", "twice");
}

// Who is to say that the key is lost may not be left out in the same go.
TEST(Proposal, LeavesNobodyOut) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.NewRoot("politie");
  const std::string next = network.SuccessorYaml([](std::string& text) { RemoveParty(text, "halt"); });
  ExpectTakenBy(network.directory(), network.SignedSuccessor(next), "with the old key");
  ExpectRefusedBy(network.directory(), MakeProposal(network.SignedSuccessor(next, {"politie"})).value(),
                  StatusCode::kPermissionDenied, "\"politie\" is missing", "without it");
}

// With one signatory nobody else could vouch for its new key.
TEST(Proposal, NeedsSomebodyElseOfTheVersionInForce) {
  std::string yaml = *ReadFile("tests/testing/convenants/plaats.yaml", 1 << 20);
  for (const char* party : {"schoolbestuur", "politie", "sass", "jongerenwerk", "wijkteam", "straatcoaches",
                            "halt", "reclassering", "verslavingszorg"}) {
    const size_t end = yaml.find('\n', yaml.find(absl::StrCat("\n  ", party, ":\n")) + 1);
    yaml.insert(end, "\n    under: gemeente");
  }
  TestNetwork network =
      TestNetwork::Make(yaml, *ReadFile("tests/testing/convenants/plaats.lab.yaml", 1 << 20), kNow);
  network.NewRoot("gemeente");
  const std::string next = network.SuccessorYaml([](std::string& text) { MakeSignatory(text, "politie"); });
  ExpectTakenBy(network.directory(), network.SignedSuccessor(next), "with the old key");
  ExpectRefusedBy(network.directory(), MakeProposal(network.SignedSuccessor(next, {"gemeente"})).value(),
                  StatusCode::kPermissionDenied, "\"gemeente\" is missing", "without it");
}

}  // namespace
}  // namespace seinpost::trust
