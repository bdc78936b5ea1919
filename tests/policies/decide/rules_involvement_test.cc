// SPDX-License-Identifier: EUPL-1.2
// R4, R9, R22: who has to do with it, when sending and when reading.
#include "policies/instead/alternatives.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The example with a channel that exists once, in which school A and school B both sit.
Example WithCityChannel() {
  return Example::With(
      "  core:\n    title: Kernteam van de school",
      "  city:\n    kind: case\n    members: [school, police, social_team]\n    ceiling: L2\n"
      "    identity: yes\n    retention: {L0: thema, L1: casus, L2: naam, justification: "
      "verantwoording}\n  core:\n    title: Kernteam van de school");
}

void SetScopes(Example& example, const char* member, const std::vector<std::string>& scopes) {
  for (MandateFacts& mandate : example.At(member).mandates) mandate.scopes = scopes;
}

TEST(R09, MandateForTheSchoolIsATie) {
  Example example;
  const SendRequest send = example.Named({kWardOfficer});
  EXPECT_EQ(TieOf(send, Member(kWardOfficer), example.facts, example.now), Tie::kSchool);
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty());
  SetScopes(example, kWardOfficer, {"*"});
  EXPECT_EQ(TieOf(send, Member(kWardOfficer), example.facts, example.now), std::nullopt);
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_INVOLVEMENT R9 politie/wijkagent"))
      << "a mandate for everything ties to nothing";
  EXPECT_TRUE(example.Decide(example.Send(Level::kL1, {kWardOfficer})).allowed) << "the text needs no tie";
}

TEST(R09, TieEndsWithTheMandate) {
  Example example;
  SetScopes(example, kWardOfficer, {"*"});
  MandateFacts school = example.At(kWardOfficer).mandates[0];
  school.scopes = {"school-a"};
  school.until = example.now;
  example.At(kWardOfficer).mandates.push_back(school);
  const SendRequest send = example.Named({kWardOfficer});
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_INVOLVEMENT R9 politie/wijkagent"));
  example.At(kWardOfficer).mandates[1].until = example.now + absl::Nanoseconds(1);
  EXPECT_TRUE(example.Decide(send).allowed);
}

TEST(R09, InChannelWithoutScopeTheSendersSchoolCounts) {
  Example example = WithCityChannel();
  SendRequest send = example.Named({"school2/zorgcoordinator"});
  send.channel = "city";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_INVOLVEMENT R9 school2/zorgcoordinator"))
      << "another school is told nothing about our pupil";
  send = example.Named({kWardOfficer});
  send.channel = "city";
  EXPECT_TRUE(example.Decide(send).allowed);
  SetScopes(example, kWardOfficer, {"school-b"});
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_INVOLVEMENT R9 politie/wijkagent"));
  // The police has no scope of its own, so that nothing shows which school it is about: only a role ties
  // then.
  SetScopes(example, kWardOfficer, {"school-a"});
  send = example.Named({"school2/zorgcoordinator"});
  send.channel = "city";
  send.sender = Member(kWardOfficer);
  send.parts[2].recipients = JustificationOfficers(send.sender, example.facts, example.now);
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_INVOLVEMENT R9 school2/zorgcoordinator"));
  example.facts.broker.case_roles = {Member("school2/zorgcoordinator")};
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty());
}

TEST(R09, WardIsATieOfItsOwnWord) {
  Example example = Example::With("  school-a: school\n", "  school-a: school\n  noord: ward\n");
  SetScopes(example, kWardOfficer, {"noord"});
  SendRequest send = example.Named({kWardOfficer});
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_MANDATE R3 politie/wijkagent"));
  const Example school;
  send = school.Sealed(send);
  send.parts[1].ties["politie/wijkagent"] = Tie::kWard;
  EXPECT_THAT(Told(school.Decide(send)), ElementsAre("NO_INVOLVEMENT R9 politie/wijkagent"))
      << "a school is no ward";
}

TEST(R09, CompetenceIsATieForItsPurposesOnly) {
  Example example = Example::With("  police:\n    ceiling: L2\n",
                                  "  police:\n    ceiling: L2\n    competence: [dreiging]\n");
  SetScopes(example, kWardOfficer, {"*"});
  SendRequest send = example.Named({kWardOfficer});
  EXPECT_EQ(TieOf(send, Member(kWardOfficer), example.facts, example.now), Tie::kCompetence);
  EXPECT_TRUE(example.Decide(send).allowed);
  send.purpose = "verzuim";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_INVOLVEMENT R9 politie/wijkagent"));
}

TEST(R09, RoleInTheCaseIsATie) {
  Example example;
  SetScopes(example, kWardOfficer, {"*"});
  SendRequest send = example.Named({kWardOfficer});
  example.facts.broker.case_roles = {Member(kWardOfficer)};
  EXPECT_EQ(TieOf(send, Member(kWardOfficer), example.facts, example.now), Tie::kCase);
  EXPECT_TRUE(example.Decide(send).allowed);
  send.new_case = true;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_INVOLVEMENT R9 politie/wijkagent"))
      << "nobody has a role in a case that begins";
}

