// SPDX-License-Identifier: EUPL-1.2
// R23: references of one school stay at that school; and which rules hold for whom (FactNeed).
#include "policies/instead/alternatives.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kCoordinator[] = "sass/coordinator";

// The coordinator, with a mandate at either school, about a case of school-a.
SendRequest Carried(const Example& example, const std::string& channel) {
  SendRequest send = example.Send(Level::kL1, {kWardOfficer});
  send.sender = Member(kCoordinator);
  send.channel = channel;
  return send;
}

TEST(R23, CaseReferenceStaysInTheScopeOfItsFirstUse) {
  Example example;
  example.facts.case_scope = "school-a";
  EXPECT_TRUE(example.Decide(Carried(example, "core@school-a")).allowed);
  EXPECT_TRUE(example.Decide(Carried(example, "case@school-a")).allowed) << "another channel of that school";
  const Decision decision = example.Decide(Carried(example, "core@school-b"));
  EXPECT_THAT(Told(decision), ElementsAre("SCOPE_MISMATCH R23"));
  const Reason reason = First(decision);
  EXPECT_EQ(reason.clause.path, "channels.core");
  EXPECT_TRUE(reason.decided_by_broker);
  EXPECT_EQ(reason.needs, FactNeed::kBroker);
  EXPECT_EQ(reason.sentence_nl,
            "dit casuskenmerk hoort bij school-a en gaat niet mee naar core@school-b; begin hier een eigen "
            "casus");
}

TEST(R23, ReferenceOfChannelWithoutScopeStaysThere) {
  Example example;
  example.facts.case_scope = "";
  const Decision decision = example.Decide(Carried(example, "core@school-a"));
  EXPECT_THAT(Told(decision), ElementsAre("SCOPE_MISMATCH R23"));
  EXPECT_EQ(
      First(decision).sentence_en,
      "this case reference belongs to a channel without scope and is not carried to core@school-a; begin "
      "a case of its own here");
}

TEST(R23, SilentWhereNothingIsCarried) {
  Example example;
  EXPECT_TRUE(example.Decide(Carried(example, "core@school-b")).allowed) << "used for the first time";
  example.facts.case_scope = "school-a";
  SendRequest send = Carried(example, "core@school-b");
  send.level = Level::kL0;
  send.has_case_ref = false;
  EXPECT_TRUE(example.Decide(send).allowed) << "no reference";
  send = Carried(example, "core@school-b");
  send.new_case = true;
  EXPECT_TRUE(example.Decide(send).allowed) << "sealing makes a new one";
}

TEST(R23, OffersOwnCaseAndOwnSchool) {
  Example example;
  example.facts.case_scope = "school-a";
  const SendRequest send = Carried(example, "core@school-b");
  std::vector<std::string> texts;
  const std::vector<Alternative> alternatives = Alternatives(send, example.facts, example.now);
  for (const Alternative& alternative : alternatives) {
    texts.push_back(alternative.text_en);
    EXPECT_TRUE(
        DecideSend(Apply(send, alternative.changes, example.facts, example.now), example.facts, example.now)
            .allowed);
  }
  ASSERT_FALSE(texts.empty());
  EXPECT_EQ(texts.front(), "begin a case of its own, without this reference");
  EXPECT_THAT(texts, Contains("use the channel core@school-a"));
}

// What a recipient may hold against a signal: no rule marked kPublic refuses an allowed signal of which some
// parts are not seen; every other refusal that this brings about says that it needs the rest.
TEST(FactNeed, PublicRulesHoldWhateverPartsOneSees) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer, "wijkteam/medewerker"});
  send.parts.push_back(Example::Part(PartKind::kCare, {"wijkteam/medewerker"}));
  send.parts.push_back(Example::Part(PartKind::kAttachment, {kWardOfficer}));
  send.parts.push_back(Example::Part(PartKind::kSource, {"school/teamleider"}));
  send = example.Sealed(send);
  ASSERT_TRUE(example.Decide(send).allowed) << example.Decide(send).Sentence(Language::kEnglish);
  size_t refused = 0;
  for (unsigned seen = 0; seen < (1u << send.parts.size()); ++seen) {
    SendRequest partial = send;
    partial.parts.clear();
    for (size_t i = 0; i < send.parts.size(); ++i) {
      if ((seen >> i & 1) != 0) partial.parts.push_back(send.parts[i]);
    }
    const Decision decision = example.Decide(partial);
    refused += decision.allowed ? 0 : 1;
    for (const Reason& reason : decision.reasons) {
      EXPECT_EQ(reason.needs, FactNeed::kWholeSignal) << seen << " " << reason.sentence_en;
    }
  }
  EXPECT_GT(refused, 0u);
}

// What a recipient can judge from the parts he sees, he does.
TEST(FactNeed, RecipientJudgesWhatHeSees) {
  const Example example;
  const auto needs = [&](const SendRequest& send) {
    std::vector<FactNeed> told;
    const Decision decision = example.Decide(send);
    for (const Reason& reason : decision.reasons) told.push_back(reason.needs);
    return told;
  };
  SendRequest send = example.Sealed(example.Named({kWardOfficer}));
  send.parts[0].devices.pop_back();
  EXPECT_THAT(needs(send), ElementsAre(FactNeed::kPublic)) << "key set";
  send = example.Named({kWardOfficer});
  send.parts[1].recipients.push_back(Member("wijkteam/medewerker"));
  send.parts[2].justifies.emplace_back("wijkteam/medewerker");
  EXPECT_THAT(needs(send), ElementsAre(FactNeed::kPublic)) << "identity without text";
  send = example.Named({kWardOfficer});
  send.parts[2].recipients.push_back(Member(kWardOfficer));
  EXPECT_THAT(needs(send), ElementsAre(FactNeed::kPublic)) << "justification to others";
  send = example.Named({kWardOfficer});
  send.parts.pop_back();
  EXPECT_THAT(needs(send), ElementsAre(FactNeed::kWholeSignal)) << "justification not seen";
  send = example.Send(Level::kL1, {kWardOfficer});
  send.forwards = true;
  EXPECT_THAT(needs(send), ElementsAre(FactNeed::kBroker)) << "the original";
  EXPECT_THAT(needs(example.Send(Level::kL1, {kWardOfficer})), IsEmpty());
}

}  // namespace
}  // namespace seinpost::policies
