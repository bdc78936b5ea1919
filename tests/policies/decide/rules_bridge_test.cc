// SPDX-License-Identifier: EUPL-1.2
// R13: members of another convenant.
#include "policies/instead/alternatives.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kThere[] = "politie/wijkagent@elders";

// One side of the bridge: the example under another id, with a bridge section.
std::string Side(const std::string& id, const std::string& bridge) {
  std::string yaml = FileText(kExample);
  yaml.replace(yaml.find("  id: plaats"), 12, "  id: " + id);
  const std::string police = "  police:\n    ceiling: L2\n";
  yaml.replace(yaml.find(police), police.size(), police + "    competence: [dreiging]\n");
  return yaml + bridge;
}

std::string BridgeClause(const std::string& to, const std::string& ceiling = "L2",
                         const std::string& kinds = "[school, police]",
                         const std::string& theirs = "[school, police]",
                         const std::string& purposes = "[dreiging]",
                         const std::string& channels = "[direct]") {
  return "bridges:\n  brug: {convenant: " + to + ", ceiling: " + ceiling + ", purposes: " + purposes +
         ", kinds: " + kinds + ", their_kinds: " + theirs + ", channels: " + channels +
         ", from: 2026-01-01, until: 2026-06-30}\n";
}

struct Bridged : Example {
  explicit Bridged(const std::string& ours = BridgeClause("elders"),
                   const std::string& theirs = BridgeClause("plaats"))
      : Example(Side("plaats", ours)), peer(*Convenant::Parse(Side("elders", theirs), "elders.yaml")) {
    facts.peers["elders"] = {&peer, true};
    facts.members[Member(kThere)] = At("politie/wijkagent");
    facts.members[Member("halt/medewerker@elders")] = {
        .known = true,
        .mandates = {{"halt_worker", {"*"}, Level::kL2, absl::InfinitePast(), absl::InfiniteFuture()}}};
  }
  std::vector<std::string> Ask(const SendRequest& send) const { return Told(Decide(send)); }
  Convenant peer;
};

TEST(R13, BridgeCarriesWhatBothSidesDeclare) {
  const Bridged bridged;
  EXPECT_THAT(bridged.Ask(bridged.Send(Level::kL1, {kThere})), IsEmpty());
  EXPECT_THAT(bridged.Ask(bridged.Named({kThere})), IsEmpty());
  EXPECT_EQ(TieOf(bridged.Named({kThere}), Member(kThere), bridged.facts, bridged.now), Tie::kCompetence);
}

TEST(R13, OneSideAloneIsNoBridge) {
  for (const auto& [ours, theirs] : {std::pair(BridgeClause("elders"), std::string()),
                                     {std::string(), BridgeClause("plaats")},
                                     {BridgeClause("elders"), BridgeClause("ergens")},
                                     {BridgeClause("ergens"), BridgeClause("plaats")}}) {
    const Bridged bridged(ours, theirs);
    EXPECT_THAT(bridged.Ask(bridged.Send(Level::kL1, {kThere})),
                ElementsAre(std::string("NO_BRIDGE R13 ") + kThere));
  }
  Bridged bridged;
  bridged.facts.peers["elders"].active = false;
  EXPECT_THAT(bridged.Ask(bridged.Send(Level::kL1, {kThere})),
              ElementsAre(std::string("NO_BRIDGE R13 ") + kThere));
}

TEST(R13, BridgeHoldsFromItsFirstDayToItsLast) {
  Bridged bridged;
  const auto at = [](int year, int month, int day) {
    return absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone());
  };
  const absl::Duration tick = absl::Nanoseconds(1);
  const SendRequest send = bridged.Send(Level::kL1, {kThere});
  const auto ask = [&](absl::Time now) { return Told(DecideSend(send, bridged.facts, now)); };
  EXPECT_THAT(ask(at(2026, 1, 1)), IsEmpty());
  EXPECT_THAT(ask(at(2026, 7, 1) - tick), IsEmpty());
  EXPECT_THAT(ask(at(2026, 1, 1) - tick), ElementsAre(std::string("NO_BRIDGE R13 ") + kThere));
  EXPECT_THAT(ask(at(2026, 7, 1)), ElementsAre(std::string("NO_BRIDGE R13 ") + kThere));
}

