// SPDX-License-Identifier: EUPL-1.2
// R4 to R9, R11, R20, R21: how close to a person, and which part to whom.
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;

TEST(R04, ChannelCeilingStopsSignal) {
  const Example example;
  SendRequest send = example.Send(Level::kL2, {kWardOfficer});
  EXPECT_TRUE(example.Decide(send).allowed);
  send.channel = "core@school-a";
  const Decision decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("LEVEL_EXCEEDED R4"));
  EXPECT_EQ(First(decision).clause.path, "channels.core.ceiling");
  send.level = Level::kL1;
  EXPECT_TRUE(example.Decide(send).allowed);
}

TEST(R04, PartnerCeilingStopsRecipientOfPartAboveIt) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer, kYouthWorker});
  const Decision decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("LEVEL_EXCEEDED R4 jongerenwerk/jongerenwerker"));
  EXPECT_EQ(First(decision).part_kind, PartKind::kIdentity);
  EXPECT_EQ(First(decision).clause.path, "levels.youth_work.ceiling");
  // The text of the same signal is judged at L1, so it may go there.
  for (const Verdict& verdict : decision.verdicts) {
    const PartRequest& part = send.parts[verdict.part];
    const bool refused =
        part.kind == PartKind::kIdentity && part.recipients[verdict.recipient].party == "jongerenwerk";
    EXPECT_EQ(verdict.allowed, !refused);
  }
}

TEST(R04, PartnerCeilingStopsSender) {
  const Example example;
  SendRequest send = example.Send(Level::kL1, {kWardOfficer});
  send.sender = Member(kYouthWorker);
  EXPECT_TRUE(example.Decide(send).allowed);
  send.level = Level::kL2;
  send.informed = Informed::kYes;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("LEVEL_EXCEEDED R4"));
}

TEST(R04, FunctionAndMandateStopMember) {
  Example example;
  const SendRequest send = example.Named({kWardOfficer});
  EXPECT_TRUE(example.Decide(send).allowed);
  MandateFacts& mandate = example.At("school/zorgcoordinator").mandates[0];
  mandate.function = "concierge";
  Decision decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("LEVEL_EXCEEDED R4"));
  EXPECT_EQ(First(decision).clause.path, "levels.school.functions.concierge");
  mandate.function = "care_coordinator";
  mandate.max_level = Level::kL1;
  decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("LEVEL_EXCEEDED R4"));
  EXPECT_EQ(First(decision).clause.path, "levels.school.functions.care_coordinator");
}

TEST(R04, BestOfSeveralMandatesCounts) {
  Example example;
  std::vector<MandateFacts>& mandates = example.At("school/zorgcoordinator").mandates;
  mandates.push_back(mandates[0]);
  mandates[0].max_level = Level::kL0;
  EXPECT_TRUE(example.Decide(example.Named({kWardOfficer})).allowed);
  mandates[1].scopes = {"school-b"};
  EXPECT_THAT(Told(example.Decide(example.Named({kWardOfficer}))), ElementsAre("LEVEL_EXCEEDED R4"));
}

TEST(R04, TiedCeilingHoldsNeverWithoutCases) {
  const Example example;
  ASSERT_EQ(example.convenant.FindLevels("youth_work")->tied, Level::kL2);
  EXPECT_FALSE(example.Decide(example.Named({kYouthWorker})).allowed);
}

TEST(R05, ThematicIsAboutNobody) {
  const Example example;
  const SendRequest clean = example.Send(Level::kL0, {kWardOfficer});
  EXPECT_TRUE(example.Decide(clean).allowed);
  SendRequest send = clean;
  send.has_case_ref = true;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("SUBJECT_AT_THEMATIC R5"));
  send = clean;
  send.has_match_tag = true;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("SUBJECT_AT_THEMATIC R5"));
  send = clean;
  send.parts.push_back(Example::Part(PartKind::kIdentity, {kWardOfficer}));
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("SUBJECT_AT_THEMATIC R5"));
  send = clean;
  send.identifier_hits = {"first_name"};
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("SUBJECT_AT_THEMATIC R5"));
}