TEST(R09, SealedSignalClaimsATrueTieForEveryone) {
  Example example;
  const SendRequest good = example.Sealed(example.Named({kWardOfficer, kTeamMember}));
  EXPECT_THAT(Told(example.Decide(good)), IsEmpty());
  SendRequest send = good;
  send.parts[1].ties.erase(kTeamMember);
  Decision decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("NO_INVOLVEMENT R9 wijkteam/medewerker"));
  EXPECT_EQ(First(decision).needs, FactNeed::kPublic);
  send = good;
  send.parts[1].ties[kTeamMember] = Tie::kCompetence;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_INVOLVEMENT R9 wijkteam/medewerker"));
  send.parts[1].ties[kTeamMember] = Tie::kAction;
  decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("NO_INVOLVEMENT R9 wijkteam/medewerker"));
  EXPECT_EQ(First(decision).needs, FactNeed::kBroker) << "only the broker knows the case";
  example.facts.broker.case_roles = {Member(kTeamMember)};
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty());
}

TEST(R09, ChairMayApproveOfMoreOrganisations) {
  Example one = Example::With("max_recipients: 6", "max_recipients: 1");
  const SendRequest send = one.Named({kWardOfficer, kTeamMember});
  const Decision decision = one.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("TOO_MANY_RECIPIENTS R9"));
  const std::vector<Alternative> instead = Alternatives(send, one.facts, one.now);
  ASSERT_FALSE(instead.empty());
  EXPECT_EQ(instead[0].text_en, "do not send the identity part to wijkteam/medewerker");
  one.facts.broker.chair_approved = true;
  EXPECT_THAT(Told(one.Decide(send)), IsEmpty());
}

TEST(R04, TiedCeilingHoldsWithARoleInThisCase) {
  Example example;
  SendRequest send = example.Named({kYouthWorker});
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("LEVEL_EXCEEDED R4 jongerenwerk/jongerenwerker"));
  EXPECT_TRUE(First(example.Decide(send)).decided_by_broker);
  example.facts.broker.case_roles = {Member(kYouthWorker)};
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty());
  send.new_case = true;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("LEVEL_EXCEEDED R4 jongerenwerk/jongerenwerker"));
  EXPECT_FALSE(First(example.Decide(send)).decided_by_broker)
      << "everybody sees that a new case has no roles";
  send.new_case = false;
  send.parts.pop_back();
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_JUSTIFICATION R10 jongerenwerk/jongerenwerker"))
      << "a role does not replace the justification";
}

TEST(R04, NoOtherTieLiftsATiedCeiling) {
  Example example = Example::With("  youth_work:\n    ceiling: L1\n",
                                  "  youth_work:\n    ceiling: L1\n    competence: [dreiging]\n");
  SendRequest send = example.Sealed(example.Named({kYouthWorker}));
  ASSERT_EQ(send.parts[1].ties[kYouthWorker], Tie::kSchool);
  const Decision decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("LEVEL_EXCEEDED R4 jongerenwerk/jongerenwerker"));
  EXPECT_EQ(First(decision).needs, FactNeed::kPublic)
      << "without the claim of a role every recipient sees it";
  example.facts.broker.case_roles = {Member(kYouthWorker)};
  EXPECT_FALSE(example.Decide(send).allowed) << "the role has to be claimed";
  send.parts[1].ties[kYouthWorker] = Tie::kAction;
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty());
}

TEST(R04, TiedSenderNeedsARoleToo) {
  Example example;
  SendRequest send = example.Named({kWardOfficer});
  send.sender = Member(kYouthWorker);
  send.parts[2].recipients = JustificationOfficers(send.sender, example.facts, example.now);
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("LEVEL_EXCEEDED R4"));
  example.facts.broker.case_roles = {Member(kYouthWorker)};
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty());
}

TEST(R22, CareDetailsGoToWhomTheyAreFor) {
  Example example;
  SendRequest send = example.Named({kWardOfficer, kTeamMember});
  send.category = "zorgen";
  send.purpose = "zorg";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("CATEGORY_NOT_ALLOWED R22 politie/wijkagent"))
      << "who it is, in a signal about care";
  send.purpose = "dreiging";
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty()) << "in acute danger";
  send.purpose = "zorg";
  send.category = "overlast";
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty()) << "neither care nor crime";
  send.parts.push_back(Example::Part(PartKind::kCare, {kWardOfficer, kTeamMember}));
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("CATEGORY_NOT_ALLOWED R22 politie/wijkagent"))
      << "a care part is care whatever the category";
}

