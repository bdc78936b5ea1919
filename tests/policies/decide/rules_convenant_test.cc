// SPDX-License-Identifier: EUPL-1.2
// R1, R2, R3, R12, R13: who may take part at all.
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(R01, AllowsUnderActiveSignedVersion) {
  const Example example;
  const Decision decision = example.Decide(example.Send(Level::kL1, {"politie/wijkagent"}));
  EXPECT_TRUE(decision.allowed) << decision.Sentence(Language::kEnglish);
  EXPECT_THAT(decision.reasons, IsEmpty());
}

TEST(R01, RefusesDraftUnsignedAndForeignConvenant) {
  Example example;
  SendRequest send = example.Send(Level::kL0, {"politie/wijkagent"});
  example.facts.convenant_active = false;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_CONVENANT R1"));
  example.facts.convenant_active = true;
  example.facts.all_signatures = false;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_CONVENANT R1"));
  example.facts.all_signatures = true;
  send.convenant_id = "elders";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_CONVENANT R1"));
}

TEST(R01, HoldsFromFirstMomentToLast) {
  Example example;
  for (MemberFacts* member : {&example.At("school/zorgcoordinator"), &example.At("politie/wijkagent")}) {
    member->mandates[0].from = absl::InfinitePast();
    member->mandates[0].until = absl::InfiniteFuture();
  }
  const SendRequest send = example.Send(Level::kL1, {"politie/wijkagent"});
  const absl::Duration tick = absl::Nanoseconds(1);
  const Convenant& c = example.convenant;
  EXPECT_TRUE(DecideSend(send, example.facts, c.valid_from()).allowed);
  EXPECT_TRUE(DecideSend(send, example.facts, c.valid_until() - tick).allowed);
  EXPECT_THAT(Told(DecideSend(send, example.facts, c.valid_from() - tick)), ElementsAre("NO_CONVENANT R1"));
  EXPECT_THAT(Told(DecideSend(send, example.facts, c.valid_until())), ElementsAre("NO_CONVENANT R1"));
}

// A convenant of one channel, in which only the kind of agreement changes.
Convenant OfKind(absl::string_view kind, absl::string_view level) {
  const std::string yaml = std::string(R"(convenant:
  id: test
  title: Test
  kind: )") + std::string(kind) +
                           R"(
  version: 1
  valid_from: 2025-01-01
  valid_until: 2030-12-31
  controller: a
parties:
  a:
    kind: org
    host: yes
  b:
    kind: org
purposes:
  p:
    ground: none
    may_use: all
categories:
  c:
    kind: neutral
levels:
  org:
    ceiling: )" + std::string(level) +
                           R"(
    functions:
      f: )" + std::string(level) +
                           R"(
channels:
  main:
    kind: core
    members: [org]
    ceiling: )" + std::string(level) +
                           R"(
    retention: r
retention:
  r:
    after_close: 1 month
    cap: 2 months
oversight:
  privacy_officers: [a]
thresholds:
  max_recipients: 3
)";
  absl::StatusOr<Convenant> convenant = Convenant::Parse(yaml, "test.yaml");
  EXPECT_TRUE(convenant.ok()) << convenant.status();
  return *std::move(convenant);
}

