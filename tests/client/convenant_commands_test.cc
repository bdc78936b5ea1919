// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/org_commands.h"
#include "client/org_store.h"
#include "policies/convenant.h"
#include "tests/client/admin_testing.h"
#include "trust/directory.h"
#include "trust/objects.h"

namespace seinpost::client {
namespace {

constexpr char kArnhem[] = "policies/convenants/arnhem.yaml";
constexpr auto kQuick = crypto::PassphraseStrength::kInteractive;

class ConvenantCommandsTest : public testing::Test {
 protected:
  ConvenantCommandsTest() : bench_(absl::FromUnixSeconds(1'795'000'000)) {
    bench_.passphrase_file = directory_.Write("passphrase", "correct horse\n");
  }
  // Key directories of every signatory of Arnhem.
  void MakeKeys() {
    const std::string yaml = ReadWholeFile(kArnhem);
    parties_ = policies::SignatoryParties(yaml, kArnhem).value();
    for (const std::string& party : parties_) {
      const crypto::SigningKey root = crypto::SigningKey::Generate();
      ASSERT_TRUE(
          OrgStore::Create(directory_.Path("keys/" + party), party, &root, "correct horse", kQuick).ok());
    }
    directory_.Write("broker.json",
                     absl::StrCat(R"({"identity":")", std::string(64, '1'), R"(","log_keys":{"arnhem":")",
                                  std::string(64, '2'), R"("}})"));
  }
  absl::Status Draft() {
    Context context = bench_.context();
    return ConvenantDraft(context, {.file = kArnhem,
                                    .keys_dir = directory_.Path("keys"),
                                    .roots = {},
                                    .broker_keys = directory_.Path("broker.json"),
                                    .out = directory_.Path("draft.yaml")});
  }
  absl::Status Sign(const std::string& party) {
    Context context = bench_.context();
    return ConvenantSign(context, {directory_.Path("draft.yaml"), directory_.Path("keys/" + party)});
  }