TEST(R13, BridgeIsNoWiderThanEitherSide) {
  const std::string us = BridgeClause("elders"), them = BridgeClause("plaats");
  const struct {
    const char* name;
    std::string ours, theirs;
  } kCases[] = {
      {"our ceiling", BridgeClause("elders", "L1"), them},
      {"their ceiling", us, BridgeClause("plaats", "L1")},
      {"our kinds", BridgeClause("elders", "L2", "[police]"), them},
      {"their idea of our kinds", us, BridgeClause("plaats", "L2", "[school, police]", "[police]")},
      {"our idea of their kinds", BridgeClause("elders", "L2", "[school]", "[school]"), them},
      {"their kinds", us, BridgeClause("plaats", "L2", "[school]")},
      {"our purposes", BridgeClause("elders", "L2", "[school]", "[police]", "[preventie]"), them},
      {"their purposes", us, BridgeClause("plaats", "L2", "[police]", "[school]", "[preventie]")},
      {"channel", BridgeClause("elders", "L2", "[school]", "[police]", "[dreiging]", "[case]"), them},
  };
  for (const auto& test : kCases) {
    const Bridged bridged(test.ours, test.theirs);
    EXPECT_THAT(bridged.Ask(bridged.Named({kThere})), ElementsAre(std::string("BRIDGE_SCOPE R13 ") + kThere))
        << test.name;
  }
}

TEST(R13, RecipientIsJudgedByHisOwnConvenant) {
  Bridged bridged;
  EXPECT_THAT(bridged.Ask(bridged.Send(Level::kL1, {"vreemd/iemand@elders"})),
              ElementsAre("NOT_A_PARTY R13 vreemd/iemand@elders"));
  bridged.At(kThere).mandates[0].max_level = Level::kL1;
  EXPECT_THAT(bridged.Ask(bridged.Named({kThere})), ElementsAre(std::string("LEVEL_EXCEEDED R13 ") + kThere));
  bridged.At(kThere).mandates[0].until = bridged.now;
  EXPECT_THAT(bridged.Ask(bridged.Send(Level::kL1, {kThere})),
              ElementsAre(std::string("NO_MANDATE R13 ") + kThere));
}

TEST(R13, WhatCrossesIsJustifiedAndTied) {
  Bridged bridged;
  SendRequest send = bridged.Named({kThere});
  send.parts.pop_back();
  EXPECT_THAT(bridged.Ask(send), ElementsAre(std::string("NO_JUSTIFICATION R10 ") + kThere));
  send = bridged.Named({kThere});
  send.parts.push_back(Example::Part(PartKind::kSource, {kThere}));
  EXPECT_THAT(bridged.Ask(send), ElementsAre(std::string("SOURCE_PROTECTED R21 ") + kThere));
  const Bridged no_competence(
      BridgeClause("elders", "L2", "[school, police]", "[school, police]", "[dreiging, preventie]"),
      BridgeClause("plaats", "L2", "[school, police]", "[school, police]", "[dreiging, preventie]"));
  send = no_competence.Named({kThere});
  send.purpose = "preventie";
  EXPECT_THAT(no_competence.Ask(send), ElementsAre(std::string("NO_INVOLVEMENT R9 ") + kThere));
}

TEST(R13, L0GoesThroughToAKnownConvenant) {
  Bridged bridged("", "");
  EXPECT_THAT(bridged.Ask(bridged.Send(Level::kL0, {kThere})), IsEmpty());
  EXPECT_THAT(bridged.Ask(bridged.Send(Level::kL0, {"politie/wijkagent@verder"})),
              ElementsAre("NOT_A_PARTY R13 politie/wijkagent@verder"));
  const SendRequest send = bridged.Send(Level::kL1, {kThere});
  std::vector<std::string> texts;
  for (const Alternative& instead : Alternatives(send, bridged.facts, bridged.now))
    texts.push_back(instead.text_en);
  EXPECT_THAT(texts, testing::Contains(testing::HasSubstr("share at level L0")));
}

TEST(R13, IsNotTransitive) {
  Bridged bridged;
  OriginalFacts original;
  original.sender = Member(kThere);
  original.channel = "direct@school-a";
  original.purpose = "dreiging";
  original.level = Level::kL1;
  original.parts.push_back(
      {PartKind::kNarrative, bridged.now + absl::Hours(1), {Member("school/zorgcoordinator")}});
  bridged.facts.original = original;
  SendRequest send = bridged.Send(Level::kL1, {"wijkteam/medewerker"});
  send.forwards = true;
  EXPECT_THAT(bridged.Ask(send), ElementsAre("ONWARD_FORBIDDEN R14")) << "what came over a bridge stays";
  bridged.facts.original->sender = Member("wijkteam/medewerker");
  send = bridged.Send(Level::kL1, {kThere});
  send.forwards = true;
  EXPECT_THAT(bridged.Ask(send), ElementsAre(std::string("ONWARD_FORBIDDEN R14 ") + kThere))
      << "what was shared here does not leave by being passed on";
}

}  // namespace
}  // namespace seinpost::policies
