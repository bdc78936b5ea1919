// SPDX-License-Identifier: EUPL-1.2
#include "policies/analysis/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/policies/example.h"
#include "tests/policies/small.h"

namespace seinpost::policies {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// What a version answers to the example of a change.
bool Answers(const Convenant& convenant, const RequestChange& change) {
  Facts facts = DomainFacts(convenant);
  SendRequest request = change.example;
  request.convenant_id = convenant.id();
  request.convenant_version = convenant.version();
  if (change.sender_role) facts.broker.case_roles.insert(request.sender);
  if (change.recipient_role) facts.broker.case_roles.insert(request.parts.front().recipients.front());
  return DecideSend(request, facts, convenant.valid_from() + absl::Hours(12)).allowed;
}

TEST(Compare, AFileDoesNotDifferFromItself) {
  const Convenant small = Small();
  EXPECT_TRUE(Compare(small, small).empty());
  for (const auto& entry : std::filesystem::directory_iterator("policies/convenants")) {
    const std::string file = entry.path().string();
    if (file.find(".lab.") != std::string::npos || file.find(".expect.") != std::string::npos) continue;
    const absl::StatusOr<Convenant> convenant = Convenant::Parse(FileText(file), file);
    ASSERT_TRUE(convenant.ok()) << convenant.status();
    EXPECT_THAT(CompareTerms(*convenant, *convenant), IsEmpty()) << file;
  }
}

// Every ceiling of the small convenant, one step down: nothing new is allowed; the other way round, something
// is, and DecideSend says so of the counterexample under both versions.
TEST(Compare, LoweringACeilingNeverWidensAndRaisingItDoes) {
  const std::map<std::string, Replacements> lowered = {
      {"channel case",
       {{"    chair: school\n    ceiling: L2\n    identity: yes\n    retention: {L0: lang, L1: kort, L2: "
         "kort, "
         "justification: lang}",
         "    chair: school\n    ceiling: L1\n    retention: {L0: lang, L1: kort}"},
        {"    identity_to: [police]\n    justify_within: 24 hours\n", ""}}},
      {"kind police",
       {{"  police:\n    ceiling: L2\n    functions: {ward_officer: L2}",
         "  police:\n    ceiling: L1\n    functions: {ward_officer: L1}"}}},
      {"kind school",
       {{"  school:\n    ceiling: L2\n    functions: {director: L2, concierge: L1}",
         "  school:\n    ceiling: L1\n    functions: {director: L1, concierge: L1}"}}},
      {"function director", {{"director: L2", "director: L1"}}},
      {"function concierge", {{"concierge: L1", "concierge: L0"}}},
      {"tied enforcement", {{"    tied: L2\n    functions: {boa: L2}", "    functions: {boa: L1}"}}},
      {"function boa", {{"boa: L2", "boa: L1"}}},
  };
  const Convenant high = Small();
  for (const auto& [what, replacements] : lowered) {
    const Convenant low = Small(replacements);
    const Comparison down = Compare(high, low);
    EXPECT_THAT(down.requests, Not(IsEmpty())) << what;
    EXPECT_FALSE(down.Widens()) << what << ": " << (down.terms.empty() ? "" : down.terms.front().path);
    const Comparison up = Compare(low, high);
    EXPECT_TRUE(up.Widens()) << what;
    for (const RequestChange& change : up.requests) {
      EXPECT_TRUE(change.allowed) << what << ": " << change.sentence_en;
      EXPECT_TRUE(Answers(high, change)) << what << ": " << change.sentence_en;
      EXPECT_FALSE(Answers(low, change)) << what << ": " << change.sentence_en;
      EXPECT_THAT(change.codes, Not(IsEmpty()));
      EXPECT_GT(change.count, 0u);
    }
  }
}

// A role that is not needed any more gives nothing new to whoever has one; it is asked about without.
TEST(Compare, ATiedCeilingThatBecomesOrdinaryWidens) {
  const Convenant before = Small();
  const Convenant after = Small({{"    ceiling: L1\n    tied: L2\n", "    ceiling: L2\n"}});
  const Comparison comparison = Compare(before, after);
  ASSERT_THAT(comparison.requests, Not(IsEmpty()));
  for (const RequestChange& change : comparison.requests) {
    EXPECT_TRUE(change.allowed);
    EXPECT_FALSE(change.sender_role && change.recipient_role) << change.sentence_en;
    EXPECT_TRUE(Answers(after, change)) << change.sentence_en;
    EXPECT_FALSE(Answers(before, change)) << change.sentence_en;
  }
}

TEST(Compare, CounterexamplesAreSentencesAndFlags) {
  const Comparison comparison = Compare(Small({{"ward_officer: L2", "ward_officer: L1"}}), Small());
  const auto identity =
      std::find_if(comparison.requests.begin(), comparison.requests.end(), [](const RequestChange& change) {
        return change.item == Item::kIdentity && change.from_kind == "school" && change.to_kind == "police";
      });
  ASSERT_NE(identity, comparison.requests.end());
  EXPECT_THAT(identity->sentence_nl,
              HasSubstr("school/director mag voortaan aan politie/ward_officer via case@school-a"));
  EXPECT_THAT(identity->sentence_en, HasSubstr("school/director may from now on tell politie/ward_officer"));
  EXPECT_THAT(identity->codes, ElementsAre("LEVEL_EXCEEDED"));
  EXPECT_THAT(identity->flags,
              ElementsAre("--channel", "case@school-a", "--level", "L2", "--category", "overlast",
                          "--purpose", "gevaar", "--to", "politie/ward_officer", "--identity", "FILE",
                          "--identity-to", "politie/ward_officer", "--justify", "TEXT", "--informed", "yes"));
}

TEST(Compare, WhatOneVersionDoesNotKnowIsAskedAboutToo) {
  const Convenant before = Small();
  const Convenant after =
      Small({{"categories:\n", "categories:\n  vuurwerk:\n    kind: neutral\n"},
             {"  handhaving:\n", "  halt:\n    kind: halt\n  handhaving:\n"},
             {"  police:\n    ceiling",
              "  halt:\n    ceiling: L1\n    functions: {halt_worker: L1}\n  police:\n    ceiling"},
             {"members: [school, police, enforcement]", "members: [school, police, enforcement, halt]"}});
  const Comparison comparison = Compare(before, after);
  bool new_category = false, new_kind = false;
  for (const RequestChange& change : comparison.requests) {
    EXPECT_TRUE(change.allowed) << change.sentence_en;
    new_category |= change.example.category == "vuurwerk";
    new_kind |= change.to_kind == "halt";
  }
  EXPECT_TRUE(new_category);
  EXPECT_TRUE(new_kind);
  const Comparison back = Compare(after, before);
  for (const RequestChange& change : back.requests) EXPECT_FALSE(change.allowed) << change.sentence_en;
}

struct TermCase {
  const char* from;
  const char* to;
  const char* path;
  Effect effect;
  Effect back;  // of the change the other way round
};

constexpr Effect kW = Effect::kWidening, kN = Effect::kNarrowing, kO = Effect::kNeutral;

const char kMatching[] =
    "matching:\n  channels: [case]\n  keys: {name_dob: [school, police]}\n  threshold: {signals: 4, kinds: "
    "3}\n"
    "  window: 60 days\n  told: {kind: police, function: ward_officer}\nalerts:\n";

TEST(Compare, TermsAreWideningNarrowingOrNeutral) {
  const TermCase kCases[] = {
      {"kort: {after_close: 6 months, cap: 12 months}", "kort: {after_close: 7 months, cap: 12 months}",
       "channels.case.retention.L2.after_close", kW, kN},
      {"kort: {after_close: 6 months, cap: 12 months}", "kort: {after_close: 6 months, cap: 14 months}",
       "channels.core.retention.L1.cap", kW, kN},
      {"lang: {after_close: 2 years", "lang: {after_close: 1 years",
       "channels.case.retention.justification.after_close", kW, kW},
      {"max_recipients: 4", "max_recipients: 5", "thresholds.max_recipients", kW, kN},
      {"max_recipients: 4", "max_recipients: 4\n  agenda_days: 4", "thresholds.agenda_days", kW, kN},
      {"max_recipients: 4", "max_recipients: 4\n  small_cell: 6", "thresholds.small_cell", kN, kW},
      {"max_recipients: 4", "max_recipients: 4\n  trend_schools: 4", "thresholds.trend_schools", kN, kW},
      {"  ask: [police]", "  ask: [police, school]", "reveal.ask", kW, kN},
      {"  purposes: [gevaar]", "  purposes: [gevaar, veiligheid]", "reveal.purposes", kW, kN},
      {"expires: 14 days", "expires: 15 days", "reveal.expires", kW, kN},
      {"    gemeente: {of: [gemeente], function: privacy_officer}\n",
       "    gemeente: {of: [gemeente], function: privacy_officer}\n    bestuur: {of: [bestuur], function: "
       "board_member}\n",
       "reveal.approval_groups.bestuur", kN, kW},
      {"{of: [gemeente], function: privacy_officer}", "{of: [gemeente], function: coordinator}",
       "reveal.approval_groups.gemeente.function", kW, kW},
      {"{of: [gemeente], function: privacy_officer}",
       "{of: [gemeente, handhaving], function: privacy_officer}", "reveal.approval_groups.gemeente.of", kW,
       kN},
      {"within: 5 minutes", "within: 4 minutes", "alerts.oranje.steps.2.within", kW, kN},
      {"within: 5 minutes}\n", "within: 5 minutes}\n      - {kind: school, within: 9 minutes}\n",
       "alerts.oranje.steps", kW, kN},
      {"[director, concierge]", "[director]", "alerts.oranje.raise", kN, kW},
      {"identity_to: [police]", "identity_to: [police, enforcement]", "alerts.oranje.identity_to", kW, kN},
      {"justify_within: 24 hours", "justify_within: 48 hours", "alerts.oranje.justify_within", kW, kN},
      {"justify_within: 24 hours\n", "justify_within: 24 hours\n    drill_every: 6 months\n",
       "alerts.oranje.drill_every", kO, kO},
      {"privacy_officers: [gemeente, bestuur]", "privacy_officers: [gemeente, bestuur, politie]",
       "oversight.privacy_officers", kW, kW},
      {"valid_until: 2029-12-31", "valid_until: 2030-12-31", "convenant.valid_until", kW, kN},
      {"valid_from: 2026-01-01", "valid_from: 2026-01-02", "convenant.valid_from", kN, kW},
      {"  handhaving:\n", "  politie2:\n    kind: police\n  handhaving:\n", "parties.politie2", kW, kN},
      {"    under: gemeente\n", "", "parties.handhaving.under", kW, kW},
      {"ground: Publieke taak\n    may_use: all", "ground: Wet\n    may_use: all",
       "purposes.veiligheid.ground", kW, kW},
      {"kept_identity: allowed", "kept_identity: required", "channels.core.kept_identity", kN, kW},
      {"kept_identity: allowed", "kept_identity: forbidden", "channels.core.kept_identity", kN, kW},
      {"chair: municipality", "chair: school", "channels.theme.chair", kW, kW},
      {"    contact: boa\n", "", "levels.enforcement.contact", kO, kO},
      {"alerts:\n", kMatching, "matching", kW, kN},
  };
  for (const TermCase& one : kCases) {
    const Convenant before = Small(), after = Small({{one.from, one.to}});
    const auto effects = [&](const std::vector<TermChange>& changes) {
      std::vector<Effect> found;
      for (const TermChange& change : changes) {
        if (change.path == one.path) found.push_back(change.effect);
        EXPECT_THAT(change.sentence_nl, Not(IsEmpty()));
        EXPECT_NE(change.sentence_nl, change.sentence_en);
      }
      return found;
    };
    EXPECT_THAT(effects(CompareTerms(before, after)), ElementsAre(one.effect))
        << one.path << " <- " << one.to;
    EXPECT_THAT(effects(CompareTerms(after, before)), ElementsAre(one.back))
        << one.path << " -> " << one.from;
  }
}

TEST(Compare, MatchingTermByTerm) {
  const std::string base = SmallWith({{"alerts:\n", kMatching}});
  const TermCase kCases[] = {
      {"signals: 4", "signals: 3", "matching.threshold.signals", kW, kN},
      {"kinds: 3}", "kinds: 2}", "matching.threshold.kinds", kW, kN},
      {"window: 60 days", "window: 90 days", "matching.window", kW, kN},
      {"name_dob: [school, police]", "name_dob: all", "matching.keys.name_dob", kW, kN},
      {"{name_dob: [school, police]}", "{name_dob: [school, police], pupil_number: [school]}",
       "matching.keys.pupil_number", kW, kN},
      {"channels: [case]", "channels: [case, core]", "matching.channels", kW, kN},
      {"told: {kind: police, function: ward_officer}", "told: {kind: school, function: director}",
       "matching.told", kW, kW},
  };
  const Convenant before = *Convenant::Parse(base, "klein.yaml");
  for (const TermCase& one : kCases) {
    std::string yaml = base;
    const size_t at = yaml.find(one.from);
    ASSERT_NE(at, std::string::npos) << one.from;
    const Convenant after =
        *Convenant::Parse(yaml.replace(at, std::string(one.from).size(), one.to), "klein.yaml");
    const std::vector<TermChange> there = CompareTerms(before, after), back = CompareTerms(after, before);
    ASSERT_THAT(there, SizeIs(1)) << one.path;
    EXPECT_EQ(there[0].path, one.path);
    EXPECT_EQ(there[0].effect, one.effect) << one.path;
    ASSERT_THAT(back, SizeIs(1)) << one.path;
    EXPECT_EQ(back[0].effect, one.back) << one.path;
  }
}

TEST(Compare, BridgesTermByTerm) {
  const std::string bridge =
      "bridges:\n  buur:\n    convenant: buren\n    ceiling: L1\n    purposes: [veiligheid]\n    kinds: "
      "[police]\n"
      "    their_kinds: [police]\n    channels: [case]\n    from: 2026-02-01\n    until: 2026-12-31\n";
  const Convenant without = Small();
  const Convenant with = *Convenant::Parse(kSmall + bridge, "klein.yaml");
  ASSERT_THAT(CompareTerms(without, with), SizeIs(1));
  EXPECT_EQ(CompareTerms(without, with)[0].effect, kW);
  EXPECT_EQ(CompareTerms(with, without)[0].effect, kN);
  const std::pair<const char*, const char*> kWider[] = {
      {"ceiling: L1\n    purposes", "ceiling: L2\n    purposes"},
      {"purposes: [veiligheid]\n    kinds", "purposes: [veiligheid, gevaar]\n    kinds"},
      {"    kinds: [police]\n    their", "    kinds: [police, school]\n    their"},
      {"their_kinds: [police]", "their_kinds: [police, school]"},
      {"channels: [case]\n    from", "channels: [case, core]\n    from"},
      {"from: 2026-02-01", "from: 2026-01-15"},
      {"until: 2026-12-31", "until: 2027-12-31"}};
  for (const auto& [from, to] : kWider) {
    std::string yaml = kSmall + bridge;
    const size_t at = yaml.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    const absl::StatusOr<Convenant> wider =
        Convenant::Parse(yaml.replace(at, std::string(from).size(), to), "klein.yaml");
    ASSERT_TRUE(wider.ok()) << wider.status();
    ASSERT_THAT(CompareTerms(with, *wider), SizeIs(1)) << to;
    EXPECT_EQ(CompareTerms(with, *wider)[0].effect, kW) << to;
    EXPECT_EQ(CompareTerms(*wider, with)[0].effect, kN) << to;
  }
}

// The claim on which Compare skips questions: a role in the case never takes anything away.
TEST(Compare, ARoleNeverTakesAnythingAway) {
  const Convenant small = Small();
  Asker asker(small);
  size_t asked = 0;
  Domain({&small}).Visit([&](const Share& share) {
    const auto allowed = [&](bool sender, bool recipient) {
      Conditions conditions;
      conditions.sender_role = sender;
      conditions.recipient_role = recipient;
      return asker.Ask(share, "veiligheid", "overlast", conditions).allowed;
    };
    const bool none = allowed(false, false), both = allowed(true, true);
    const bool sender = allowed(true, false), recipient = allowed(false, true);
    EXPECT_LE(none, sender);
    EXPECT_LE(none, recipient);
    EXPECT_LE(sender, both);
    EXPECT_LE(recipient, both);
    ++asked;
  });
  EXPECT_GT(asked, 1000u);
}

}  // namespace
}  // namespace seinpost::policies