TEST(R06, PseudonymousHoldsReferenceAndNoIdentity) {
  const Example example;
  const SendRequest clean = example.Send(Level::kL1, {kWardOfficer});
  EXPECT_TRUE(example.Decide(clean).allowed);
  SendRequest send = clean;
  send.has_case_ref = false;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("IDENTIFIER_IN_PSEUDONYMOUS R6"));
  send = clean;
  send.parts.push_back(Example::Part(PartKind::kIdentity, {kWardOfficer}));
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("IDENTIFIER_IN_PSEUDONYMOUS R6"));
  send.parts.back().kept = true;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("IDENTIFIER_IN_PSEUDONYMOUS R6"))
      << "no approval groups are named";
  send = clean;
  send.identifier_hits = {"birth_date"};
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("IDENTIFIER_IN_PSEUDONYMOUS R6"));
}

TEST(R20, NoMatchTagWithoutMatchKeys) {
  const Example example;
  for (Level level : {Level::kL1, Level::kL2}) {
    SendRequest send = example.Send(level, {kWardOfficer});
    send.has_match_tag = true;
    EXPECT_THAT(Told(example.Decide(send)), ElementsAre("MATCH_NOT_ALLOWED R20"));
    send.has_match_tag = false;
    EXPECT_TRUE(example.Decide(send).allowed);
  }
}

TEST(R07, IdentityGoesOnlyToReadersOfTheText) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer, "wijkteam/medewerker"});
  EXPECT_TRUE(example.Decide(send).allowed);
  send.parts[1].recipients.pop_back();
  EXPECT_TRUE(example.Decide(send).allowed) << "fewer than the text";
  send = example.Named({kWardOfficer, "wijkteam/medewerker"});
  send.parts[0].recipients.pop_back();
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("IDENTITY_KEYSET_MISMATCH R7 wijkteam/medewerker"));
}

TEST(R07, TextOfNamedSignalStaysClean) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer});
  send.identifier_hits = {"last_name"};
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("IDENTIFIER_IN_PSEUDONYMOUS R7"));
}

TEST(R08, NamesAreNotBroadcast) {
  const Example example;
  for (Level level : {Level::kL0, Level::kL1}) {
    SendRequest send = example.Send(level, {});
    send.parts[0].broadcast = true;
    send.parts[0].recipients = ChannelMembers(send.channel, level, send.sender, example.facts, example.now);
    EXPECT_FALSE(send.parts[0].recipients.empty());
    EXPECT_TRUE(example.Decide(send).allowed) << ToString(level);
  }
  SendRequest send = example.Named({kWardOfficer});
  send.parts[1].broadcast = true;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("BROADCAST_NAMED R8"));
  send = example.Named({kWardOfficer});
  send.parts[0].broadcast = true;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("BROADCAST_NAMED R8"))
      << "L2 recipients are chosen by name";
}

TEST(R08, BroadcastReachesMandatedMembersOfTheChannel) {
  const Example example;
  const std::vector<MemberId> members = ChannelMembers(
      "core@school-a", Level::kL1, Member("school/zorgcoordinator"), example.facts, example.now);
  EXPECT_THAT(members, ElementsAre(Member(kYouthWorker), Member(kWardOfficer), Member("sass/coordinator"),
                                   Member("school/teamleider"), Member("wijkteam/medewerker")));
}

TEST(R08, BroadcastLeavesOutWhoWouldBeRefused) {
  Example example;
  example.At(kYouthWorker).mandates[0].max_level = Level::kL0;
  const auto members = [&](Level level) {
    return ChannelMembers("core@school-a", level, Member("school/zorgcoordinator"), example.facts,
                          example.now);
  };
  EXPECT_THAT(members(Level::kL1), testing::Not(testing::Contains(Member(kYouthWorker))));
  EXPECT_THAT(members(Level::kL0), testing::Contains(Member(kYouthWorker)));
}

TEST(R09, CountsOrganisationsThatGetSomethingNamed) {
  const Example two = Example::With("max_recipients: 6", "max_recipients: 2");
  EXPECT_TRUE(two.Decide(two.Named({kWardOfficer, "wijkteam/medewerker"})).allowed);
  EXPECT_TRUE(two.Decide(two.Named({kWardOfficer, "wijkteam/medewerker", "school/teamleider"})).allowed)
      << "a colleague is no other organisation";
  const Example one = Example::With("max_recipients: 6", "max_recipients: 1");
  EXPECT_THAT(Told(one.Decide(one.Named({kWardOfficer, "wijkteam/medewerker"}))),
              ElementsAre("TOO_MANY_RECIPIENTS R9"));
}

