// SPDX-License-Identifier: EUPL-1.2
// Acts between two versions: what is made, what it says, who signs it, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "audit/checkpoint.h"
#include "client/convenant/bundle.h"
#include "crypto/hash.h"
#include "tests/client/ceremony_testing.h"
#include "trust/directory.h"
#include "trust/log_identity.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;

const std::string kNewKey(64, '7');

class ConvenantActsTest : public CeremonyTest {
 protected:
  // The example with a change quorum of three.
  ConvenantActsTest() {
    EXPECT_TRUE(Draft().ok());
    const std::string draft = ReadWholeFile(Path("v1.yaml"));
    directory_.Write("v1.yaml", draft.find("change_quorum") == std::string::npos
                                    ? Replaced(draft, "  suite: 1\n", "  suite: 1\n  change_quorum: 3\n")
                                    : draft);
    quorum_ = ReadSignableConvenant(Path("v1.yaml")).value().convenant.trust()->change_quorum;
    bench_.Printed();
  }
  absl::Status Update(ConvenantTrustUpdateArgs args) {
    Context context = bench_.context();
    args.convenant_file = Path("v1.yaml");
    args.out = Path("update");
    return ConvenantTrustUpdate(context, args);
  }
  absl::Status Epoch(const std::string& check) {
    Context context = bench_.context();
    return ConvenantEpoch(context, {.check_file = directory_.Write("check.json", check),
                                    .checkpoint = "",
                                    .convenant_file = Path("v1.yaml"),
                                    .out = Path("epoch")});
  }
  // What a broker prints whose log had `anchored` leaves and has `left`.
  std::string Check(const std::string& origin, uint64_t anchored, uint64_t left) const {
    audit::Checkpoint checkpoint{.origin = origin, .size = anchored};
    checkpoint.directory = audit::DirectoryHead{.seq = 20, .hash = {}};
    checkpoint.time = bench_.clock.Now();
    const Bytes note = audit::SignCheckpoint(checkpoint, roots_.at("politie"));
    const ParsedJson json{{"convenant", "plaats"},
                          {"size", left},
                          {"anchor", ParsedJson{{"size", anchored}, {"note", note}}},
                          {"writable", false},
                          {"reason", "the log is shorter than its anchor"},
                          {"lost", ParsedJson{{"first", left}, {"end", anchored}}},
                          {"directory_size", 18},
                          {"log_key", std::string(64, '2')},
                          {"next_log_key", kNewKey}};
    return json.dump() + "\n";
  }

  size_t quorum_ = 0;
};

TEST_F(ConvenantActsTest, TrustUpdateIsSignedByTheQuorumThatTheConvenantStates) {
  ASSERT_TRUE(Update({.log_key = kNewKey, .number = 1}).ok());
  const ParsedJson made = bench_.Printed();
  EXPECT_EQ(made["lacking"], quorum_);
  EXPECT_THAT(made["says"].get<std::string>(), HasSubstr(kNewKey));
  ASSERT_GE(quorum_, 2u);
  for (size_t i = 0; i < quorum_; ++i) {
    ASSERT_TRUE(Sign("update", parties_[i], "v1.yaml").ok());
    const ParsedJson printed = bench_.Printed();
    EXPECT_EQ(printed["lacking"], quorum_ - i - 1);
    EXPECT_EQ(printed["missing"].size(), parties_.size() - i - 1);
    EXPECT_THAT(printed["says"].get<std::string>(), HasSubstr(kNewKey));  // they see what they sign
  }
  const v1::SignedObject object = trust::ParseSignedObject(ReadWholeFile(Path("update.sig"))).value();
  EXPECT_EQ(object.kind(), v1::OBJECT_KIND_TRUST_UPDATE);
  EXPECT_EQ(object.signatures_size(), static_cast<int>(quorum_));
}

TEST_F(ConvenantActsTest, TrustUpdateNamesWitnessesAndTheirQuorum) {
  const std::string one = std::string(64, '3'), two = std::string(64, '4');
  ASSERT_TRUE(
      Update({.witnesses = {"b.example/w=" + two, "a.example/w=" + one}, .witness_quorum = 2, .number = 4})
          .ok());
  const Document document = ReadDocument(Path("update")).value();
  v1::TrustUpdate body;
  ASSERT_TRUE(body.ParseFromString(document.body));
  EXPECT_EQ(body.number(), 4u);
  EXPECT_TRUE(body.replaces_witnesses());
  ASSERT_EQ(body.witnesses_size(), 2);
  EXPECT_EQ(body.witnesses(0).name(), "a.example/w");  // sorted
  ASSERT_TRUE(Update({.no_witnesses = true, .number = 4}).ok());
  ASSERT_TRUE(body.ParseFromString(ReadDocument(Path("update")).value().body));
  EXPECT_TRUE(body.replaces_witnesses());
  EXPECT_EQ(body.witnesses_size(), 0);
}

TEST_F(ConvenantActsTest, TrustUpdateRefusesWhatMakesNoSense) {
  const std::string witness = "w=" + kNewKey;
  const ConvenantTrustUpdateArgs cases[] = {
      {.number = 1},
      {.log_key = "77", .number = 1},
      {.log_key = kNewKey},
      {.witnesses = {witness}, .number = 1},
      {.witnesses = {witness}, .witness_quorum = 2, .number = 1},
      {.witnesses = {witness, witness}, .witness_quorum = 1, .number = 1},
      {.witnesses = {"w"}, .witness_quorum = 1, .number = 1},
      {.witnesses = {witness}, .no_witnesses = true, .witness_quorum = 1, .number = 1},
  };
  for (const ConvenantTrustUpdateArgs& args : cases) {
    EXPECT_EQ(ExitCodeOf(Update(args)), kUsage);
    EXPECT_FALSE(std::filesystem::exists(Path("update")));
  }
}