TEST(R01, KindCapsLevel) {
  const struct {
    const char* kind;
    Level cap;
  } kCases[] = {{"NETWORK", Level::kL0}, {"WORKING_AGREEMENT", Level::kL1}, {"CONVENANT", Level::kL2}};
  for (const auto& test : kCases) {
    const Convenant convenant = OfKind(test.kind, ToString(test.cap));
    Facts facts;
    facts.convenant = &convenant;
    facts.convenant_active = facts.all_signatures = true;
    for (const char* id : {"a/x", "b/y"}) {
      facts.members[Member(id)] = {
          true, false, {{"f", {"*"}, Level::kL2, absl::InfinitePast(), absl::InfiniteFuture()}}, {}};
    }
    for (Level level : {Level::kL0, Level::kL1, Level::kL2}) {
      SendRequest send;
      send.sender = Member("a/x");
      send.convenant_id = "test";
      send.convenant_version = 1;
      send.channel = "main";
      send.category = "c";
      send.purpose = "p";
      send.level = level;
      send.informed = Informed::kYes;
      send.has_case_ref = level != Level::kL0;
      send.parts.push_back(Example::Part(PartKind::kNarrative, {"b/y"}));
      const Decision decision = DecideSend(send, facts, convenant.valid_from());
      EXPECT_EQ(decision.allowed, level <= test.cap) << test.kind << " " << ToString(level);
      if (level <= test.cap) continue;
      EXPECT_EQ(First(decision).code, RefusalCode::kLevelExceeded);
      EXPECT_EQ(First(decision).rule, "R1");
      EXPECT_EQ(First(decision).clause.path, "convenant.kind");
      EXPECT_EQ(First(decision).clause.line, 4);
    }
  }
}

TEST(R31, RefusesAnotherVersion) {
  const Example example;
  SendRequest send = example.Send(Level::kL1, {"politie/wijkagent"});
  send.convenant_version = 2;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("VERSION_STALE R31"));
}

TEST(R02, RefusesUnknownPartyAndSaysNothingElseAboutIt) {
  const Example example;
  const SendRequest send = example.Named({"politie/wijkagent", "buurman/jan"});
  const Decision decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("NOT_A_PARTY R2 buurman/jan"));
  for (const Verdict& verdict : decision.verdicts) {
    const PartRequest& part = send.parts[verdict.part];
    EXPECT_EQ(verdict.allowed,
              part.kind == PartKind::kJustification || part.recipients[verdict.recipient].party == "politie");
  }
}

TEST(R02, RefusesUnknownSender) {
  const Example example;
  SendRequest send = example.Send(Level::kL0, {"politie/wijkagent"});
  send.sender = Member("buurman/jan");
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NOT_A_PARTY R2"));
}

TEST(R02, RefusesPartyOutsideChannel) {
  const Example example;
  // Another school sits in the channels of its own school only; the municipality is not in the case meeting.
  SendRequest send = example.Send(Level::kL1, {"school2/zorgcoordinator"});
  Decision decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("NOT_A_PARTY R2 school2/zorgcoordinator"));
  EXPECT_EQ(First(decision).clause.path, "channels.direct.members");
  send = example.Send(Level::kL0, {"school2/zorgcoordinator"});
  EXPECT_TRUE(example.Decide(send).allowed) << "both schools sit in the theme channel";
}

TEST(R02, UndeclaredChannelPurposeAndCategoryNeverPass) {
  const Example example;
  SendRequest send = example.Send(Level::kL0, {"politie/wijkagent"});
  send.channel = "core@nowhere";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NOT_A_PARTY R1"));
  send = example.Send(Level::kL0, {"politie/wijkagent"});
  send.purpose = "nieuwsgierig";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("PURPOSE_NOT_ALLOWED R1"));
  send = example.Send(Level::kL0, {"politie/wijkagent"});
  send.category = "roddel";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("CATEGORY_NOT_ALLOWED R1"));
}

TEST(R03, MandateHoldsFromItsFirstMomentToBeforeItsLast) {
  Example example;
  const SendRequest send = example.Send(Level::kL1, {"politie/wijkagent"});
  MandateFacts& mandate = example.At("politie/wijkagent").mandates[0];
  mandate.from = example.now;
  mandate.until = example.now + absl::Seconds(1);
  EXPECT_TRUE(example.Decide(send).allowed);
  mandate.from = example.now + absl::Seconds(1);
  mandate.until = example.now + absl::Seconds(2);
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_MANDATE R3 politie/wijkagent"));
  mandate.from = example.now - absl::Seconds(1);
  mandate.until = example.now;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_MANDATE R3 politie/wijkagent"));
}

TEST(R03, MandateCoversTheScope) {
  Example example;
  const SendRequest send = example.Send(Level::kL1, {"politie/wijkagent"});
  std::vector<std::string>& scopes = example.At("school/zorgcoordinator").mandates[0].scopes;
  scopes = {"school-b"};
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_MANDATE R3"));
  scopes = {"*"};
  EXPECT_TRUE(example.Decide(send).allowed);
  scopes = {};
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_MANDATE R3"));
}

