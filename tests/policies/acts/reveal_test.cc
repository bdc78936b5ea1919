// SPDX-License-Identifier: EUPL-1.2
// R6, R9, R10, R34: asking for a kept identity, and approving it.
#include "tests/policies/acts/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kKeeper[] = "school/directeur";
constexpr char kOfficer[] = "gemeente/privacy-officer";

// The police ask for the identity that the school kept in core@school-a.
struct Asked : ActsExample {
  explicit Asked(const std::string& yaml = ActsYaml()) : ActsExample(yaml) { Original(Level::kL1); }
  RevealRequest request = {.requester = Member(kWardOfficer),
                           .purpose = "dreiging",
                           .expires = now + absl::Hours(24),
                           .justified = true,
                           .informed = Informed::kYes};
  Decision Do() const { return DecideReveal(request, facts, now); }
};

TEST(R6, PartnerWithTieAsksForKeptIdentity) {
  Asked asked;
  EXPECT_THAT(Told(asked.Do()), IsEmpty());
  EXPECT_THAT(asked.Do().duties, IsEmpty());
}

TEST(R6, OnlyKindsThatMayAsk) {
  Asked asked;
  asked.request.requester = Member("wijkteam/medewerker");
  EXPECT_THAT(Told(asked.Do()), ElementsAre("NO_MANDATE R6"));
  EXPECT_EQ(First(asked.Do()).clause.path, "reveal.ask");
  asked.request.requester = Member("schoolbestuur/lid");
  EXPECT_THAT(Told(asked.Do()), ElementsAre("NOT_A_PARTY R2", "NO_MANDATE R6", "NO_INVOLVEMENT R9"));
}

TEST(R6, ConvenantWithoutReveal) {
  Asked asked;
  const std::string yaml = FileText(kExample);
  const Example plain(yaml);
  Facts facts = asked.facts;
  facts.convenant = &plain.convenant;
  EXPECT_THAT(Told(DecideReveal(asked.request, facts, asked.now)), ElementsAre("NO_MANDATE R6"));
}

TEST(R6, SignalKeepsAnIdentity) {
  Asked asked;
  asked.facts.original->parts[1].kept = false;
  EXPECT_THAT(Told(asked.Do()), ElementsAre("IDENTITY_KEYSET_MISMATCH R6"));
  asked.facts.original->parts.pop_back();
  EXPECT_THAT(Told(asked.Do()), ElementsAre("IDENTITY_KEYSET_MISMATCH R6"));
  asked.Original(Level::kL2, "direct@school-a");
  EXPECT_THAT(Told(asked.Do()), ElementsAre("IDENTITY_KEYSET_MISMATCH R6"));
  asked.facts.original.reset();
  EXPECT_THAT(Told(asked.Do()), ElementsAre("IDENTITY_KEYSET_MISMATCH R6", "NOT_A_PARTY R2"));
}

TEST(R6, SignalStillStands) {
  Asked asked;
  asked.facts.original->withdrawn = true;
  EXPECT_THAT(Told(asked.Do()), ElementsAre("WITHDRAWN R6"));
  asked.facts.original->withdrawn = false;
  asked.facts.original->parts[1].expires = asked.now + absl::Seconds(1);
  EXPECT_THAT(Told(asked.Do()), IsEmpty());
  asked.facts.original->parts[1].expires = asked.now;
  EXPECT_THAT(Told(asked.Do()), ElementsAre("EXPIRED R6")) << "the text is still there";
}

TEST(R6, RequestLivesNoLongerThanAllowed) {
  Asked asked;
  asked.request.expires = asked.now + absl::Hours(24 * 14);
  EXPECT_THAT(Told(asked.Do()), IsEmpty());
  asked.request.expires += absl::Seconds(1);
  EXPECT_THAT(Told(asked.Do()), ElementsAre("EXPIRED R6"));
  EXPECT_EQ(First(asked.Do()).clause.path, "reveal.expires");
  asked.request.expires = asked.now;
  EXPECT_THAT(Told(asked.Do()), ElementsAre("EXPIRED R6"));
}