TEST_F(ConvenantActsTest, ActIsSignedUnderTheVersionItSpeaksOf) {
  ASSERT_TRUE(Update({.log_key = kNewKey, .number = 1}).ok());
  directory_.Write("other.yaml", ReadWholeFile(Path("v1.yaml")) + "# another text\n");
  EXPECT_EQ(ExitCodeOf(Sign("update", "politie", "other.yaml")), kUsage);
  EXPECT_EQ(ExitCodeOf(Sign("update", "politie")), kUsage);
  directory_.Write("cut", ReadWholeFile(Path("update")).substr(0, 40));
  EXPECT_EQ(ExitCodeOf(Sign("cut", "politie", "v1.yaml")), kUsage);
  // A signature over a convenant is none over an act.
  const Document document = ReadDocument(Path("update")).value();
  v1::SignedObject forged;
  forged.set_kind(v1::OBJECT_KIND_TRUST_UPDATE);
  forged.set_body(document.body);
  v1::ObjectSignature& signature = *forged.add_signatures();
  signature.set_signer("politie");
  signature.set_signature(crypto::Sign(roots_.at("politie"), "seinpost/v1/convenant", document.body));
  directory_.Write("forged.sig", forged.SerializeAsString());
  EXPECT_EQ(ExitCodeOf(Bundle("update", {"forged.sig"}, "v1.yaml")), kTampered);
}

TEST_F(ConvenantActsTest, EpochSaysWhatIsLostAndWhatComesNext) {
  const std::string first = trust::LogOrigin("plaats");
  ASSERT_TRUE(Epoch(Check(first, 40, 31)).ok());
  v1::LogEpoch body;
  ASSERT_TRUE(body.ParseFromString(ReadDocument(Path("epoch")).value().body));
  EXPECT_EQ(body.number(), 2u);
  EXPECT_EQ(body.origin(), first + "/2");
  EXPECT_EQ(body.first_lost(), 31u);
  EXPECT_EQ(body.directory_size(), 18u);
  EXPECT_EQ(ToHex(body.log_key()), kNewKey);
  ASSERT_TRUE(Epoch(Check(first + "/2", 40, 31)).ok());
  ASSERT_TRUE(body.ParseFromString(ReadDocument(Path("epoch")).value().body));
  EXPECT_EQ(body.origin(), first + "/3");
  bench_.Printed();
  ASSERT_TRUE(Sign("epoch", "politie", "v1.yaml").ok());
  EXPECT_EQ(bench_.Printed()["lacking"], quorum_ - 1);
}

TEST_F(ConvenantActsTest, EpochRefusesAReportThatDoesNotCallForOne) {
  const std::string origin = trust::LogOrigin("plaats"), good = Check(origin, 40, 31);
  const std::string cases[] = {
      "",
      "nonsense",
      "{}",
      Replaced(good, "\"convenant\":\"plaats\"", "\"convenant\":\"elders\""),
      Replaced(good, "\"lost\":{\"first\":31,\"end\":40}", "\"lost\":null"),
      Replaced(good, "\"" + kNewKey + "\"", "null"),
      Replaced(good, kNewKey, "77"),
      Replaced(good, "\"first\":31", "\"first\":\"31\""),
      Check(origin, 31, 31),
      Check("seinpost/elders", 40, 31),
      Check(origin + "/1", 40, 31),
  };
  for (const std::string& check : cases) {
    EXPECT_EQ(ExitCodeOf(Epoch(check)), kUsage) << check;
    EXPECT_FALSE(std::filesystem::exists(Path("epoch"))) << check;
  }
}

TEST_F(ConvenantActsTest, RestrictionIsForTheControllerAlone) {
  Context context = bench_.context();
  const auto restrict_with = [&](const std::string& keys, const std::string& channel,
                                 const std::string& party, const std::string& ceiling,
                                 const std::string& broker = "127.0.0.1:1") {
    ConvenantRestrictArgs args;
    args.dir = Keys(keys);
    args.broker = broker;
    args.tls_ca = broker.empty() ? "" : Path("passphrase");
    args.convenant_file = Path("v1.yaml");
    args.channel = channel;
    args.party = party;
    args.ceiling = ceiling;
    return ConvenantRestrict(context, args);
  };
  EXPECT_EQ(ExitCodeOf(restrict_with("gemeente", "core", "", "L0", "")), kUsage);  // where is the broker?
  EXPECT_EQ(ExitCodeOf(restrict_with("politie", "core", "", "L0")), kUsage);
  EXPECT_EQ(ExitCodeOf(restrict_with("gemeente", "core@school-a", "", "L0")), kUsage);
  EXPECT_EQ(ExitCodeOf(restrict_with("gemeente", "", "nobody", "L0")), kUsage);
  EXPECT_EQ(ExitCodeOf(restrict_with("gemeente", "core", "politie", "L0")), kUsage);
  EXPECT_EQ(ExitCodeOf(restrict_with("gemeente", "", "", "L0")), kUsage);
  EXPECT_EQ(ExitCodeOf(restrict_with("gemeente", "core", "", "L7")), kUsage);
  EXPECT_EQ(ExitCodeOf(restrict_with("gemeente", "core", "", "L0")),
            kUnreachable);  // now only the broker lacks
}

}  // namespace
}  // namespace seinpost::client