TEST(R11, PartsFitTheLevel) {
  const struct {
    Level level;
    PartKind kind;
    bool allowed;
  } kCases[] = {
      {Level::kL0, PartKind::kAttachment, false},    {Level::kL1, PartKind::kAttachment, false},
      {Level::kL2, PartKind::kAttachment, true},     {Level::kL0, PartKind::kCare, false},
      {Level::kL1, PartKind::kCare, false},          {Level::kL2, PartKind::kCare, true},
      {Level::kL0, PartKind::kSource, false},        {Level::kL1, PartKind::kSource, true},
      {Level::kL2, PartKind::kSource, true},         {Level::kL0, PartKind::kJustification, false},
      {Level::kL1, PartKind::kJustification, false},
  };
  const Example example;
  for (const auto& test : kCases) {
    SendRequest send =
        test.level == Level::kL2 ? example.Named({kWardOfficer}) : example.Send(test.level, {kWardOfficer});
    const bool source = test.kind == PartKind::kSource;
    send.parts.push_back(Example::Part(test.kind, {source ? "school/teamleider" : kWardOfficer}));
    const Decision decision = example.Decide(send);
    EXPECT_EQ(decision.allowed, test.allowed) << ToString(test.level) << " " << ToString(test.kind);
    if (!test.allowed) {
      EXPECT_THAT(Told(decision), ElementsAre("PART_NOT_ALLOWED R11"));
    }
  }
}

TEST(R11, CareAndAttachmentsGoOnlyToReadersOfTheText) {
  const Example example;
  for (PartKind kind : {PartKind::kCare, PartKind::kAttachment}) {
    SendRequest send = example.Named({kWardOfficer});
    send.category = "overlast";  // neither care nor crime (R22)
    send.parts.push_back(Example::Part(kind, {"wijkteam/medewerker"}));
    send.parts[2].justifies.push_back("wijkteam/medewerker");
    EXPECT_THAT(Told(example.Decide(send)), ElementsAre("PART_NOT_ALLOWED R11 wijkteam/medewerker"));
    send.parts[0].recipients.push_back(Member("wijkteam/medewerker"));
    EXPECT_TRUE(example.Decide(send).allowed);
  }
}

TEST(R11, SignalHasOneTextWithRecipients) {
  const Example example;
  SendRequest send = example.Send(Level::kL1, {});
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("PART_NOT_ALLOWED R11"));
  send.parts.clear();
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("PART_NOT_ALLOWED R11"));
  send = example.Send(Level::kL1, {kWardOfficer});
  send.parts.push_back(send.parts[0]);
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("PART_NOT_ALLOWED R11"));
  send = example.Send(Level::kL1, {"school/zorgcoordinator"});  // to himself only
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("PART_NOT_ALLOWED R11"));
}

TEST(R11, KeptIdentityIsNoWayAroundTheRulesOfANamedOne) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer});
  send.parts[1].kept = true;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("PART_NOT_ALLOWED R11"));
}

TEST(R11, ChannelMaySwitchNamesOff) {
  const Example example = Example::With("    ceiling: L2\n    identity: yes\n    kept_identity: forbidden",
                                        "    ceiling: L2\n    identity: no\n    kept_identity: forbidden");
  EXPECT_THAT(Told(example.Decide(example.Named({kWardOfficer}))), ElementsAre("PART_NOT_ALLOWED R11"));
}

TEST(R21, SourceStaysWithTheReportingOrganisation) {
  const Example example;
  SendRequest send = example.Send(Level::kL1, {kWardOfficer});
  send.parts.push_back(Example::Part(PartKind::kSource, {"school/teamleider"}));
  EXPECT_TRUE(example.Decide(send).allowed);
  send.parts.back() = Example::Part(PartKind::kSource, {"school/teamleider", kWardOfficer});
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("SOURCE_PROTECTED R21 politie/wijkagent"));
  send.parts.back() = Example::Part(PartKind::kSource, {"wijkteam/medewerker"});
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("SOURCE_PROTECTED R21 wijkteam/medewerker"));
  send.parts.back() = Example::Part(PartKind::kSource, {"school/zorgcoordinator"});
  EXPECT_TRUE(example.Decide(send).allowed) << "kept by the sender alone";
}

TEST(R21, PoliceKeepsItsOwnSource) {
  Example example;
  example.facts.members[Member("politie/jeugdagent")] = example.At(kWardOfficer);
  SendRequest send = example.Send(Level::kL1, {"school/zorgcoordinator"});
  send.sender = Member(kWardOfficer);
  send.parts.push_back(Example::Part(PartKind::kSource, {"politie/jeugdagent"}));
  EXPECT_TRUE(example.Decide(send).allowed);
}

}  // namespace
}  // namespace seinpost::policies