TEST(R10, RevealNeedsPurposeAndJustification) {
  Asked asked;
  asked.request.justified = false;
  EXPECT_THAT(Told(asked.Do()), ElementsAre("NO_JUSTIFICATION R10"));
  asked.request.justified = true;
  asked.request.purpose = "preventie";
  EXPECT_THAT(Told(asked.Do()), ElementsAre("PURPOSE_NOT_ALLOWED R10"));
  EXPECT_EQ(First(asked.Do()).clause.path, "reveal.purposes");
  asked.request.purpose = "verzuim";
  EXPECT_THAT(Told(asked.Do()), ElementsAre("PURPOSE_NOT_ALLOWED R10")) << "not a purpose of the police";
  EXPECT_EQ(First(asked.Do()).clause.path, "purposes.verzuim.may_use");
}

TEST(R4, RevealNeedsReachToL2) {
  Asked asked;
  asked.At(kWardOfficer).mandates[0].max_level = Level::kL1;
  EXPECT_THAT(Told(asked.Do()), ElementsAre("LEVEL_EXCEEDED R4"));
  asked.request.requester = Member("jongerenwerk/jongerenwerker");
  EXPECT_THAT(Told(asked.Do()), ElementsAre("LEVEL_EXCEEDED R4"));
  asked.facts.broker.case_roles.insert(asked.request.requester);
  EXPECT_THAT(Told(asked.Do()), IsEmpty()) << "the tied ceiling holds";
  asked.facts.restrictions.push_back({.party = "jongerenwerk", .ceiling = Level::kL1, .number = 3});
  EXPECT_THAT(Told(asked.Do()), ElementsAre("LEVEL_EXCEEDED R4"));
  asked.facts.restrictions[0] = {.channel = "core", .ceiling = Level::kL1, .number = 4};
  EXPECT_THAT(Told(asked.Do()), ElementsAre("LEVEL_EXCEEDED R4"));
}

TEST(R3, RevealNeedsMandateNow) {
  Asked asked;
  asked.At(kWardOfficer).mandates[0].until = asked.now;
  asked.facts.broker.case_roles.insert(Member(kWardOfficer));
  EXPECT_THAT(Told(asked.Do()), ElementsAre("NO_MANDATE R3"));
}

TEST(R9, RevealNeedsTie) {
  Asked asked;
  asked.At(kWardOfficer).mandates[0].scopes = {"*"};
  EXPECT_THAT(Told(asked.Do()), ElementsAre("NO_INVOLVEMENT R9")) << "everywhere is no tie";
  asked.facts.broker.case_roles.insert(Member(kWardOfficer));
  EXPECT_THAT(Told(asked.Do()), IsEmpty());
}

TEST(R34, RevealTellsWhetherParentsKnow) {
  Asked asked;
  asked.request.informed = Informed::kNotStated;
  EXPECT_THAT(Told(asked.Do()), ElementsAre("INFORMED_MISSING R34"));
  asked.request.informed = Informed::kNo;
  EXPECT_THAT(Told(asked.Do()), ElementsAre("INFORMED_MISSING R34"));
  asked.request.informed_code = "onderzoek";
  EXPECT_THAT(Told(asked.Do()), IsEmpty());
  asked.request.informed = Informed::kNotYet;
  EXPECT_THAT(asked.Do().duties, ElementsAre("INFORM_PARENTS"));
}

TEST(R6, NothingRevealedOutsideTheConvenant) {
  Asked asked;
  asked.facts.convenant_active = false;
  EXPECT_THAT(Told(asked.Do()), ElementsAre("NO_CONVENANT R1"));
  EXPECT_THAT(Told(DecideApproval({Member(kKeeper)},
                                  {.requester = Member(kWardOfficer), .expires = asked.request.expires},
                                  asked.facts, asked.now)),
              ElementsAre("NO_CONVENANT R1"));
}