TEST(R03, RefusesRevokedUnknownAndForeignFunction) {
  Example example;
  const SendRequest send = example.Send(Level::kL0, {"politie/wijkagent"});
  example.At("politie/wijkagent").revoked = true;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_MANDATE R3 politie/wijkagent"));
  example.At("politie/wijkagent").revoked = false;
  example.At("politie/wijkagent").known = false;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_MANDATE R3 politie/wijkagent"));
  example.At("politie/wijkagent").known = true;
  example.At("politie/wijkagent").mandates[0].function = "youth_worker";  // of another kind of partner
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_MANDATE R3 politie/wijkagent"));
  example.facts.members.erase(Member("politie/wijkagent"));
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_MANDATE R3 politie/wijkagent"));
}

constexpr char kGuest[] = R"(  ov:
    title: Vervoerder
    kind: transport
    under: gemeente
    guest: yes
)";

// The example with a transport company as guest of the theme and case channels.
Example WithGuest(bool in_case) {
  std::string yaml = FileText(kExample);
  const auto insert_before = [&](const std::string& mark, const std::string& text) {
    const size_t at = yaml.find(mark);
    ASSERT_NE(at, std::string::npos) << mark;
    yaml.insert(at, text);
  };
  insert_before("\n# Waarvoor gedeeld", kGuest);
  insert_before("  school_board:\n    ceiling",
                "  transport:\n    ceiling: L0\n    functions:\n      driver: L0\n");
  insert_before("    chair: municipality", "    guests: [transport]\n");
  if (in_case)
    insert_before("    ceiling: L2\n    identity: yes              #", "    guests: [transport]\n");
  Example example(yaml);
  example.facts.members[Member("ov/chauffeur")] = {
      true, false, {{"driver", {"*"}, Level::kL2, absl::InfinitePast(), absl::InfiniteFuture()}}, {}};
  return example;
}

TEST(R12, GuestTakesPartAtL0Only) {
  const Example example = WithGuest(true);
  SendRequest send = example.Send(Level::kL0, {"ov/chauffeur"});
  EXPECT_TRUE(example.Decide(send).allowed) << example.Decide(send).Sentence(Language::kEnglish);
  send = example.Send(Level::kL1, {"ov/chauffeur", "politie/wijkagent"});
  send.channel = "case@school-a";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("GUEST_LEVEL R12 ov/chauffeur"));
  send.level = Level::kL0;
  send.has_case_ref = false;
  EXPECT_TRUE(example.Decide(send).allowed) << "L0 in a channel that goes higher";
}

TEST(R12, GuestOfOneChannelIsNoneOfAnother) {
  const Example example = WithGuest(false);
  SendRequest send = example.Send(Level::kL0, {"ov/chauffeur"});
  send.channel = "case@school-a";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NOT_A_PARTY R2 ov/chauffeur"));
}

TEST(R13, NothingAboveL0LeavesTheConvenant) {
  const Example example;
  for (Level level : {Level::kL1, Level::kL2}) {
    EXPECT_THAT(Told(example.Decide(example.Send(level, {"school/leraar@elders"}))),
                ElementsAre("NO_BRIDGE R13 school/leraar@elders"));
  }
  EXPECT_THAT(Told(example.Decide(example.Named({"politie/wijkagent", "school/leraar@elders"}))),
              ElementsAre("NO_BRIDGE R13 school/leraar@elders"));
  EXPECT_THAT(Told(example.Decide(example.Send(Level::kL0, {"school/leraar@elders"}))),
              ElementsAre("NOT_A_PARTY R13 school/leraar@elders"));
}

TEST(R13, OwnConvenantNeedsNoBridge) {
  const Example example;
  EXPECT_TRUE(example.Decide(example.Send(Level::kL1, {"politie/wijkagent"})).allowed);
}

}  // namespace
}  // namespace seinpost::policies
