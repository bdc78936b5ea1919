// SPDX-License-Identifier: EUPL-1.2
// R31: an order of the controller lowers a ceiling at once, for what is sent and for what is read.
#include "policies/instead/alternatives.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Restriction OnChannel(const std::string& channel, Level ceiling, uint64_t number = 1) {
  return {.channel = channel, .party = "", .ceiling = ceiling, .number = number};
}
Restriction OnParty(const std::string& party, Level ceiling, uint64_t number = 1) {
  return {.channel = "", .party = party, .ceiling = ceiling, .number = number};
}

Example Restricted(std::vector<Restriction> restrictions) {
  Example example;
  example.facts.restrictions = std::move(restrictions);
  return example;
}

TEST(R31, OrderOnChannelStopsWhatIsAboveIt) {
  const Example example = Restricted({OnChannel("direct", Level::kL1, 7)});
  EXPECT_TRUE(example.Decide(example.Send(Level::kL1, {kWardOfficer})).allowed) << "at the ceiling";
  const Decision decision = example.Decide(example.Named({kWardOfficer}));
  EXPECT_THAT(Told(decision), ElementsAre("LEVEL_EXCEEDED R31"));
  const Reason reason = First(decision);
  EXPECT_EQ(reason.clause.path, "channels.direct.ceiling");
  EXPECT_EQ(reason.needs, FactNeed::kPublic);
  EXPECT_EQ(reason.sentence_nl,
            "beperkingsbevel 7 heeft het kanaal direct verlaagd tot L1; dit signaal is L2");
  EXPECT_EQ(reason.sentence_en, "restriction order 7 lowered the channel direct to L1; this signal is L2");
}

TEST(R31, OrderOnChannelHoldsWhereverItExistsAndNowhereElse) {
  const Example example = Restricted({OnChannel("direct", Level::kL0)});
  SendRequest send = example.Send(Level::kL1, {kWardOfficer});
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("LEVEL_EXCEEDED R31"));
  send.sender = Member("school2/zorgcoordinator");
  send.channel = "direct@school-b";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("LEVEL_EXCEEDED R31"));
  send.channel = "case@school-b";
  EXPECT_TRUE(example.Decide(send).allowed);
}

TEST(R31, OrderOnPartyStopsItsSignals) {
  const Example example = Restricted({OnParty("school", Level::kL0, 2)});
  EXPECT_TRUE(example.Decide(example.Send(Level::kL0, {kWardOfficer})).allowed);
  const Decision decision = example.Decide(example.Send(Level::kL1, {kWardOfficer}));
  EXPECT_THAT(Told(decision), ElementsAre("LEVEL_EXCEEDED R31"));
  EXPECT_EQ(First(decision).clause.path, "parties.school");
  EXPECT_EQ(First(decision).sentence_nl, "beperkingsbevel 2 heeft school verlaagd tot L0; dit signaal is L1");
}

TEST(R31, OrderOnPartyStopsPartsForIt) {
  const Example example = Restricted({OnParty("politie", Level::kL1, 3)});
  const SendRequest send = example.Named({kWardOfficer, kTeamMember});
  const Decision decision = example.Decide(send);
  EXPECT_THAT(Told(decision), ElementsAre("LEVEL_EXCEEDED R31 politie/wijkagent"));
  EXPECT_EQ(First(decision).part_kind, PartKind::kIdentity);
  EXPECT_EQ(First(decision).clause.path, "parties.politie");
  EXPECT_THAT(First(decision).sentence_en, HasSubstr("restriction order 3 lowered politie to L1"));
  for (const Verdict& verdict : decision.verdicts) {
    const PartRequest& part = send.parts[verdict.part];
    const bool refused =
        part.kind == PartKind::kIdentity && part.recipients[verdict.recipient] == Member(kWardOfficer);
    EXPECT_EQ(verdict.allowed, !refused);
  }
}

TEST(R31, OrderBindsNoPartyUnderTheOneItNames) {
  const Example example = Restricted({OnParty("schoolbestuur", Level::kL0)});
  EXPECT_TRUE(example.Decide(example.Named({kWardOfficer})).allowed) << "the school is a party of its own";
}

TEST(R31, LowestOfSeveralOrdersHolds) {
  for (const bool turned : {false, true}) {
    std::vector<Restriction> orders = {OnChannel("direct", Level::kL1, 1),
                                       OnChannel("direct", Level::kL0, 2)};
    if (turned) std::swap(orders[0], orders[1]);
    const Example example = Restricted(orders);
    EXPECT_THAT(First(example.Decide(example.Send(Level::kL1, {kWardOfficer}))).sentence_en,
                HasSubstr("restriction order 2 lowered the channel direct to L0"));
  }
}

