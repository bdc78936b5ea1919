// SPDX-License-Identifier: EUPL-1.2
#include "policies/questions/lab_file.h"

#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::HasSubstr;

TEST(LabFile, EnrolsThePeopleOfTheDemo) {
  const Example example;
  std::vector<std::string> profiles;
  for (const LabMember& member : example.lab.members) profiles.push_back(member.profile());
  for (const char* profile :
       {"school/zorgcoordinator", "school/teamleider", "politie/wijkagent", "sass/coordinator",
        "jongerenwerk/jongerenwerker", "wijkteam/medewerker", "school2/zorgcoordinator"}) {
    EXPECT_THAT(profiles, testing::Contains(profile));
  }
  EXPECT_GE(example.facts.officers.size(), 2u);
}

TEST(LabFile, ReadsDatesAndScopes) {
  const Example example;
  const auto lab = ParseLabFile(
      "lab: plaats\nmembers:\n  - party: politie\n    handle: wijkagent\n    mandates:\n"
      "      - {function: ward_officer, scopes: all, level: L1, from: 2026-01-01, until: 2026-01-31}\n",
      "x.yaml", example.convenant);
  ASSERT_TRUE(lab.ok()) << lab.status();
  const LabMandate& mandate = lab->members[0].mandates[0];
  EXPECT_THAT(mandate.scopes, testing::ElementsAre("*"));
  EXPECT_EQ(mandate.max_level, Level::kL1);
  EXPECT_EQ(*mandate.until, absl::FromCivil(absl::CivilDay(2026, 2, 1), absl::UTCTimeZone()))
      << "the last day counts";
}

TEST(LabFile, RefusesMistakesWithTheirPlace) {
  const std::string good =
      "lab: plaats\nmembers:\n  - party: politie\n    handle: wijkagent\n    mandates:\n"
      "      - {function: ward_officer, scopes: [school-a], level: L1}\n";
  const struct {
    const char* from;
    const char* to;
    const char* problem;
  } kCases[] = {
      {"lab: plaats", "lab: elders", "x.yaml:1:1: this lab belongs to"},
      {"politie", "polite", "x.yaml:3:5: unknown party \"polite\" (did you mean \"politie\"?)"},
      {"handle: wijkagent", "handle: wijk_agent", "x.yaml:4:5: a handle has"},
      {"handle: wijkagent", "handle: Wijkagent", "x.yaml:4:13:"},
      {"ward_officer", "word_officer", "did you mean \"ward_officer\""},
      {"[school-a]", "[school-q]", "x.yaml:6:34: unknown scope \"school-q\""},
      {"level: L1", "level: L3", "x.yaml:6:61: \"L3\" is not a level"},
      {"handle: wijkagent", "handle: wijkagent\n    passphrase: x", "unknown key \"members[0].passphrase\""},
      {"mandates:\n      - {", "mandates: {a: {", "x.yaml"},
  };
  const Example example;
  ASSERT_TRUE(ParseLabFile(good, "x.yaml", example.convenant).ok());
  for (const auto& test : kCases) {
    std::string yaml = good;
    yaml.replace(yaml.find(test.from), std::string(test.from).size(), test.to);
    const auto lab = ParseLabFile(yaml, "x.yaml", example.convenant);
    ASSERT_FALSE(lab.ok()) << test.to;
    EXPECT_THAT(std::string(lab.status().message()), HasSubstr(test.problem));
  }
  const auto twice = ParseLabFile(good + good.substr(good.find("  - party")), "x.yaml", example.convenant);
  EXPECT_THAT(std::string(twice.status().message()), HasSubstr("\"politie/wijkagent\" stands here twice"));
}

}  // namespace
}  // namespace seinpost::policies
