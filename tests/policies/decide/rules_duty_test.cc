// SPDX-License-Identifier: EUPL-1.2
// R10, R14, R18, R32, R34, R35: what a sender owes, passing on, key sets, explanation.
#include <algorithm>

#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(R10, EveryNamedRecipientIsJustified) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer, kTeamMember});
  EXPECT_TRUE(example.Decide(send).allowed);
  send.parts[2].justifies = {kWardOfficer};
  const Decision decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("NO_JUSTIFICATION R10 wijkteam/medewerker"));
  EXPECT_EQ(First(decision).clause.path, "oversight.privacy_officers");
  PartRequest second = send.parts[2];
  second.justifies = {kTeamMember};
  send.parts.push_back(second);
  EXPECT_TRUE(example.Decide(send).allowed) << "two justifications may share the work";
}

TEST(R10, ColleagueIsJustifiedTooAndSenderIsNot) {
  const Example example;
  SendRequest send = example.Named({"school/teamleider"});
  send.parts[2].justifies = {};
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_JUSTIFICATION R10 school/teamleider"));
  send = example.Named({kWardOfficer});
  send.parts[1].recipients.push_back(send.sender);
  EXPECT_TRUE(example.Decide(send).allowed);
}

TEST(R10, OfficersAreThoseOfOversightAndOfTheSender) {
  Example example;
  EXPECT_THAT(JustificationOfficers(Member(kWardOfficer), example.facts, example.now),
              ElementsAre(Member("gemeente/privacy-officer"), Member("schoolbestuur/privacy-officer")));
  for (const char* officer : {"politie/privacy-officer", "sass/privacy-officer"}) {
    example.facts.members[Member(officer)] = example.At("gemeente/privacy-officer");
    example.facts.officers.push_back(Member(officer));
  }
  EXPECT_THAT(JustificationOfficers(Member(kWardOfficer), example.facts, example.now),
              ElementsAre(Member("gemeente/privacy-officer"), Member("politie/privacy-officer"),
                          Member("schoolbestuur/privacy-officer")));
}

TEST(R10, EveryOfficerCanReadTheJustification) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer});
  send.parts[2].recipients.pop_back();
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_JUSTIFICATION R10 politie/wijkagent"));
}

TEST(R10, NeedsTwoOfficersInOffice) {
  Example example;
  const SendRequest send = example.Named({kWardOfficer});
  example.At("gemeente/privacy-officer").mandates[0].until = example.now;
  // He is no reader of justifications any more, and one officer is too few.
  EXPECT_THAT(Told(example.Decide(send)),
              ElementsAre("NO_JUSTIFICATION R10", "PART_NOT_ALLOWED R10 gemeente/privacy-officer"));
}

// Who oversees takes no part: what he wrote himself he would review himself.
TEST(R29, OfficerWithAnotherMandateGetsNoJustification) {
  Example example;
  example.At("gemeente/privacy-officer-2") = example.At("gemeente/privacy-officer");
  example.facts.officers.push_back(Member("gemeente/privacy-officer-2"));
  const SendRequest to_three = example.Named({kWardOfficer});
  ASSERT_THAT(to_three.parts[2].recipients, SizeIs(3));
  EXPECT_THAT(Told(example.Decide(to_three)), IsEmpty());
  MemberFacts& officer = example.At("gemeente/privacy-officer");
  MandateFacts other = officer.mandates[0];
  other.function = "coordinator";
  other.from = example.now;
  officer.mandates.push_back(other);
  EXPECT_THAT(Told(example.Decide(to_three)), ElementsAre("PART_NOT_ALLOWED R10 gemeente/privacy-officer"));
  EXPECT_THAT(Told(example.Decide(example.Named({kWardOfficer}))), IsEmpty()) << "two others read it";
  officer.mandates[1].from = example.now + absl::Seconds(1);
  EXPECT_THAT(Told(example.Decide(to_three)), IsEmpty()) << "not yet";
  officer.mandates[1].from = example.now - absl::Hours(1);
  officer.mandates[1].until = example.now;
  EXPECT_THAT(Told(example.Decide(to_three)), IsEmpty()) << "not any more";
}

TEST(R10, NobodyElseReadsTheJustification) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer});
  send.parts[2].recipients.push_back(Member(kWardOfficer));
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("PART_NOT_ALLOWED R10 politie/wijkagent"));
}