// The police's request of above, to be approved by a keeper of the school and an officer of the municipality.
struct Approving : Asked {
  using Asked::Asked;
  RevealFacts reveal = {.requester = Member(kWardOfficer), .expires = now + absl::Hours(24)};
  Decision Approve(const char* approver) const {
    return DecideApproval({Member(approver)}, reveal, facts, now);
  }
};

TEST(R6, EachGroupApproves) {
  Approving approving;
  EXPECT_THAT(Told(approving.Approve(kKeeper)), IsEmpty());
  EXPECT_THAT(Told(approving.Approve(kOfficer)), IsEmpty());
  const auto groups = [&](const char* member) {
    return ApprovalGroupsOf(Member(member), Member("school/zorgcoordinator"), approving.facts, approving.now);
  };
  EXPECT_THAT(groups(kKeeper), ElementsAre("bewaarders"));
  EXPECT_THAT(groups(kOfficer), ElementsAre("toezicht"));
  EXPECT_THAT(groups(kWardOfficer), IsEmpty());
}

TEST(R6, OthersDoNotApprove) {
  Approving approving;
  EXPECT_THAT(Told(approving.Approve(kWardOfficer)), ElementsAre("NO_MANDATE R6", "ROLE_CONFLICT R6"));
  EXPECT_THAT(Told(approving.Approve("school/teamleider")), ElementsAre("NO_MANDATE R6"));
  EXPECT_EQ(First(approving.Approve("school/teamleider")).clause.path, "reveal.approval_groups");
  EXPECT_THAT(Told(approving.Approve("school/zorgcoordinator")), ElementsAre("NO_MANDATE R6"))
      << "the sender";
  approving.At(kKeeper).mandates[0].until = approving.now;
  EXPECT_THAT(Told(approving.Approve(kKeeper)), ElementsAre("NO_MANDATE R6"));
}

TEST(R6, RequesterDoesNotApprove) {
  Approving approving;
  approving.reveal.requester = Member(kKeeper);
  EXPECT_THAT(Told(approving.Approve(kKeeper)), ElementsAre("ROLE_CONFLICT R6"));
  EXPECT_THAT(Told(approving.Approve("school/adjunct")), IsEmpty());
}

TEST(R6, NobodyApprovesForTwoGroups) {
  Approving approving;
  approving.reveal.approved = {{"bewaarders", Member(kKeeper)}};
  EXPECT_THAT(Told(approving.Approve(kOfficer)), IsEmpty());
  EXPECT_THAT(Told(approving.Approve(kKeeper)), IsEmpty()) << "the same group again changes nothing";
  approving.reveal.approved = {{"toezicht", Member(kKeeper)}};
  EXPECT_THAT(Told(approving.Approve(kKeeper)), ElementsAre("ROLE_CONFLICT R6"));
}

TEST(R6, NobodyStandsInTwoGroups) {
  // A third group, of the same function: every keeper of the school stands in two.
  std::string yaml = ActsYaml();
  const std::string group = "    bewaarders: {of: sender, function: director}\n";
  yaml.insert(yaml.find(group), "    anderen: {of: [school], function: director}\n");
  Approving approving(yaml);
  EXPECT_THAT(Told(approving.Approve(kKeeper)), ElementsAre("ROLE_CONFLICT R6"));
  EXPECT_THAT(Told(approving.Approve(kOfficer)), IsEmpty());
}

TEST(R6, ApprovedWhileRequestAndSignalStand) {
  Approving approving;
  approving.reveal.expires = approving.now + absl::Seconds(1);
  EXPECT_THAT(Told(approving.Approve(kKeeper)), IsEmpty());
  approving.reveal.expires = approving.now;
  EXPECT_THAT(Told(approving.Approve(kKeeper)), ElementsAre("EXPIRED R6"));
  approving.reveal.expires = approving.now + absl::Hours(1);
  approving.facts.original->withdrawn = true;
  EXPECT_THAT(Told(approving.Approve(kKeeper)), ElementsAre("WITHDRAWN R6"));
}

}  // namespace
}  // namespace seinpost::policies
