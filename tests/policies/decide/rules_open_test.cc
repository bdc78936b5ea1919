// SPDX-License-Identifier: EUPL-1.2
// R19, R21, R10 at the moment of reading.
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A named signal of the school to the police, to be opened an hour later.
struct Opened : Example {
  Opened() {
    facts.original = Stored(Named({kWardOfficer}), absl::Hours(48));
    facts.original->parts.push_back(
        {PartKind::kSource, now + absl::Hours(48), {Member("school/teamleider")}});
    now += absl::Hours(1);
  }
};

TEST(R19, RecipientReadsHisParts) {
  const Opened opened;
  EXPECT_TRUE(opened.Open(kWardOfficer, 0).allowed);
  EXPECT_TRUE(opened.Open(kWardOfficer, 1).allowed)
      << opened.Open(kWardOfficer, 1).Sentence(Language::kEnglish);
  EXPECT_TRUE(opened.Open("school/zorgcoordinator", 1).allowed) << "the sender";
}

TEST(R19, OthersDoNot) {
  const Opened opened;
  EXPECT_THAT(Told(opened.Open("wijkteam/medewerker", 0)), ElementsAre("KEYSET_MISMATCH R19"));
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 9)), ElementsAre("KEYSET_MISMATCH R19"));
  OpenRequest wrong_kind = opened.Ask(kWardOfficer, 1);
  wrong_kind.part = PartKind::kCare;
  EXPECT_THAT(Told(DecideOpen(wrong_kind, opened.facts, opened.now)), ElementsAre("KEYSET_MISMATCH R19"));
}

TEST(R19, NothingWithoutTheSignal) {
  Opened opened;
  const OpenRequest ask = opened.Ask(kWardOfficer, 0);
  opened.facts.original.reset();
  EXPECT_THAT(Told(DecideOpen(ask, opened.facts, opened.now)), ElementsAre("KEYSET_MISMATCH R19"));
}

TEST(R19, MandateCountsAtReadingTime) {
  Opened opened;
  MandateFacts& mandate = opened.At(kWardOfficer).mandates[0];
  mandate.until = opened.now + absl::Seconds(1);
  EXPECT_TRUE(opened.Open(kWardOfficer, 1).allowed);
  mandate.until = opened.now;
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 1)), ElementsAre("NO_MANDATE R19"));
  mandate.until = absl::InfiniteFuture();
  opened.At(kWardOfficer).revoked = true;
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 1)), ElementsAre("NO_MANDATE R19"));
}

TEST(R19, CeilingCountsAtReadingTime) {
  Opened opened;
  opened.At(kWardOfficer).mandates[0].max_level = Level::kL1;
  EXPECT_TRUE(opened.Open(kWardOfficer, 0).allowed) << "the text is L1";
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 1)), ElementsAre("LEVEL_EXCEEDED R19"));
}

TEST(R19, ExpiryAndWithdrawalEndReading) {
  Opened opened;
  opened.facts.original->parts[1].expires = opened.now + absl::Nanoseconds(1);
  EXPECT_TRUE(opened.Open(kWardOfficer, 1).allowed);
  opened.facts.original->parts[1].expires = opened.now;
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 1)), ElementsAre("EXPIRED R19"));
  EXPECT_TRUE(opened.Open(kWardOfficer, 0).allowed) << "each part has its own end";
  opened.facts.original->withdrawn = true;
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 0)), ElementsAre("WITHDRAWN R19"));
}

TEST(R19, PurposeIsTheSignals) {
  const Opened opened;
  OpenRequest ask = opened.Ask(kWardOfficer, 1);
  ask.purpose = "dreiging";
  EXPECT_TRUE(DecideOpen(ask, opened.facts, opened.now).allowed);
  ask.purpose = "verzuim";
  EXPECT_THAT(Told(DecideOpen(ask, opened.facts, opened.now)), ElementsAre("PURPOSE_NOT_ALLOWED R19"));
}

TEST(R19, ConvenantMustHold) {
  Opened opened;
  opened.facts.convenant_active = false;
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 0)), ElementsAre("NO_CONVENANT R1"));
}

TEST(R19, PartyThatLeftTheChannelReadsNothing) {
  Opened opened;
  const Example later = Example::With(
      "[school, police, external_coordinator, social_team, attendance, youth_work, street_coach, halt,\n"
      "              youth_probation, enforcement, municipality]",
      "[school, social_team]");
  opened.facts.convenant = &later.convenant;
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 0)), ElementsAre("NOT_A_PARTY R19"));
  opened.At(kWardOfficer).mandates[0].scopes = {"*"};
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 1)), ElementsAre("NOT_A_PARTY R19")) << "and nothing of ties";
}

TEST(R21, SourceIsReadAtHomeOnly) {
  Opened opened;
  EXPECT_TRUE(opened.Open("school/teamleider", 3).allowed)
      << opened.Open("school/teamleider", 3).Sentence(Language::kEnglish);
  opened.facts.original->parts[3].recipients.push_back(Member(kWardOfficer));  // however it got there
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 3)), ElementsAre("SOURCE_PROTECTED R21"));
}

TEST(R10, JustificationIsReadByOfficersInOffice) {
  Opened opened;
  EXPECT_TRUE(opened.Open("gemeente/privacy-officer", 2).allowed);
  EXPECT_TRUE(opened.Open("school/zorgcoordinator", 2).allowed) << "who wrote it";
  opened.At("gemeente/privacy-officer").mandates[0].until = opened.now;
  EXPECT_THAT(Told(opened.Open("gemeente/privacy-officer", 2)), ElementsAre("NO_MANDATE R10"));
  EXPECT_THAT(Told(opened.Open(kWardOfficer, 2)), ElementsAre("KEYSET_MISMATCH R19", "NO_MANDATE R10"));
}

TEST(R29, OfficerWhoTakesPartReadsNoJustification) {
  Opened opened;
  std::vector<MandateFacts>& mandates = opened.At("gemeente/privacy-officer").mandates;
  mandates.push_back(mandates[0]);
  mandates[1].function = "coordinator";
  EXPECT_THAT(Told(opened.Open("gemeente/privacy-officer", 2)), ElementsAre("ROLE_CONFLICT R29"));
  EXPECT_THAT(Told(opened.Open("schoolbestuur/privacy-officer", 2)), IsEmpty()) << "of his own office alone";
  mandates[1].until = opened.now;
  EXPECT_THAT(Told(opened.Open("gemeente/privacy-officer", 2)), IsEmpty()) << "not any more";
  mandates[1].until = opened.now + absl::Hours(1);
  mandates[0].until = opened.now;
  EXPECT_THAT(Told(opened.Open("gemeente/privacy-officer", 2)), ElementsAre("NO_MANDATE R10"));
}

TEST(R29, WhoWroteAJustificationReadsIt) {
  Opened opened;
  MemberFacts& sender = opened.At("school/zorgcoordinator");
  sender.mandates.push_back(sender.mandates[0]);
  sender.mandates[1].function = std::string(kPrivacyOfficer);
  EXPECT_THAT(Told(opened.Open("school/zorgcoordinator", 2)), IsEmpty());
}

}  // namespace
}  // namespace seinpost::policies