TEST(R10, JustifiesByReferenceWhereOneIsKnown) {
  Example example;
  MemberId police = Member(kWardOfficer);
  const MemberFacts officer = example.At(kWardOfficer);
  police.ref = "r1";
  example.facts.members[police] = officer;
  SendRequest send = example.Named({kWardOfficer});
  send.parts[0].recipients = send.parts[1].recipients = {police};
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_JUSTIFICATION R10 politie/wijkagent"));
  send.parts[2].justifies = {"r1"};
  EXPECT_TRUE(example.Decide(send).allowed);
}

TEST(R10, PurposeIsForCertainPartners) {
  const Example example;
  SendRequest send = example.Send(Level::kL1, {"school/zorgcoordinator"});
  send.sender = Member(kWardOfficer);
  send.purpose = "verzuim";
  const Decision decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("PURPOSE_NOT_ALLOWED R10"));
  EXPECT_EQ(First(decision).clause.path, "purposes.verzuim.may_use");
  send.sender = Member("school/teamleider");
  EXPECT_TRUE(example.Decide(send).allowed);
}

OriginalFacts Original(const Example& example, const char* from, const char* to) {
  OriginalFacts original;
  original.sender = Member(from);
  original.channel = "direct@school-a";
  original.category = "wapen";
  original.purpose = "dreiging";
  original.level = Level::kL1;
  original.created = example.now;
  original.parts.push_back({PartKind::kNarrative, example.now + absl::Hours(24), {Member(to)}});
  return original;
}

SendRequest Onward(const Example& example, const std::vector<std::string>& to) {
  SendRequest send = example.Send(Level::kL1, to);
  send.forwards = true;
  return send;
}

TEST(R14, PassesOnInsideTheChannel) {
  Example example;
  example.facts.original = Original(example, kTeamMember, "school/zorgcoordinator");
  const Decision decision = example.Decide(Onward(example, {kWardOfficer}));
  EXPECT_TRUE(decision.allowed) << decision.Sentence(Language::kEnglish);
  EXPECT_THAT(decision.duties, ElementsAre(std::string(kDutyTellOrigin)));
}

TEST(R14, RefusesWithoutKnowingTheOriginal) {
  const Example example;
  EXPECT_THAT(Told(example.Decide(Onward(example, {kWardOfficer}))), ElementsAre("ONWARD_FORBIDDEN R14"));
}

TEST(R14, RefusesPoliceContent) {
  Example example;
  example.facts.original = Original(example, kWardOfficer, "school/zorgcoordinator");
  const Decision decision = example.Decide(Onward(example, {kTeamMember}));
  EXPECT_THAT(Told(decision), ElementsAre("ONWARD_FORBIDDEN R14"));
  EXPECT_TRUE(First(decision).decided_by_broker);
  SendRequest own = Onward(example, {kTeamMember});
  own.sender = Member(kWardOfficer);
  EXPECT_TRUE(example.Decide(own).allowed) << "the police may send it themselves";
}

TEST(R14, RefusesWiderPurposeLevelAndReach) {
  Example example;
  example.facts.original = Original(example, kTeamMember, "school/zorgcoordinator");
  SendRequest send = Onward(example, {kWardOfficer});
  send.purpose = "preventie";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("ONWARD_FORBIDDEN R14"));
  send = Onward(example, {kWardOfficer});
  send.level = Level::kL2;
  send.informed = Informed::kYes;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("ONWARD_FORBIDDEN R14"));
  example.facts.original->level = Level::kL2;
  EXPECT_TRUE(example.Decide(send).allowed) << "the same level is not higher";
  send = example.Send(Level::kL0, {"school2/zorgcoordinator"});
  send.forwards = true;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("ONWARD_FORBIDDEN R14 school2/zorgcoordinator"));
}

TEST(R14, PassingOnTwiceLeadsNoFurther) {
  Example example;
  example.facts.original = Original(example, kTeamMember, "school/zorgcoordinator");
  example.facts.original->earlier_channels = {"case@school-a"};
  EXPECT_TRUE(example.Decide(Onward(example, {kWardOfficer})).allowed) << "he sits in both";
  example.facts.original->earlier_channels = {"case@school-a", "case@school-b"};
  EXPECT_THAT(Told(example.Decide(Onward(example, {"school/teamleider"}))),
              ElementsAre("ONWARD_FORBIDDEN R14 school/teamleider"));
  example.facts.original->earlier_channels.clear();
  example.facts.original->earlier_unknown = true;
  EXPECT_THAT(Told(example.Decide(Onward(example, {kWardOfficer}))), ElementsAre("ONWARD_FORBIDDEN R14"));
}

