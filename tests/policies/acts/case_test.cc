// SPDX-License-Identifier: EUPL-1.2
// R15 and R16: one director, an outcome. Scenario S11.
#include "tests/policies/acts/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kChair[] = "sass/coordinator";

// A case in case@school-a that the school directs, without a transfer or an action.
struct Directed : ActsExample {
  using ActsExample::ActsExample;
  CaseFacts state = {.director = Member(kCareCoordinator)};

  CaseRequest Ask(CaseAct act, const char* actor) const {
    CaseRequest request;
    request.act = act;
    request.actor = Member(actor);
    request.channel = "case@school-a";
    if (act == CaseAct::kAskTransfer) request.target = Member(kTeamMember);
    return request;
  }
  Decision Do(const CaseRequest& request) const { return DecideCase(request, state, facts, now); }
  Decision Do(CaseAct act, const char* actor) const { return Do(Ask(act, actor)); }
};

TEST(R15, MemberOpensCaseThatNobodyDirects) {
  Directed directed;
  EXPECT_THAT(Told(directed.Do(CaseAct::kOpen, kTeamMember)), ElementsAre("NO_DIRECTOR R15"))
      << "a second one";
  directed.state.director.reset();
  EXPECT_THAT(Told(directed.Do(CaseAct::kOpen, kTeamMember)), IsEmpty());
  EXPECT_THAT(Told(directed.Do(CaseAct::kOpen, "handhaving/boa")), ElementsAre("NOT_A_PARTY R2"));
  directed.At(kTeamMember).mandates[0].until = directed.now;
  EXPECT_THAT(Told(directed.Do(CaseAct::kOpen, kTeamMember)), ElementsAre("NO_MANDATE R3"));
  directed.At(kTeamMember).mandates[0].until = directed.now + absl::Seconds(1);
  EXPECT_THAT(Told(directed.Do(CaseAct::kOpen, kTeamMember)), IsEmpty());
}

TEST(R15, CaseIsNoThemeAndNeedsL1) {
  Directed directed;
  directed.state.director.reset();
  CaseRequest request = directed.Ask(CaseAct::kOpen, kCareCoordinator);
  request.channel = "theme";
  const Decision decision = directed.Do(request);
  EXPECT_THAT(Told(decision), ElementsAre("SUBJECT_AT_THEMATIC R5"));
  EXPECT_EQ(First(decision).clause.path, "channels.theme.ceiling");
  directed.At(kTeamMember).mandates[0].max_level = Level::kL1;
  EXPECT_TRUE(directed.Do(CaseAct::kOpen, kTeamMember).allowed);
  directed.At(kTeamMember).mandates[0].max_level = Level::kL0;
  EXPECT_THAT(Told(directed.Do(CaseAct::kOpen, kTeamMember)), ElementsAre("LEVEL_EXCEEDED R4"));
  request.channel = "nergens";
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NOT_A_PARTY R2"));
}

TEST(R15, NothingOutsideTheConvenant) {
  Directed directed;
  directed.facts.convenant_active = false;
  EXPECT_THAT(Told(directed.Do(CaseAct::kAskTransfer, kCareCoordinator)), ElementsAre("NO_CONVENANT R1"));
}

TEST(R15, OnlyDirectorTransfersAndCloses) {
  Directed directed;
  directed.state.no_action = true;
  for (const CaseAct act : {CaseAct::kAskTransfer, CaseAct::kClose}) {
    EXPECT_THAT(Told(directed.Do(act, kCareCoordinator)), IsEmpty());
    EXPECT_THAT(Told(directed.Do(act, "school/teamleider")), ElementsAre("NO_DIRECTOR R15"));
    EXPECT_THAT(Told(directed.Do(act, kChair)), ElementsAre("NO_DIRECTOR R15"));
  }
  directed.state.director.reset();
  EXPECT_THAT(Told(directed.Do(CaseAct::kClose, kCareCoordinator)), ElementsAre("NO_DIRECTOR R15"));
}

TEST(R15, TargetSitsInTheChannelWithMandate) {
  Directed directed;
  CaseRequest request = directed.Ask(CaseAct::kAskTransfer, kCareCoordinator);
  request.target = Member("school2/zorgcoordinator");
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NOT_A_PARTY R15")) << "another school";
  request.target = Member("wijkteam/onbekend");
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NO_MANDATE R15"));
  request.target = Member("elders/iemand");
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NOT_A_PARTY R15"));
  request.target = Member("wijkteam/medewerker@elders");
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NOT_A_PARTY R15")) << "another convenant";
  request.target = Member(kCareCoordinator);
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("ROLE_CONFLICT R15"));
  request.target = Member(kTeamMember);
  directed.At(kTeamMember).revoked = true;
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NO_MANDATE R15"));
}

TEST(R15, OneTransferAtATime) {
  Directed directed;
  directed.state.no_action = true;
  directed.state.transfer = CaseFacts::Transfer{Member(kTeamMember), March(2)};
  for (const CaseAct act : {CaseAct::kAskTransfer, CaseAct::kClose}) {
    directed.now = March(9, 23);
    EXPECT_THAT(Told(directed.Do(act, kCareCoordinator)), ElementsAre("TRANSFER_PENDING R15"));
    directed.now = March(10, 0);
    EXPECT_THAT(Told(directed.Do(act, kCareCoordinator)), IsEmpty()) << "it fell back";
  }
}

