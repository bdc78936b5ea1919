// SPDX-License-Identifier: EUPL-1.2
#include "policies/document/convenant.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A small convenant; its line numbers stand in the tests below.
constexpr char kEverything[] = R"(convenant:
  id: klein
  title: Klein
  kind: CONVENANT
  version: 1
  valid_from: 2026-01-01
  valid_until: 2026-12-31
  controller: stad
scopes:
  school-a: school
parties:
  stad:
    kind: municipality
    host: yes
  school:
    kind: school
    scopes: [school-a]
    under: stad
purposes:
  veilig:
    ground: taak
    may_use: [school]
categories:
  wapen:
    kind: criminal
levels:
  municipality:
    ceiling: L1
    tied: L2
    functions:
      leider: L2
  school:
    ceiling: L2
    functions:
      zorg: L2
retention:
  kort:
    after_close: 30 days
    cap: 60 days
channels:
  case:
    kind: case
    per: school
    members: [school, municipality]
    ceiling: L2
    identity: yes
    retention: kort
oversight:
  privacy_officers: [stad]
thresholds:
  max_recipients: 3
)";

std::string Problem(absl::string_view yaml) {
  const absl::StatusOr<Convenant> convenant = Convenant::Parse(yaml, "klein.yaml");
  if (convenant.ok()) return "it parses";
  EXPECT_EQ(convenant.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(convenant.status().message());
}

TEST(Convenant, ReadsEverySection) {
  const absl::StatusOr<Convenant> parsed = Convenant::Parse(kEverything, "klein.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Convenant& c = *parsed;
  EXPECT_EQ(c.id(), "klein");
  EXPECT_EQ(c.kind(), ConvenantKind::kConvenant);
  EXPECT_EQ(c.version(), 1u);
  EXPECT_FALSE(c.previous().has_value());
  EXPECT_EQ(c.valid_from(), absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone()));
  EXPECT_EQ(c.valid_until(), absl::FromCivil(absl::CivilDay(2027, 1, 1), absl::UTCTimeZone()));
  EXPECT_EQ(c.host().id, "stad");
  EXPECT_EQ(c.SignatoryOf(*c.FindParty("school")).id, "stad");
  EXPECT_EQ(c.FindLevels("municipality")->tied, Level::kL2);
  EXPECT_FALSE(c.FindLevels("school")->tied.has_value());
  EXPECT_EQ(c.FindRetention("kort")->cap, absl::Hours(60 * 24));
  EXPECT_EQ(c.max_recipients(), 3u);
  EXPECT_FALSE(c.HasKeys());
  EXPECT_EQ(c.FindCategory("wapen")->kind, CategoryKind::kCriminal);
}

TEST(Convenant, KeepsThePlaceOfClauses) {
  const Convenant c = *Convenant::Parse(kEverything, "klein.yaml");
  const Channel& channel = *c.FindChannel("case@school-a");
  EXPECT_EQ(channel.ceiling_at.path, "channels.case.ceiling");
  EXPECT_EQ(channel.ceiling_at.line, 45);
  EXPECT_EQ(channel.ceiling_at.column, 5);
  EXPECT_EQ(c.FindLevels("municipality")->functions.find("leider")->second.at.line, 31);
  EXPECT_EQ(c.FindParty("school")->at.line, 15);
  EXPECT_EQ(c.oversight_at().path, "oversight.privacy_officers");
}

TEST(Convenant, FindsChannelsAsTheyAreWritten) {
  const Example example;
  const Convenant& c = example.convenant;
  EXPECT_NE(c.FindChannel("core@school-a"), nullptr);
  EXPECT_NE(c.FindChannel("theme"), nullptr);
  for (const char* wrong :
       {"core", "core@", "core@school-z", "theme@school-a", "theme@", "nope", "", "@", "@school-a"}) {
    EXPECT_EQ(c.FindChannel(wrong), nullptr) << wrong;
  }
  EXPECT_THAT(c.ChannelInstances(),
              ElementsAre("case@school-a", "case@school-b", "core@school-a", "core@school-b",
                          "direct@school-a", "direct@school-b", "theme"));
}

TEST(Convenant, SchoolSitsInItsOwnChannelsOnly) {
  const Example example;
  std::vector<std::string> ids;
  for (const Party* party : example.convenant.PartiesOf("core@school-b")) ids.push_back(party->id);
  EXPECT_THAT(ids, testing::Contains("school2"));
  EXPECT_THAT(ids, testing::Contains("politie"));
  EXPECT_THAT(ids, testing::Not(testing::Contains("school")));
  EXPECT_THAT(example.convenant.PartiesOf("core@nowhere"), IsEmpty());
}

TEST(Convenant, ExampleIsIllustrativeAndHasNoKeys) {
  const Example example;
  EXPECT_TRUE(example.convenant.illustrative());
  EXPECT_FALSE(example.convenant.trust().has_value());
  EXPECT_FALSE(example.convenant.HasKeys());
}

TEST(Convenant, RetentionFollowsTheLevelOfThePart) {
  const Channel channel = *Example().convenant.FindChannel("case@school-a");
  EXPECT_EQ(*channel.RetentionClass(PartKind::kNarrative, Level::kL0), "thema");
  EXPECT_EQ(*channel.RetentionClass(PartKind::kNarrative, Level::kL2), "casus");
  EXPECT_EQ(*channel.RetentionClass(PartKind::kIdentity, Level::kL2), "naam");
  EXPECT_EQ(*channel.RetentionClass(PartKind::kSource, Level::kL1), "naam");
  EXPECT_EQ(*channel.RetentionClass(PartKind::kJustification, Level::kL2), "verantwoording");
  const Channel core = *Example().convenant.FindChannel("core@school-a");
  EXPECT_EQ(*core.RetentionClass(PartKind::kSource, Level::kL1), "casus");
  EXPECT_EQ(core.RetentionClass(PartKind::kIdentity, Level::kL2), nullptr);
  EXPECT_EQ(core.RetentionClass(PartKind::kJustification, Level::kL2), nullptr);
}

// One mistake each, made by replacing `from` by `to` in the small convenant.
struct Mistake {
  const char* name;
  const char* from;
  const char* to;
  const char* problem;
};

class ConvenantMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ConvenantMistake, IsRefusedWithItsPlace) {
  const Mistake& mistake = GetParam();
  std::string yaml = kEverything;
  const size_t at = yaml.find(mistake.from);
  ASSERT_NE(at, std::string::npos);
  yaml.replace(at, std::string(mistake.from).size(), mistake.to);
  EXPECT_THAT(Problem(yaml), HasSubstr(mistake.problem));
}