// An order can only lower: one above the ceiling in the file lifts nothing.
TEST(R04, HoldsBesideAnOrder) {
  const Example example = Restricted({OnChannel("core", Level::kL2)});
  SendRequest send = example.Send(Level::kL2, {kWardOfficer});
  send.channel = "core@school-a";
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("LEVEL_EXCEEDED R4"));
}

TEST(R31, OrderLeavesJustificationsToTheOfficers) {
  const Example example = Restricted({OnParty("gemeente", Level::kL0), OnParty("schoolbestuur", Level::kL0)});
  EXPECT_TRUE(example.Decide(example.Named({kWardOfficer})).allowed);
}

TEST(R31, AlternativesKnowTheOrder) {
  const Example example = Restricted({OnChannel("direct", Level::kL1)});
  const SendRequest send = example.Named({kWardOfficer});
  const std::vector<Alternative> alternatives = Alternatives(send, example.facts, example.now);
  ASSERT_FALSE(alternatives.empty());
  for (const Alternative& alternative : alternatives) {
    const SendRequest other = Apply(send, alternative.changes, example.facts, example.now);
    EXPECT_TRUE(example.Decide(other).allowed) << alternative.text_en;
  }
}

// A named signal of the school to the police in direct@school-a, with its source, read an hour later.
struct SentWithSource : Example {
  SentWithSource() {
    facts.original = Stored(Named({kWardOfficer}), absl::Hours(48));
    facts.original->parts.push_back(
        {PartKind::kSource, now + absl::Hours(48), {Member("school/teamleider")}});
    now += absl::Hours(1);
  }
};

TEST(R31, OrderHoldsForWhatWasSentBefore) {
  constexpr size_t kText = 0, kIdentity = 1, kJustification = 2, kSource = 3;
  const struct {
    Restriction order;
    const char* reader;
    size_t part;
    bool allowed;
  } kCases[] = {
      {OnChannel("direct", Level::kL1), kWardOfficer, kText, true},
      {OnChannel("direct", Level::kL1), kWardOfficer, kIdentity, false},
      {OnChannel("direct", Level::kL0), kWardOfficer, kText, false},
      {OnChannel("direct", Level::kL0), kCareCoordinator, kText, false},
      {OnChannel("case", Level::kL0), kWardOfficer, kIdentity, true},
      {OnParty("politie", Level::kL1), kWardOfficer, kText, true},
      {OnParty("politie", Level::kL1), kWardOfficer, kIdentity, false},
      {OnParty("politie", Level::kL1), kCareCoordinator, kIdentity, true},
      // The school may not send any more, but what the police got from it stays readable.
      {OnParty("school", Level::kL0), kWardOfficer, kIdentity, true},
      {OnParty("school", Level::kL0), kCareCoordinator, kIdentity, false},
      {OnChannel("direct", Level::kL0), "gemeente/privacy-officer", kJustification, true},
      {OnParty("gemeente", Level::kL0), "gemeente/privacy-officer", kJustification, true},
      {OnChannel("direct", Level::kL0), "school/teamleider", kSource, true},
  };
  for (const auto& test : kCases) {
    SentWithSource sent;
    EXPECT_THAT(Told(sent.Open(test.reader, test.part)), IsEmpty()) << "without an order";
    sent.facts.restrictions = {test.order};
    const std::vector<std::string> told = Told(sent.Open(test.reader, test.part));
    const std::string name = test.order.channel + test.order.party + " " +
                             std::string(ToString(test.order.ceiling)) + " " + test.reader;
    if (test.allowed) {
      EXPECT_THAT(told, IsEmpty()) << name;
    } else {
      EXPECT_THAT(told, ElementsAre("LEVEL_EXCEEDED R31")) << name;
    }
  }
}

TEST(R31, SignalMadeUnderReplacedVersionIsToBeMadeAgain) {
  std::string yaml = FileText(kExample);
  const std::string first = "  version: 1 ";
  yaml.replace(yaml.find(first), first.size(), "  previous: " + std::string(64, 'a') + "\n  version: 2 ");
  const Example example(yaml);
  SendRequest send = example.Send(Level::kL1, {kWardOfficer});
  EXPECT_TRUE(example.Decide(send).allowed);
  send.convenant_version = 1;
  send.queued = true;
  const Decision stale = example.Decide(send);
  EXPECT_THAT(Told(stale), ElementsAre("VERSION_STALE R31"));
  EXPECT_EQ(First(stale).clause.path, "convenant.version");
  EXPECT_EQ(First(stale).sentence_en,
            "this was made under version 1, which version 2 has replaced; make it again, so that version 2 "
            "holds");
  EXPECT_THAT(First(stale).sentence_nl, HasSubstr("maak het opnieuw"));
  send.convenant_version = 3;
  const Decision early = example.Decide(send);
  EXPECT_THAT(Told(early), ElementsAre("VERSION_STALE R31"));
  EXPECT_EQ(First(early).sentence_en, "version 3 is not in force; the convenant is at version 2");
}

}  // namespace
}  // namespace seinpost::policies