  TemporaryDirectory directory_;
  AdminBench bench_;
  std::vector<std::string> parties_;
};

TEST_F(ConvenantCommandsTest, DraftSignedByAllIsAConvenant) {
  MakeKeys();
  ASSERT_TRUE(Draft().ok());
  EXPECT_EQ(bench_.Printed()["convenant"], "arnhem");
  for (size_t i = 0; i < parties_.size(); ++i) {
    ASSERT_TRUE(Sign(parties_[i]).ok()) << parties_[i];
    EXPECT_EQ(bench_.Printed()["missing"].size(), parties_.size() - i - 1);
    const auto object = trust::ParseSignedObject(ReadWholeFile(directory_.Path("draft.yaml.sig")));
    EXPECT_EQ(trust::VerifyConvenant(object.value()).ok(), i + 1 == parties_.size());
  }
}

TEST_F(ConvenantCommandsTest, SignRefusesAnExampleAndAStranger) {
  MakeKeys();
  Context context = bench_.context();
  EXPECT_EQ(ExitCodeOf(ConvenantSign(context, {kArnhem, directory_.Path("keys/politie")})), kUsage);
  ASSERT_TRUE(Draft().ok());
  const crypto::SigningKey other = crypto::SigningKey::Generate();
  {
    ASSERT_TRUE(OrgStore::Create(directory_.Path("other"), "politie", &other, "correct horse", kQuick).ok());
  }
  EXPECT_EQ(ExitCodeOf(ConvenantSign(context, {directory_.Path("draft.yaml"), directory_.Path("other")})),
            kUsage);
}

TEST_F(ConvenantCommandsTest, ActivateNeedsSignaturesOverThisVeryText) {
  MakeKeys();
  ASSERT_TRUE(Draft().ok());
  Context context = bench_.context();
  const ConvenantActivateArgs args{directory_.Path("draft.yaml"), "127.0.0.1:1",
                                   directory_.Path("passphrase")};
  EXPECT_EQ(ExitCodeOf(ConvenantActivate(context, args)), kUsage);  // nobody has signed
  ASSERT_TRUE(Sign("politie").ok());
  EXPECT_EQ(ConvenantActivate(context, args).code(), absl::StatusCode::kPermissionDenied);
  directory_.Write("draft.yaml", ReadWholeFile(directory_.Path("draft.yaml")) + "# one more remark\n");
  EXPECT_EQ(ExitCodeOf(ConvenantActivate(context, args)), kUsage);
}

TEST_F(ConvenantCommandsTest, CheckNamesEveryProblemByFileLineAndColumn) {
  Context context = bench_.context();
  EXPECT_TRUE(ConvenantCheck(context, kArnhem).ok());
  EXPECT_EQ(bench_.Printed()["ok"], true);
  std::string yaml = ReadWholeFile(kArnhem);
  const size_t at = yaml.find("  version: 1");
  ASSERT_NE(at, std::string::npos);
  yaml.replace(at, 9, "  vresion");
  const std::string file = directory_.Write("bad.yaml", yaml);
  EXPECT_EQ(ExitCodeOf(ConvenantCheck(context, file)), kUsage);
  const Json printed = bench_.Printed();
  EXPECT_EQ(printed["ok"], false);
  ASSERT_FALSE(printed["problems"].empty());
  EXPECT_EQ(printed["problems"][0]["file"], file);
  EXPECT_GT(printed["problems"][0]["line"], 1);
  EXPECT_EQ(ExitCodeOf(ConvenantCheck(context, directory_.Path("nowhere.yaml"))), kUsage);
}

TEST_F(ConvenantCommandsTest, TestCountsAnswersAndFailsOnAWrongOne) {
  Context context = bench_.context();
  EXPECT_TRUE(ConvenantTest(context, kArnhem).ok());
  Json printed = bench_.Printed();
  EXPECT_EQ(printed["failed"], 0);
  EXPECT_GT(printed["passed"], 10);
  // With a lower ceiling for the police some answers change.
  std::string yaml = ReadWholeFile(kArnhem);
  const std::string before = "  police:\n    ceiling: L2", after = "  police:\n    ceiling: L1";
  ASSERT_NE(yaml.find(before), std::string::npos);
  yaml.replace(yaml.find(before), before.size(), after);
  const std::string file = directory_.Write("arnhem.yaml", yaml);
  directory_.Write("arnhem.lab.yaml", ReadWholeFile("policies/convenants/arnhem.lab.yaml"));
  directory_.Write("arnhem.expect.yaml", ReadWholeFile("policies/convenants/arnhem.expect.yaml"));
  const absl::Status status = ConvenantTest(context, file);
  printed = bench_.Printed();
  if (printed.contains("failed")) {
    EXPECT_EQ(ExitCodeOf(status), kFailed);
    EXPECT_GT(printed["failed"], 0);
    EXPECT_GT(printed["failures"][0]["line"], 0);
  } else {
    EXPECT_EQ(ExitCodeOf(status), kUsage);  // the functions of police now stand above its ceiling
  }
}

TEST_F(ConvenantCommandsTest, FingerprintsAreThoseOfTheRootsInTheDraft) {
  MakeKeys();
  ASSERT_TRUE(Draft().ok());
  bench_.Printed();
  Context context = bench_.context();
  ASSERT_TRUE(OrgFingerprint(context, {"", directory_.Path("draft.yaml")}).ok());
  const Json all = bench_.Printed();
  EXPECT_EQ(all.size(), parties_.size());
  ASSERT_TRUE(OrgFingerprint(context, {directory_.Path("keys/politie"), ""}).ok());
  EXPECT_EQ(bench_.Printed()["politie"], all["politie"]);
}

TEST(BrokerKeys, AreReadStrictly) {
  const std::string key(64, 'a');
  EXPECT_TRUE(
      ParseBrokerKeys(absl::StrCat(R"({"identity":")", key, R"(","log_keys":{"x":")", key, R"("}})"), "x")
          .ok());
  for (const std::string& text : {std::string("{}"), std::string("nonsense"),
                                  absl::StrCat(R"({"identity":")", key, R"(","log_keys":{}})"),
                                  absl::StrCat(R"({"identity":"aa","log_keys":{"x":")", key, R"("}})"),
                                  absl::StrCat(R"({"identity":1,"log_keys":{"x":")", key, R"("}})")}) {
    EXPECT_EQ(ParseBrokerKeys(text, "x").status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace seinpost::client