TEST(R14, RefusesWhatWasNotReceivedOrIsWithdrawn) {
  Example example;
  example.facts.original = Original(example, kTeamMember, "school/teamleider");
  EXPECT_THAT(Told(example.Decide(Onward(example, {kWardOfficer}))), ElementsAre("ONWARD_FORBIDDEN R14"));
  example.facts.original = Original(example, kTeamMember, "school/zorgcoordinator");
  example.facts.original->withdrawn = true;
  EXPECT_THAT(Told(example.Decide(Onward(example, {kWardOfficer}))), ElementsAre("WITHDRAWN R14"));
}

TEST(R18, KeysFitTheChosenMembersExactly) {
  const Example example;
  const SendRequest sealed = example.Sealed(example.Named({kWardOfficer, kTeamMember}));
  EXPECT_TRUE(example.Decide(sealed).allowed) << example.Decide(sealed).Sentence(Language::kEnglish);
  for (size_t part = 0; part < sealed.parts.size(); ++part) {
    SendRequest send = sealed;
    send.parts[part].devices.pop_back();
    EXPECT_THAT(Told(example.Decide(send)), ElementsAre("KEYSET_MISMATCH R18"))
        << "one too few in part " << part;
    send = sealed;
    send.parts[part].devices.push_back("device of nobody");
    EXPECT_THAT(Told(example.Decide(send)), ElementsAre("KEYSET_MISMATCH R18"))
        << "one too many in part " << part;
    send = sealed;
    send.parts[part].devices.back() = send.parts[part].devices.front();
    EXPECT_THAT(Told(example.Decide(send)), ElementsAre("KEYSET_MISMATCH R18"))
        << "one twice in part " << part;
  }
}

TEST(R18, SenderReadsHisOwnParts) {
  const Example example;
  SendRequest send = example.Sealed(example.Send(Level::kL1, {kWardOfficer}));
  std::vector<DeviceId>& devices = send.parts[0].devices;
  devices.erase(std::find(devices.begin(), devices.end(), "device of school/zorgcoordinator"));
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("KEYSET_MISMATCH R18"));
}

TEST(R18, DeviceWithoutPrekeyStandsInUnreached) {
  Example example;
  example.At(kWardOfficer).devices.push_back({"second", {"thema"}});  // none for the class of L1
  SendRequest send = example.Sealed(example.Send(Level::kL1, {kWardOfficer}));
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("KEYSET_MISMATCH R18")) << "wrapped without a prekey";
  std::vector<DeviceId>& devices = send.parts[0].devices;
  devices.erase(std::find(devices.begin(), devices.end(), "second"));
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("KEYSET_MISMATCH R18")) << "left out silently";
  send.parts[0].unreached = {"second"};
  const Decision decision = example.Decide(send);
  EXPECT_TRUE(decision.allowed);
  EXPECT_THAT(decision.duties, ElementsAre(std::string(kDutyReach)));
  send.parts[0].unreached.push_back("nobody's");
  EXPECT_FALSE(example.Decide(send).allowed);
}

TEST(R18, ReachableDeviceMayNotStandInUnreached) {
  const Example example;
  SendRequest send = example.Sealed(example.Send(Level::kL1, {kWardOfficer}));
  std::vector<DeviceId>& devices = send.parts[0].devices;
  devices.erase(std::find(devices.begin(), devices.end(), "device of politie/wijkagent"));
  send.parts[0].unreached = {"device of politie/wijkagent"};
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("KEYSET_MISMATCH R18"));
}

TEST(R32, PartIsKeptInTheClassOfItsLevel) {
  const Example example;
  SendRequest send = example.Sealed(example.Named({kWardOfficer}));
  EXPECT_EQ(send.parts[0].retention_class, "casus");
  EXPECT_EQ(send.parts[1].retention_class, "naam");
  EXPECT_EQ(send.parts[2].retention_class, "verantwoording");
  send.parts[1].retention_class = "thema";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("KEYSET_MISMATCH R32"));
}

