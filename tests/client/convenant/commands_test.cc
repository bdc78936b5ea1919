// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/convenant/broker_keys.h"
#include "client/org/commands.h"
#include "client/org/store.h"
#include "policies/document/convenant.h"
#include "tests/client/ceremony_testing.h"
#include "trust/directory.h"
#include "trust/objects.h"

namespace seinpost::client {
namespace {

using ConvenantCommandsTest = CeremonyTest;

TEST_F(ConvenantCommandsTest, DraftSignedByAllIsAConvenant) {
  ASSERT_TRUE(Draft().ok());
  EXPECT_EQ(bench_.Printed()["convenant"], "plaats");
  for (size_t i = 0; i < parties_.size(); ++i) {
    ASSERT_TRUE(Sign("v1.yaml", parties_[i]).ok()) << parties_[i];
    EXPECT_EQ(bench_.Printed()["missing"].size(), parties_.size() - i - 1);
    const auto object = trust::ParseSignedObject(ReadWholeFile(directory_.Path("v1.yaml.sig")));
    EXPECT_EQ(trust::VerifyConvenant(object.value()).ok(), i + 1 == parties_.size());
  }
}

TEST_F(ConvenantCommandsTest, DraftSaysThatMatchTagsWaitForTheirKeys) {
  ASSERT_TRUE(Draft().ok());
  EXPECT_TRUE(bench_.Printed()["remarks"].empty());
  const std::string yaml = Replaced(
      ReadWholeFile(kExample), "\noversight:",
      "\nmatching:\n  channels: [case]\n  keys: {name_dob: all}\n  threshold: {signals: 3, kinds: 2}\n"
      "  window: 90 days\n  told: {kind: municipality, function: coordinator}\n\noversight:");
  ASSERT_TRUE(Draft(directory_.Write("matching.yaml", yaml), "v1.yaml").ok());
  const ParsedJson remarks = bench_.Printed()["remarks"];
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_THAT(remarks[0].get<std::string>(), testing::HasSubstr("voprf_steward_key"));
  EXPECT_THAT(bench_.err.str(), testing::HasSubstr("R20"));
}

TEST_F(ConvenantCommandsTest, SignRefusesAnExampleAndAStranger) {
  Context context = bench_.context();
  EXPECT_EQ(ExitCodeOf(ConvenantSign(context, {.file = kExample, .org_dir = Keys("politie")})), kUsage);
  ASSERT_TRUE(Draft().ok());
  MakeKeys("other", "politie");
  EXPECT_EQ(ExitCodeOf(Sign("v1.yaml", "other")), kUsage);
}

TEST_F(ConvenantCommandsTest, ActivateNeedsSignaturesOverThisVeryText) {
  ASSERT_TRUE(Draft().ok());
  Context context = bench_.context();
  const ConvenantActivateArgs args{directory_.Path("v1.yaml"), "127.0.0.1:1", directory_.Path("passphrase")};
  EXPECT_EQ(ExitCodeOf(ConvenantActivate(context, args)), kUsage);  // nobody has signed
  ASSERT_TRUE(Sign("v1.yaml", "politie").ok());
  EXPECT_EQ(ConvenantActivate(context, args).code(), absl::StatusCode::kPermissionDenied);
  directory_.Write("v1.yaml", ReadWholeFile(directory_.Path("v1.yaml")) + "# one more remark\n");
  EXPECT_EQ(ExitCodeOf(ConvenantActivate(context, args)), kUsage);
}

TEST_F(ConvenantCommandsTest, CheckNamesEveryProblemByFileLineAndColumn) {
  Context context = bench_.context();
  EXPECT_TRUE(ConvenantCheck(context, kExample).ok());
  EXPECT_EQ(bench_.Printed()["ok"], true);
  std::string yaml = ReadWholeFile(kExample);
  const size_t at = yaml.find("  version: 1");
  ASSERT_NE(at, std::string::npos);
  yaml.replace(at, 9, "  vresion");
  const std::string file = directory_.Write("bad.yaml", yaml);
  EXPECT_EQ(ExitCodeOf(ConvenantCheck(context, file)), kUsage);
  const ParsedJson printed = bench_.Printed();
  EXPECT_EQ(printed["ok"], false);
  ASSERT_FALSE(printed["problems"].empty());
  EXPECT_EQ(printed["problems"][0]["file"], file);
  EXPECT_GT(printed["problems"][0]["line"], 1);
  EXPECT_EQ(ExitCodeOf(ConvenantCheck(context, directory_.Path("nowhere.yaml"))), kUsage);
}

TEST_F(ConvenantCommandsTest, TestCountsAnswersAndFailsOnAWrongOne) {
  Context context = bench_.context();
  EXPECT_TRUE(ConvenantTest(context, kExample).ok());
  ParsedJson printed = bench_.Printed();
  EXPECT_EQ(printed["failed"], 0);
  EXPECT_GT(printed["passed"], 10);
  // With a lower ceiling for the police some answers change.
  std::string yaml = ReadWholeFile(kExample);
  const std::string before = "  police:\n    ceiling: L2", after = "  police:\n    ceiling: L1";
  ASSERT_NE(yaml.find(before), std::string::npos);
  yaml.replace(yaml.find(before), before.size(), after);
  const std::string file = directory_.Write("plaats.yaml", yaml);
  directory_.Write("plaats.lab.yaml", ReadWholeFile("tests/testing/convenants/plaats.lab.yaml"));
  directory_.Write("plaats.expect.yaml", ReadWholeFile("tests/testing/convenants/plaats.expect.yaml"));
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

TEST_F(ConvenantCommandsTest, TestReadsPeersInTheSameFolder) {
  Context context = bench_.context();
  std::string other = ReadWholeFile(kExample);
  other.replace(other.find("id: plaats"), 10, "id: buren");
  std::string lab = ReadWholeFile("tests/testing/convenants/plaats.lab.yaml");
  const std::string file = directory_.Write("plaats.yaml", ReadWholeFile(kExample));
  directory_.Write("plaats.lab.yaml", lab);
  directory_.Write(
      "plaats.expect.yaml",
      "expect: plaats\npeers: [buren]\nquestions:\n  - name: q\n    ask: send\n"
      "    from: school/zorgcoordinator\n    channel: theme\n    level: L0\n    category: wapen\n"
      "    purpose: dreiging\n    to: [politie/wijkagent@buren]\n    expect: allow\n");
  EXPECT_EQ(ExitCodeOf(ConvenantTest(context, file)), kUsage) << "there is no buren.yaml";
  directory_.Write("buren.yaml", other);
  directory_.Write("buren.lab.yaml", lab.replace(lab.find("lab: plaats"), 11, "lab: buren"));
  EXPECT_TRUE(ConvenantTest(context, file).ok());
  EXPECT_EQ(bench_.Printed()["passed"], 1);
}

TEST_F(ConvenantCommandsTest, FingerprintsAreThoseOfTheRootsInTheDraft) {
  ASSERT_TRUE(Draft().ok());
  bench_.Printed();
  Context context = bench_.context();
  ASSERT_TRUE(OrgFingerprint(context, {"", directory_.Path("v1.yaml")}).ok());
  const ParsedJson all = bench_.Printed();
  EXPECT_EQ(all.size(), parties_.size());
  ASSERT_TRUE(OrgFingerprint(context, {Keys("politie"), ""}).ok());
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