TEST(R15, OnlyTheTargetAcceptsWithinFiveWorkingDays) {
  Directed directed;
  EXPECT_THAT(Told(directed.Do(CaseAct::kAcceptTransfer, kTeamMember)), ElementsAre("NO_DIRECTOR R15"))
      << "nobody asked";
  directed.state.transfer = CaseFacts::Transfer{Member(kTeamMember), March(2)};
  directed.now = March(9, 23);
  EXPECT_THAT(Told(directed.Do(CaseAct::kAcceptTransfer, kTeamMember)), IsEmpty());
  EXPECT_THAT(Told(directed.Do(CaseAct::kAcceptTransfer, kChair)), ElementsAre("NO_DIRECTOR R15"));
  EXPECT_THAT(Told(directed.Do(CaseAct::kAcceptTransfer, kCareCoordinator)), ElementsAre("NO_DIRECTOR R15"));
  directed.now = March(10, 0);
  EXPECT_THAT(Told(directed.Do(CaseAct::kAcceptTransfer, kTeamMember)), ElementsAre("EXPIRED R15"));
  directed.now = March(9);
  directed.At(kTeamMember).mandates[0].until = directed.now;
  EXPECT_THAT(Told(directed.Do(CaseAct::kAcceptTransfer, kTeamMember)), ElementsAre("NO_MANDATE R3"));
}

TEST(R15, ThirdTransferWithinSixMonthsIsEscalated) {
  Directed directed;
  directed.state.transfer = CaseFacts::Transfer{Member(kTeamMember), directed.now};
  const absl::Duration memory = absl::Hours(24 * 180);
  const struct {
    std::vector<absl::Duration> ago;
    bool escalated;
  } kCases[] = {
      {{}, false},
      {{absl::Hours(24)}, false},
      {{absl::Hours(24), absl::Hours(48)}, true},
      {{absl::Hours(24), memory}, true},
      {{absl::Hours(24), memory + absl::Seconds(1)}, false},
      {{absl::Hours(24), absl::Hours(48), absl::Hours(72)}, true},
  };
  for (const auto& test : kCases) {
    directed.state.accepted.clear();
    for (const absl::Duration ago : test.ago) directed.state.accepted.push_back(directed.now - ago);
    const Decision decision = directed.Do(CaseAct::kAcceptTransfer, kTeamMember);
    EXPECT_TRUE(decision.allowed);
    EXPECT_EQ(decision.duties == std::vector<std::string>{"ESCALATE_TO_MUNICIPALITY"}, test.escalated)
        << test.ago.size();
  }
}

TEST(R15, ClosedCaseStaysClosed) {
  Directed directed;
  directed.state.closed = true;
  directed.state.no_action = true;
  for (const CaseAct act : {CaseAct::kAskTransfer, CaseAct::kClose})
    EXPECT_THAT(Told(directed.Do(act, kCareCoordinator)), ElementsAre("EXPIRED R15"));
}

TEST(R16, OutcomeIsActionOrReason) {
  const Directed directed;
  CaseRequest request = directed.Ask(CaseAct::kRecordOutcome, kCareCoordinator);
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NO_OUTCOME R16"));
  request.no_action = true;
  EXPECT_THAT(Told(directed.Do(request)), IsEmpty());
  request.actions.push_back({Member(kTeamMember), directed.now + absl::Seconds(1)});
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NO_OUTCOME R16")) << "not both";
  request.no_action = false;
  EXPECT_THAT(Told(directed.Do(request)), IsEmpty());
  request.actor = Member(kChair);
  EXPECT_THAT(Told(directed.Do(request)), IsEmpty()) << "the chair of the meeting";
  request.actor = Member("school/teamleider");
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NO_DIRECTOR R15"));
}

TEST(R16, ActionHasOwnerAndDueDate) {
  const Directed directed;
  CaseRequest request = directed.Ask(CaseAct::kRecordOutcome, kCareCoordinator);
  request.actions.push_back({Member(kTeamMember), std::nullopt});
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NO_OUTCOME R16"));
  request.actions[0].due = directed.now;
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NO_OUTCOME R16")) << "due already";
  request.actions[0] = {Member("handhaving/boa"), directed.now + absl::Hours(1)};
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NOT_A_PARTY R16"));
  request.actions[0].owner = Member("school/onbekend");
  EXPECT_THAT(Told(directed.Do(request)), ElementsAre("NO_MANDATE R16"));
}

TEST(R16, CaseClosesWithOutcomeAndNothingOpen) {
  Directed directed;
  EXPECT_THAT(Told(directed.Do(CaseAct::kClose, kCareCoordinator)), ElementsAre("NO_OUTCOME R16"));
  directed.state.actions = 2;
  EXPECT_THAT(Told(directed.Do(CaseAct::kClose, kCareCoordinator)), IsEmpty());
  directed.state.open_actions = 1;
  const Decision decision = directed.Do(CaseAct::kClose, kCareCoordinator);
  EXPECT_THAT(Told(decision), ElementsAre("NO_OUTCOME R16"));
  EXPECT_TRUE(First(decision).decided_by_broker);
  EXPECT_EQ(First(decision).clause.path, "channels.case");
  directed.state = {.director = Member(kCareCoordinator), .no_action = true};
  EXPECT_THAT(Told(directed.Do(CaseAct::kClose, kCareCoordinator)), IsEmpty());
}

TEST(R15, WordsOfTheActs) {
  EXPECT_EQ(*ParseCaseAct("accept-transfer"), CaseAct::kAcceptTransfer);
  EXPECT_THAT(std::string(ParseCaseAct("transfer").status().message()), testing::HasSubstr("ask-transfer"));
}

}  // namespace
}  // namespace seinpost::policies