TEST(R22, PicturesOfACrimeGoToWhomTheyAreFor) {
  Example example;
  SendRequest send = example.Named({kWardOfficer, kTeamMember});
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty()) << "who it is they need to know";
  send.parts.push_back(Example::Part(PartKind::kAttachment, {kWardOfficer, kTeamMember}));
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("CATEGORY_NOT_ALLOWED R22 wijkteam/medewerker"))
      << "acute danger is no reason for pictures";
  send.category = "overlast";
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty());
}

// A named signal of the school to the police in direct@school-a, read an hour later.
struct Sent : Example {
  explicit Sent(const Example& example = Example()) : Example(example) {
    facts.convenant = &convenant;
    facts.original = Stored(Named({kWardOfficer, kYouthWorker}), absl::Hours(48));
    now += absl::Hours(1);
  }
  std::vector<std::string> Read(const char* reader, size_t part = 1) const {
    return Told(Open(reader, part));
  }
};

TEST(R09, TieCountsAtReadingTime) {
  Sent sent;
  EXPECT_THAT(sent.Read(kWardOfficer), IsEmpty());
  SetScopes(sent, kWardOfficer, {"*"});
  EXPECT_THAT(sent.Read(kWardOfficer), ElementsAre("NO_INVOLVEMENT R9"));
  EXPECT_THAT(sent.Read(kWardOfficer, 0), IsEmpty()) << "the text needs none";
  sent.facts.broker.case_roles = {Member(kWardOfficer)};
  EXPECT_THAT(sent.Read(kWardOfficer), IsEmpty());
}

TEST(R04, TiedCeilingCountsAtReadingTime) {
  Sent sent;
  EXPECT_THAT(sent.Read(kYouthWorker), ElementsAre("LEVEL_EXCEEDED R4"));
  sent.facts.broker.case_roles = {Member(kYouthWorker)};
  EXPECT_THAT(sent.Read(kYouthWorker), IsEmpty());
}

TEST(R04, TextsWithinATiedCeilingNeedARoleToo) {
  Sent sent(Example::With("  youth_work:\n    ceiling: L1\n    tied: L2\n",
                          "  youth_work:\n    ceiling: L0\n    tied: L2\n"));
  EXPECT_THAT(sent.Read(kYouthWorker, 0), ElementsAre("LEVEL_EXCEEDED R4"));
  sent.facts.broker.case_roles = {Member(kYouthWorker)};
  EXPECT_THAT(sent.Read(kYouthWorker, 0), IsEmpty());
}

TEST(R22, DetailsCountAtReadingTime) {
  Sent sent;
  sent.facts.original->category = "zorgen";
  EXPECT_THAT(sent.Read(kWardOfficer), IsEmpty()) << "dreiging is acute danger";
  sent.facts.original->purpose = "zorg";
  EXPECT_THAT(sent.Read(kWardOfficer), ElementsAre("CATEGORY_NOT_ALLOWED R22"));
  EXPECT_THAT(sent.Read("school/zorgcoordinator"), IsEmpty()) << "his own";
}

TEST(R31, SignalKeepsTheCeilingsOfItsVersion) {
  Sent sent;
  const Example lower =
      Example::With("  police:\n    ceiling: L2", "  police:\n    ceiling: L1\n    tied: L2");
  Facts facts = sent.facts;
  facts.convenant = &lower.convenant;
  OpenRequest open;
  open.reader = Member(kWardOfficer);
  open.part = PartKind::kIdentity;
  open.part_index = 1;
  EXPECT_THAT(Told(DecideOpen(open, facts, sent.now)), ElementsAre("LEVEL_EXCEEDED R4"));
  facts.made_under = &sent.convenant;
  EXPECT_THAT(Told(DecideOpen(open, facts, sent.now)), IsEmpty());
  facts.restrictions = {{.party = "politie", .ceiling = Level::kL1, .number = 1}};
  EXPECT_THAT(Told(DecideOpen(open, facts, sent.now)), ElementsAre("LEVEL_EXCEEDED R31"))
      << "an order bites at once";
}

TEST(R31, PartyThatLeftReadsNothingOfAnyVersion) {
  Sent sent;
  std::string yaml = FileText(kExample);
  const std::string entry = "  politie:\n    title: Politie, basisteam\n    kind: police\n";
  ASSERT_NE(yaml.find(entry), std::string::npos);
  yaml.erase(yaml.find(entry), entry.size());
  const Convenant without = *Convenant::Parse(yaml, "plaats.yaml");
  Facts facts = sent.facts;
  facts.convenant = &without;
  facts.made_under = &sent.convenant;
  OpenRequest open;
  open.reader = Member(kWardOfficer);
  EXPECT_THAT(Told(DecideOpen(open, facts, sent.now)), ElementsAre("NOT_A_PARTY R19"));
}

}  // namespace
}  // namespace seinpost::policies