std::string NameOf(const testing::TestParamInfo<Mistake>& mistake) { return mistake.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Head, ConvenantMistake,
    testing::Values(
        Mistake{"NoId", "  id: klein\n", "", "klein.yaml:1:1: \"convenant\" lacks the key \"id\""},
        Mistake{"BadId", "id: klein", "id: Klein!", "klein.yaml:2:7: \"convenant.id\" must be a name"},
        Mistake{"UnknownKind", "kind: CONVENANT", "kind: PACT",
                "klein.yaml:4:9: \"PACT\" is not a kind of convenant"},
        Mistake{"VersionZero", "version: 1", "version: 0",
                "klein.yaml:5:12: \"convenant.version\" must be a whole number"},
        Mistake{"OctalVersion", "version: 1", "version: 01", "klein.yaml:5:12:"},
        Mistake{"SignedVersion", "version: 1", "version: +1", "klein.yaml:5:12:"},
        Mistake{"SecondWithoutPrevious", "version: 1", "version: 2",
                "klein.yaml:5:3: a version after the first"},
        Mistake{"FirstWithPrevious", "version: 1",
                "version: 1\n  previous: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
                "klein.yaml:6:3: version 1 has no \"previous\""},
        Mistake{"ShortHash", "version: 1", "version: 2\n  previous: 0011",
                "klein.yaml:6:13: \"convenant.previous\" must be 64"},
        Mistake{"BadDate", "valid_from: 2026-01-01", "valid_from: 2026-02-30", "klein.yaml:6:15:"},
        Mistake{"LooseDate", "valid_from: 2026-01-01", "valid_from: 2026-1-1", "klein.yaml:6:15:"},
        Mistake{"EndBeforeStart", "valid_until: 2026-12-31", "valid_until: 2025-12-31", "klein.yaml:7:3:"},
        Mistake{"UnknownController", "controller: stad", "controller: stda",
                "klein.yaml:8:3: \"convenant.controller\" names the unknown party \"stda\" (did you mean "
                "\"stad\"?)"},
        Mistake{"BooleanWord", "host: yes", "host: true",
                "klein.yaml:14:11: \"parties.stad.host\" must be yes or no"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Sections, ConvenantMistake,
    testing::Values(
        Mistake{"UnknownSection", "oversight:", "oversigth:",
                "klein.yaml:48:1: unknown key \"oversigth\" (did you mean \"oversight\"?)"},
        Mistake{"UnknownKey", "    ground: taak", "    grond: taak",
                "klein.yaml:21:5: unknown key \"purposes.veilig.grond\""},
        Mistake{"NoHost", "    host: yes\n", "",
                "klein.yaml:11:1: exactly one party must say host: yes; 0 do"},
        Mistake{"TwoHosts", "    under: stad", "    host: yes", "exactly one party must say host: yes; 2 do"},
        Mistake{"UnknownPartnerKind", "    kind: school\n    scopes", "    kind: shcool\n    scopes",
                "klein.yaml:16:5: \"parties.school.kind\" names the unknown partner kind \"shcool\" (did you "
                "mean "
                "\"school\"?)"},
        Mistake{"UnknownScope", "scopes: [school-a]", "scopes: [school-b]", "klein.yaml:17:14:"},
        Mistake{"UnknownUnder", "under: stad", "under: land",
                "klein.yaml:18:5: \"parties.school.under\" names the unknown party"},
        Mistake{"Cycle", "    host: yes", "    host: yes\n    under: school", "stands under itself"},
        Mistake{"RootAndUnder", "under: stad",
                "under: stad\n    root: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
                "can do only one"},
        Mistake{"GuestWithoutSignatory", "    under: stad", "    guest: yes",
                "klein.yaml:18:5: the guest \"school\" does not sign"},
        Mistake{"GuestAboveL0", "    under: stad", "    guest: yes\n    under: stad", "guests stay at L0"},
        Mistake{"PurposeForNobody", "may_use: [school]", "may_use: []", "klein.yaml:22:5: nobody may use"},
        Mistake{"PurposeForUnknown", "may_use: [school]", "may_use: [scool]", "klein.yaml:22:15:"},
        Mistake{"PurposeForWord", "may_use: [school]", "may_use: school", "klein.yaml:22:14:"},
        Mistake{"NoGround", "    ground: taak\n", "",
                "klein.yaml:20:3: \"purposes.veilig\" lacks the key \"ground\""},
        Mistake{"CategoryKind", "kind: criminal", "kind: crime",
                "klein.yaml:25:11: \"crime\" is not a kind of category"},
        Mistake{"LevelWord", "    ceiling: L1", "    ceiling: l1",
                "klein.yaml:28:14: \"l1\" is not a level; there are: L0, L1, L2"},
        Mistake{"TiedNotAbove", "tied: L2", "tied: L1", "klein.yaml:29:5:"},
        Mistake{"FunctionAboveKind", "    tied: L2\n", "",
                "klein.yaml:30:7: \"levels.municipality.functions.leider\" is above"},
        Mistake{"OfficerAsFunction", "leider: L2", "privacy_officer: L0",
                "klein.yaml:31:7: a privacy officer reads no signals"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Channels, ConvenantMistake,
    testing::Values(
        Mistake{"AboveKind", "kind: CONVENANT", "kind: WORKING_AGREEMENT",
                "klein.yaml:45:5: a WORKING_AGREEMENT goes no higher than L1, but \"channels.case.ceiling\" "
                "says L2"},
        Mistake{"PartnerAboveKind", "kind: CONVENANT", "kind: NETWORK",
                "klein.yaml:28:5: a NETWORK goes no higher than L0"},
        Mistake{"ThemeAboveL0", "    kind: case\n", "    kind: theme\n", "klein.yaml:45:5: a theme channel"},
        Mistake{"IdentityBelowL2", "    ceiling: L2\n    identity", "    ceiling: L1\n    identity",
                "klein.yaml:46:5: identity parts need"},
        Mistake{"KeptWithoutGroups", "identity: yes", "kept_identity: allowed",
                "klein.yaml:46:5: a kept identity needs the section \"reveal\""},
        Mistake{"NoSuchScopeKind", "per: school", "per: ward", "klein.yaml:43:5: \"case\" exists per ward"},
        Mistake{"UnknownMember", "[school, municipality]", "[school, police]",
                "klein.yaml:44:23: \"channels.case.members\" names"},
        Mistake{"MemberTwice", "[school, municipality]", "[school, school]", "klein.yaml:44:23:"},
        Mistake{"NoMembers", "[school, municipality]", "[]", "klein.yaml:44:5: \"case\" has no members"},
        Mistake{"GuestIsMember", "    ceiling: L2\n    identity",
                "    guests: [school]\n    ceiling: L2\n    identity", "both member and guest"},
        Mistake{"ChairOutside", "    identity: yes", "    chair: police", "the chair of \"case\""},
        Mistake{"UnknownRetention", "retention: kort", "retention: lang", "klein.yaml:47:5:"},
        Mistake{"RetentionLacksLevel", "retention: kort",
                "retention: {L0: kort, L1: kort, justification: kort}",
                "klein.yaml:47:5: \"channels.case.retention\" lacks the key \"L2\""},
        Mistake{"RetentionWithoutJustification", "retention: kort",
                "retention: {L0: kort, L1: kort, L2: kort}", "lacks the key \"justification\""},
        Mistake{"Period", "cap: 60 days", "cap: 60",
                "klein.yaml:39:10: \"retention.kort.cap\" must be a period"},
        Mistake{"PeriodWord", "cap: 60 days", "cap: 60 dagen", "klein.yaml:39:10:"},
        Mistake{"CapBelowClose", "cap: 60 days", "cap: 20 days", "klein.yaml:38:5: \"kort\" keeps longer"},
        Mistake{"NoOversight", "oversight:\n  privacy_officers: [stad]\n", "",
                "\"oversight\" must name the parties"},
        Mistake{"UnknownOversight", "privacy_officers: [stad]", "privacy_officers: [land]",
                "klein.yaml:49:22:"},
        Mistake{"Threshold", "max_recipients: 3", "max_recipients: 3.5", "klein.yaml:51:19:"},
        Mistake{"NegativeThreshold", "max_recipients: 3", "max_recipients: -3", "klein.yaml:51:19:"}),
    NameOf);

constexpr char kTrust[] = R"(trust:
  suite: 1
  broker_key: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
  log_key: 00112233445566778899aabbccddeeff00112233445566778899aabbccddee00
)";

TEST(Convenant, ReadsTrust) {
  const absl::StatusOr<Convenant> c = Convenant::Parse(absl::StrCat(kEverything, kTrust), "klein.yaml");
  ASSERT_TRUE(c.ok()) << c.status();
  EXPECT_EQ(c->trust()->suite, 1u);
  EXPECT_EQ(ToHex(c->trust()->log_key).substr(60), "ee00");
  EXPECT_FALSE(c->HasKeys()) << "the signatory has no root";
}

TEST(Convenant, RefusesTrustThatCannotWork) {
  const struct {
    const char* from;
    const char* to;
    const char* problem;
  } kCases[] = {
      {"suite: 1", "suite: 2", "klein.yaml:53:3: unknown suite"},
      {"suite: 1", "suite: 1\n  witness_quorum: 1", "asks for more witnesses"},
      {"suite: 1", "suite: 1\n  change_quorum: 2", "more signatures than there are signatories"},
      {"suite: 1",
       "suite: 1\n  voprf_broker_key: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
       "both shares"},
      {"log_key: 00", "log_key: zz", "klein.yaml:55:12: \"trust.log_key\" must be 64 hexadecimal digits"},
      {"log_key: 0011", "log_key: 0AA1", "lower case"},
      {"broker_key", "broker_kye", "did you mean \"broker_key\""},
  };
  for (const auto& test : kCases) {
    const std::string trust = absl::StrReplaceAll(kTrust, {{test.from, test.to}});
    EXPECT_THAT(Problem(absl::StrCat(kEverything, trust)), HasSubstr(test.problem)) << test.to;
  }
}

TEST(Convenant, RefusesOneRootForTwoParties) {
  std::string yaml = kEverything;
  const std::string root = "    root: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
  yaml.insert(yaml.find("    host: yes"), root);
  yaml.replace(yaml.find("    under: stad\n"), 16, root);
  EXPECT_THAT(Problem(yaml), HasSubstr("has the same root key as"));
}

TEST(Convenant, TellsSeveralProblemsInOrder) {
  const std::string yaml =
      absl::StrReplaceAll(kEverything, {{"version: 1", "version: one"}, {"host: yes", "host: ja"}});
  const std::string problem = Problem(yaml);
  EXPECT_THAT(problem, testing::StartsWith("klein.yaml:5:12: "));
  EXPECT_THAT(problem, HasSubstr("\nklein.yaml:14:11: "));
}

TEST(Convenant, BoundsTheNumberOfProblems) {
  std::string yaml = kEverything;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&yaml, "wrong", i, ": x\n");
  const std::string problem = Problem(yaml);
  EXPECT_EQ(std::count(problem.begin(), problem.end(), '\n'), 20);
  EXPECT_THAT(problem, HasSubstr("more problems follow"));
}

}  // namespace
}  // namespace seinpost::policies
