// SPDX-License-Identifier: EUPL-1.2
#include "policies/analysis/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "policies/analysis/explain.h"
#include "tests/policies/example.h"
#include "tests/policies/small.h"

namespace seinpost::policies {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> Codes(const std::vector<Finding>& findings) {
  std::vector<std::string> codes;
  for (const Finding& finding : findings) codes.push_back(finding.code);
  return codes;
}

TEST(Findings, TheSmallConvenantHasNone) { EXPECT_THAT(Codes(FindingsOf(Small())), IsEmpty()); }

const char kTrustFor[] =
    "trust:\n  suite: 1\n"
    "  broker_key: 1111111111111111111111111111111111111111111111111111111111111111\n"
    "  log_key: 2222222222222222222222222222222222222222222222222222222222222222\n"
    "  change_quorum: 2\n";
const char kMatchingFor[] =
    "matching:\n  channels: [case]\n  keys: {name_dob: all}\n  threshold: {signals: 3, kinds: 2}\n"
    "  window: 90 days\n  told: {kind: police, function: ward_officer}\n";

std::string WithMatchKeys(char broker, char steward) {
  return absl::StrCat(kMatchingFor, kTrustFor, "  voprf_broker_key: ", std::string(64, broker),
                      "\n  voprf_steward_key: ", std::string(64, steward), "\nalerts:\n");
}

struct FindingCase {
  const char* code;
  Severity severity;
  std::string path;  // of the clause
  Replacements broken;
};

// Each is in the small convenant made odd, and not in the small convenant as it is.
TEST(Findings, EachKindIsFoundWhereItIs) {
  constexpr Severity kWarn = Severity::kWarning, kNote = Severity::kNote;
  const FindingCase kCases[] = {
      {"dead-purpose",
       kWarn,
       "purposes.mist",
       {{"categories:\n", "  mist:\n    ground: x\n    may_use: [halt]\ncategories:\n"},
        {"  municipality:\n    ceiling",
         "  halt:\n    ceiling: L0\n    functions: {x: L0}\n  municipality:\n    ceiling"}}},
      {"dead-channel",
       kWarn,
       "channels.leeg",
       {{"oversight:\n",
         "  leeg:\n    kind: theme\n    members: [halt]\n    ceiling: L0\n    retention: lang\noversight:\n"},
        {"  municipality:\n    ceiling",
         "  halt:\n    ceiling: L0\n    functions: {x: L0}\n  municipality:\n    ceiling"}}},
      {"dead-retention",
       kWarn,
       "retention.nooit",
       {{"retention:\n  kort", "retention:\n  nooit: {after_close: 1 months, cap: 1 months}\n  kort"}}},
      {"dead-kind",
       kWarn,
       "levels.halt",
       {{"  municipality:\n    ceiling",
         "  halt:\n    ceiling: L0\n    functions: {x: L0}\n  municipality:\n    ceiling"}}},
      {"dead-kind", kNote, "levels.school_board", {{"municipality, school_board]", "municipality]"}}},
      {"dead-competence",
       kWarn,
       "levels.school_board",
       {{"  school_board:\n    ceiling: L0\n",
         "  school_board:\n    ceiling: L0\n    competence: [gevaar]\n"}}},
      {"dead-reveal", kWarn, "reveal", {{"    kept_identity: allowed\n", ""}}},
      {"dead-bridge",
       kWarn,
       "bridges.buur",
       {{"alerts:\n",
         "bridges:\n  buur:\n    convenant: buren\n    ceiling: L1\n    purposes: [veiligheid]\n    kinds: "
         "[municipality]\n"
         "    their_kinds: [police]\n    channels: [case]\n    from: 2026-02-01\n    until: "
         "2026-12-31\nalerts:\n"}}},
      {"ceiling-kind",
       kWarn,
       "levels.municipality.ceiling",
       {{"  municipality:\n    ceiling: L0", "  municipality:\n    ceiling: L1"}}},
      {"ceiling-function",
       kWarn,
       "levels.municipality.functions.coordinator",
       {{"  municipality:\n    ceiling: L0\n    functions: {coordinator: L0}",
         "  municipality:\n    ceiling: L1\n    functions: {coordinator: L1}"}}},
      {"ceiling-tied", kWarn, "levels.enforcement.tied", {{"functions: {boa: L2}", "functions: {boa: L1}"}}},
      {"ceiling-channel",
       kWarn,
       "channels.core.ceiling",
       {{"  core:\n    kind: core\n    per: school\n    members: [school, police]\n",
         "  core:\n    kind: core\n    per: school\n    members: [municipality, school_board]\n"}}},
      {"chain-nobody",
       kWarn,
       "alerts.oranje.steps[0]",
       {{"  handhaving:\n    kind: enforcement\n    under: gemeente\n", ""}}},
      {"chain-own-kind",
       kWarn,
       "alerts.oranje.steps[1]",
       {{"{kind: police, function: ward_officer, within: 5 minutes}", "{kind: school, within: 5 minutes}"},
        {"    identity_to: [police]\n    justify_within: 24 hours\n", ""}}},
      {"alert-without-chain",
       kWarn,
       "channels.core",
       {{"  core:\n    kind: core", "  core:\n    kind: alert"}}},
      {"no-contact", kNote, "levels.enforcement", {{"    contact: boa\n", ""}}},
      {"retention-justification",
       kWarn,
       "channels.case.retention",
       {{"L2: kort, justification: lang", "L2: lang, justification: kort"}}},
      {"groups-one-issuer",
       kWarn,
       "reveal.approval_groups.gemeente",
       {{"members: [school, police]\n    ceiling: L1",
         "members: [school, police, enforcement]\n    ceiling: L1"}}},
      {"group-function",
       kWarn,
       "reveal.approval_groups.eigen",
       {{"eigen: {of: sender, function: privacy_officer}", "eigen: {of: sender, function: director}"}}},
      {"matching-without-keys",
       kWarn,
       "trust",
       {{"alerts:\n", absl::StrCat(kMatchingFor, kTrustFor, "alerts:\n")}}},
      {"steward-is-host", kWarn, "trust", {{"alerts:\n", WithMatchKeys('3', '1')}}},
      {"steward-unnamed", kNote, "trust", {{"alerts:\n", WithMatchKeys('3', '4')}}},
      {"vocabulary", kWarn, "channels.core", {{"    kind: core\n", "    kind: kring\n"}}},
      {"vocabulary",
       kWarn,
       "levels.brandweer",
       {{"  municipality:\n    ceiling",
         "  brandweer:\n    ceiling: L0\n    functions: {x: L0}\n  municipality:\n    ceiling"}}},
  };
  for (const FindingCase& one : kCases) {
    const std::string yaml = SmallWith(one.broken);
    const absl::StatusOr<Convenant> broken = Convenant::Parse(yaml, "klein.yaml");
    ASSERT_TRUE(broken.ok()) << one.code << ": " << broken.status();
    const std::vector<Finding> findings = FindingsOf(*broken);
    const auto found = std::find_if(findings.begin(), findings.end(), [&](const Finding& finding) {
      return finding.code == one.code && finding.at.path == one.path;
    });
    ASSERT_NE(found, findings.end()) << one.code << " " << one.path << " not in "
                                     << testing::PrintToString(Codes(findings));
    EXPECT_EQ(found->severity, one.severity) << one.code;
    EXPECT_GT(found->at.line, 0) << one.code;
    EXPECT_THAT(found->sentence_nl, Not(IsEmpty()));
    EXPECT_NE(found->sentence_nl, found->sentence_en) << one.code;
  }
}

// Text at L0 takes any category, so one is dead only where nobody tells anything.
TEST(Findings, WhereNobodySitsInAnyChannelEverythingIsDead) {
  std::string yaml =
      SmallWith({{"  municipality:\n    ceiling",
                  "  halt:\n    ceiling: L2\n    functions: {x: L2}\n  municipality:\n    ceiling"},
                 {"members: [school, police, enforcement]\n    chair: school", "members: [halt]"},
                 {"members: [school, police]\n    ceiling: L1\n    kept_identity: allowed",
                  "members: [halt]\n    ceiling: L1"},
                 {"members: [school, police, municipality, school_board]\n    chair: municipality",
                  "members: [halt]"}});
  yaml = yaml.substr(0, yaml.find("reveal:\n"));
  const absl::StatusOr<Convenant> empty = Convenant::Parse(yaml, "klein.yaml");
  ASSERT_TRUE(empty.ok()) << empty.status();
  const std::vector<std::string> codes = Codes(FindingsOf(*empty));
  for (const auto& [code, count] : std::map<std::string, int>{{"dead-category", 3},
                                                              {"dead-purpose", 2},
                                                              {"dead-channel", 3},
                                                              {"dead-retention", 2},
                                                              {"dead-kind", 6}}) {
    EXPECT_EQ(std::count(codes.begin(), codes.end(), code), count) << code;
  }
}

TEST(Explain, AClauseByPathAndByLine) {
  const std::string yaml = kSmall;
  const Convenant small = Small();
  const Explanation by_path = *Explain(small, yaml, "channels.core.ceiling");
  EXPECT_EQ(by_path.text, "    ceiling: L1");
  EXPECT_THAT(by_path.rules, Contains("R4"));
  EXPECT_THAT(by_path.meaning_nl, HasSubstr("hoger"));
  bool stops_named = false;
  for (const Stopped& stop : by_path.stops) {
    EXPECT_EQ(stop.channel, "core");
    EXPECT_GT(stop.count, 0u);
    stops_named |= std::find(stop.items.begin(), stop.items.end(), Item::kNamedText) != stop.items.end();
  }
  EXPECT_TRUE(stops_named);
  EXPECT_THAT(by_path.lets, Not(IsEmpty()));
  for (const MatrixRow& row : by_path.lets) EXPECT_THAT(row.channels, Contains("core"));
  const Explanation by_line = *Explain(small, yaml, absl::StrCat(by_path.at.line));
  EXPECT_EQ(by_line.at.path, "channels.core.ceiling");
}

TEST(Explain, WhomATiedCeilingLets) {
  const Explanation tied = *Explain(Small(), kSmall, "levels.enforcement.tied");
  EXPECT_THAT(tied.meaning_en, HasSubstr("role in the case"));
  bool role = false;
  for (const MatrixRow& row : tied.lets) role |= (row.needs & (kNeedsRecipientRole | kNeedsSenderRole)) != 0;
  EXPECT_TRUE(role);
}

TEST(Explain, KnowsWhatEachKeyMeansAndNamesTheNearest) {
  const Convenant small = Small();
  const absl::Status unknown = Explain(small, kSmall, "channels.core.celling").status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("channels.core.ceiling"));
  EXPECT_EQ(Explain(small, kSmall, "0").status().code(), absl::StatusCode::kInvalidArgument);
  for (const char* path :
       {"convenant", "purposes.gevaar.acute_danger", "levels.police.details", "reveal.approval_groups.eigen",
        "alerts.oranje.identity_to", "alerts.oranje.steps[1]", "alerts.oranje.steps[1].within",
        "thresholds.max_recipients", "scopes.school-a"}) {
    const Explanation explanation = *Explain(small, kSmall, path);
    EXPECT_THAT(explanation.meaning_nl, Not(IsEmpty())) << path;
    EXPECT_NE(explanation.meaning_nl, explanation.meaning_en) << path;
  }
}

}  // namespace
}  // namespace seinpost::policies
