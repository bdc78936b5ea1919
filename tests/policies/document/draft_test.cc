// SPDX-License-Identifier: EUPL-1.2
#include "policies/document/draft.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::HasSubstr;

DraftKeys KeysFor(const std::vector<std::string>& parties) {
  DraftKeys keys;
  char next = 1;
  for (const std::string& party : parties) keys.party_roots[party] = std::string(32, next++);
  keys.broker_key = std::string(32, next++);
  keys.log_key = std::string(32, next++);
  return keys;
}

TEST(Draft, FillsInKeysAndKeepsEveryOtherLine) {
  const std::string example = FileText(kExample);
  const auto parties = SignatoryParties(example, "plaats.yaml");
  ASSERT_TRUE(parties.ok()) << parties.status();
  EXPECT_THAT(*parties, testing::Contains("schoolbestuur"));
  EXPECT_THAT(*parties, testing::Not(testing::Contains("school"))) << "its board signs for it";
  const DraftKeys keys = KeysFor(*parties);
  const auto drafted = Instantiate(example, "plaats.yaml", keys);
  ASSERT_TRUE(drafted.ok()) << drafted.status();

  const auto convenant = Convenant::Parse(*drafted, "plaats.yaml");
  ASSERT_TRUE(convenant.ok()) << convenant.status();
  EXPECT_TRUE(convenant->HasKeys());
  EXPECT_EQ(*convenant->FindParty("politie")->root, keys.party_roots.at("politie"));
  EXPECT_FALSE(convenant->FindParty("school")->root.has_value());
  EXPECT_EQ(convenant->trust()->broker_key, keys.broker_key);
  EXPECT_EQ(convenant->trust()->log_key, keys.log_key);
  EXPECT_FALSE(convenant->trust()->voprf_broker_key.has_value());
  EXPECT_EQ(convenant->trust()->change_quorum, parties->size() / 2 + 1) << "more than half";

  // Without the root lines and the trust section, the example is back byte for byte.
  std::string rest;
  for (absl::string_view line :
       absl::StrSplit(drafted->substr(0, drafted->find("\n# Sleutels van de dienst")), '\n')) {
    if (line.substr(0, 10) != "    root: ") absl::StrAppend(&rest, line, "\n");
  }
  EXPECT_TRUE(rest == example + "\n");
}

TEST(Draft, WritesTheMatchKeyShares) {
  const std::string example = FileText(kExample);
  DraftKeys keys = KeysFor(*SignatoryParties(example, "x"));
  keys.voprf_broker_key = std::string(32, 'b');
  keys.voprf_steward_key = std::string(32, 's');
  const Convenant convenant = *Convenant::Parse(*Instantiate(example, "x", keys), "x");
  EXPECT_EQ(*convenant.trust()->voprf_steward_key, std::string(32, 's'));
}

TEST(Draft, RefusesWhatDoesNotFit) {
  const std::string example = FileText(kExample);
  const DraftKeys good = KeysFor(*SignatoryParties(example, "x"));
  const auto error = [](absl::string_view yaml, const DraftKeys& keys) {
    return std::string(Instantiate(yaml, "x.yaml", keys).status().message());
  };
  DraftKeys keys = good;
  keys.party_roots.erase("politie");
  EXPECT_THAT(error(example, keys), HasSubstr("no root key for party \"politie\""));
  keys = good;
  keys.party_roots["school"] = std::string(32, 'x');
  EXPECT_THAT(error(example, keys), HasSubstr("\"school\" does not sign this convenant for itself"));
  keys = good;
  keys.party_roots["politie"] = "short";
  EXPECT_THAT(error(example, keys), HasSubstr("32"));
  keys = good;
  keys.log_key.clear();
  EXPECT_THAT(error(example, keys), HasSubstr("log key"));
  keys = good;
  keys.party_roots["politie"] = keys.party_roots["gemeente"];
  EXPECT_THAT(error(example, keys), HasSubstr("the same root key"));
  EXPECT_THAT(error(*Instantiate(example, "x", good), good), HasSubstr("has a trust section already"));
  EXPECT_THAT(error("a: 1\n", good), HasSubstr("x.yaml:1:1"));
}

TEST(Draft, RefusesPartyInOneLine) {
  std::string yaml = FileText(kExample);
  const std::string halt = "  halt:\n    title: Halt\n    kind: halt\n";
  yaml.replace(yaml.find(halt), halt.size(), "  halt: {title: Halt, kind: halt}\n");
  const auto drafted = Instantiate(yaml, "x.yaml", KeysFor(*SignatoryParties(yaml, "x")));
  EXPECT_THAT(std::string(drafted.status().message()), HasSubstr("party \"halt\" is written in one line"));
}

// The file that holds every key, as an example: version 1, without keys.
std::string CompleteExample() {
  const std::string yaml = FileText("tests/testing/convenants/volledig.yaml");
  std::string example;
  for (absl::string_view line : absl::StrSplit(yaml.substr(0, yaml.find("\ntrust:")), '\n')) {
    const absl::string_view words = absl::StripLeadingAsciiWhitespace(line);
    if (absl::StartsWith(words, "root:") || absl::StartsWith(words, "previous:")) continue;
    absl::StrAppend(&example, words == "version: 2" ? "  version: 1" : line, "\n");
  }
  return example;
}

TEST(Draft, KeepsEverySectionOfACompleteConvenant) {
  const std::string example = CompleteExample();
  DraftKeys keys = KeysFor(*SignatoryParties(example, "x"));
  EXPECT_EQ(keys.party_roots.size(), 4u);
  keys.voprf_broker_key = std::string(32, 'b');
  keys.voprf_steward_key = std::string(32, 's');
  const auto drafted = Instantiate(example, "x", keys);
  ASSERT_TRUE(drafted.ok()) << drafted.status();
  const Convenant convenant = *Convenant::Parse(*drafted, "x");
  EXPECT_TRUE(convenant.HasKeys());
  EXPECT_TRUE(convenant.reveal().has_value());
  EXPECT_TRUE(convenant.matching().has_value());
  EXPECT_NE(convenant.FindAlertChain("case"), nullptr);
  EXPECT_EQ(convenant.bridges().size(), 1u);
  EXPECT_EQ(MatchKeysRemark(convenant, Language::kEnglish), "");
  std::string rest;
  for (absl::string_view line :
       absl::StrSplit(drafted->substr(0, drafted->find("\n# Sleutels van de dienst")), '\n')) {
    if (!absl::StartsWith(line, "    root: ")) absl::StrAppend(&rest, line, "\n");
  }
  EXPECT_TRUE(rest == example + "\n");
}

TEST(Draft, SaysThatMatchTagsWaitForTheirKeys) {
  const std::string example = CompleteExample();
  const Convenant without =
      *Convenant::Parse(*Instantiate(example, "x", KeysFor(*SignatoryParties(example, "x"))), "x");
  EXPECT_THAT(MatchKeysRemark(without, Language::kEnglish), HasSubstr("every match tag is refused (R20)"));
  EXPECT_THAT(MatchKeysRemark(without, Language::kDutch), HasSubstr("wordt geweigerd (R20)"));
  // Neither agreed on nor missing.
  EXPECT_EQ(MatchKeysRemark(*Convenant::Parse(FileText(kExample), "x"), Language::kDutch), "");
}

}  // namespace
}  // namespace seinpost::policies