TEST(R32, ExpiryLiesBetweenNowAndTheCap) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer});
  const absl::Time cap = example.now + example.convenant.FindRetention("naam")->cap;
  send.parts[1].expires = cap;
  EXPECT_TRUE(example.Decide(send).allowed);
  send.parts[1].expires = cap + absl::Seconds(1);
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("EXPIRED R32"));
  send.parts[1].expires = example.now;
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("EXPIRED R32"));
  send.parts[1].expires.reset();
  send.parts[2].expires = example.now + absl::Hours(48);
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("EXPIRED R32")) << "a justification is never shortened";
}

TEST(R34, NamedSignalSaysWhetherParentsKnow) {
  const struct {
    Informed informed;
    const char* code;
    bool allowed;
  } kCases[] = {{Informed::kYes, "", true},
                {Informed::kNotYet, "", true},
                {Informed::kNo, "safety", true},
                {Informed::kNo, "", false},
                {Informed::kNotStated, "", false}};
  const Example example;
  for (const auto& test : kCases) {
    SendRequest send = example.Send(Level::kL2, {kWardOfficer});
    send.informed = test.informed;
    send.informed_code = test.code;
    const Decision decision = example.Decide(send);
    EXPECT_EQ(decision.allowed, test.allowed) << ToString(test.informed);
    if (!test.allowed) {
      EXPECT_THAT(Told(decision), ElementsAre("INFORMED_MISSING R34"));
    }
    const bool duty = test.informed == Informed::kNotYet;
    EXPECT_EQ(decision.duties.size(), duty ? 1u : 0u);
  }
  SendRequest send = example.Send(Level::kL1, {kWardOfficer});
  EXPECT_TRUE(example.Decide(send).allowed) << "only L2 must say so";
}

TEST(R35, DryRunAnswersAsTheRealSend) {
  const Example example;
  SendRequest refused = example.Named({kWardOfficer, "jongerenwerk/jongerenwerker"});
  refused.informed = Informed::kNotStated;
  for (const SendRequest& dry :
       {example.Named({kWardOfficer}), refused, example.Send(Level::kL0, {kWardOfficer})}) {
    const Decision decided = example.Decide(dry);
    const Decision real = example.Decide(example.Sealed(dry));
    EXPECT_EQ(decided.allowed, real.allowed);
    EXPECT_EQ(Told(decided), Told(real));
    EXPECT_EQ(decided.Sentence(Language::kDutch), real.Sentence(Language::kDutch));
  }
}

TEST(R35, DecisionNamesRuleClauseAndVersion) {
  const Example example;
  const Decision decision = example.Decide(example.Named({kWardOfficer, "jongerenwerk/jongerenwerker"}));
  EXPECT_EQ(decision.convenant_id, "plaats");
  EXPECT_EQ(decision.convenant_version, 1u);
  ASSERT_EQ(decision.reasons.size(), 1u);
  const Reason reason = First(decision);
  EXPECT_EQ(reason.clause.file, "plaats.yaml");
  // The clause's line in the file is the one that says so.
  const std::string text = FileText(kExample);
  size_t start = 0;
  for (int line = 1; line < reason.clause.line; ++line) start = text.find('\n', start) + 1;
  EXPECT_THAT(text.substr(start, text.find('\n', start) - start), testing::HasSubstr("ceiling: L1"));
  EXPECT_THAT(
      decision.Sentence(Language::kEnglish),
      testing::HasSubstr("LEVEL_EXCEEDED (R4, plaats.yaml:" + std::to_string(reason.clause.line) + ")"));
}

TEST(R35, SentencesExistInBothLanguages) {
  const Example example;
  const Decision decision = example.Decide(example.Named({"jongerenwerk/jongerenwerker", "buurman/jan"}));
  ASSERT_FALSE(decision.reasons.empty());
  for (const Reason& reason : decision.reasons) {
    EXPECT_FALSE(reason.sentence_nl.empty());
    EXPECT_NE(reason.sentence_nl, reason.sentence_en);
    EXPECT_GT(reason.clause.line, 0);
    EXPECT_FALSE(reason.rule.empty());
  }
}

}  // namespace
}  // namespace seinpost::policies
