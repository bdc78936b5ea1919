// SPDX-License-Identifier: EUPL-1.2
#include "policies/instead/alternatives.h"

#include "absl/strings/str_cat.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Texts(const std::vector<Alternative>& alternatives) {
  std::vector<std::string> texts;
  for (const Alternative& alternative : alternatives) texts.push_back(alternative.text_en);
  return texts;
}

TEST(Alternatives, NothingForAnAllowedRequest) {
  const Example example;
  EXPECT_THAT(Alternatives(example.Named({kWardOfficer}), example.facts, example.now), IsEmpty());
}

TEST(Alternatives, DropTheOneWhoMayNot) {
  const Example example;
  const auto alternatives =
      Alternatives(example.Named({kWardOfficer, kYouthWorker}), example.facts, example.now);
  ASSERT_FALSE(alternatives.empty());
  EXPECT_EQ(alternatives[0].text_en, "do not send the identity part to jongerenwerk/jongerenwerker");
  ASSERT_EQ(alternatives[0].changes.size(), 1u);
  EXPECT_EQ(alternatives[0].changes[0].kind, Change::Kind::kDropRecipient);
  EXPECT_EQ(alternatives[0].changes[0].member, Member(kYouthWorker));
}

TEST(Alternatives, SeveralMistakesAtOnce) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer, kYouthWorker});
  send.informed = Informed::kNotStated;
  send.parts.pop_back();
  const auto alternatives = Alternatives(send, example.facts, example.now);
  bool found = false;
  for (const Alternative& alternative : alternatives) {
    found = found ||
            (alternative.text_en.find("do not send the identity part to jongerenwerk") != std::string::npos &&
             alternative.text_en.find("justify") != std::string::npos &&
             alternative.text_en.find("informed") != std::string::npos);
  }
  EXPECT_TRUE(found) << testing::PrintToString(Texts(alternatives));
}

TEST(Alternatives, NamesWhoMayGetABroadcast) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer, "wijkteam/medewerker", kYouthWorker});
  send.channel = "case@school-a";
  send.parts[1].recipients =
      ChannelMembers(send.channel, send.level, send.sender, example.facts, example.now);
  send.parts[1].broadcast = true;
  EXPECT_THAT(
      Texts(Alternatives(send, example.facts, example.now)),
      Contains(HasSubstr("choose the recipients of the identity part by name, out of: politie/wijkagent, "
                         "wijkteam/medewerker")));
}

TEST(Alternatives, AnotherChannelOrALowerLevel) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer});
  send.channel = "core@school-a";
  const auto texts = Texts(Alternatives(send, example.facts, example.now));
  EXPECT_THAT(texts, Contains("use the channel direct@school-a"));
  EXPECT_THAT(texts, Contains(HasSubstr("share at level L1")));
}

TEST(Alternatives, PhotosNeedANamedSignal) {
  const Example example;
  SendRequest send = example.Send(Level::kL1, {kWardOfficer});
  send.parts.push_back(Example::Part(PartKind::kAttachment, {kWardOfficer}));
  const auto texts = Texts(Alternatives(send, example.facts, example.now));
  EXPECT_THAT(texts, Contains("leave out the attachment"));
  EXPECT_THAT(texts, Contains(HasSubstr("share at level L2")));
}

TEST(Alternatives, PoliceMaySendItThemselves) {
  Example example;
  OriginalFacts original;
  original.sender = Member(kWardOfficer);
  original.channel = "direct@school-a";
  original.purpose = "dreiging";
  original.level = Level::kL1;
  original.parts.push_back(
      {PartKind::kNarrative, example.now + absl::Hours(1), {Member("school/zorgcoordinator")}});
  example.facts.original = original;
  SendRequest send = example.Send(Level::kL1, {"wijkteam/medewerker"});
  send.forwards = true;
  EXPECT_THAT(Texts(Alternatives(send, example.facts, example.now)),
              Contains("ask politie/wijkagent to share this himself"));
}

// Each alternative is what it says: allowed, and different.
TEST(Alternatives, AreAllowedByDecideItself) {
  const Example example;
  std::vector<SendRequest> refused;
  for (const char* channel : {"core@school-a", "case@school-a", "direct@school-b", "theme"}) {
    for (const char* purpose : {"dreiging", "verzuim"}) {
      for (const char* sender : {"school/zorgcoordinator", kWardOfficer, kYouthWorker}) {
        for (const char* to :
             {kWardOfficer, kYouthWorker, "wijkteam/medewerker", "school2/zorgcoordinator", "buurman/jan"}) {
          SendRequest send = example.Named({to, "sass/coordinator"});
          send.sender = Member(sender);
          send.channel = channel;
          send.purpose = purpose;
          refused.push_back(send);
        }
      }
    }
  }
  size_t found = 0;
  for (const SendRequest& send : refused) {
    if (example.Decide(send).allowed) continue;
    for (const Alternative& alternative : Alternatives(send, example.facts, example.now)) {
      const SendRequest changed = Apply(send, alternative.changes, example.facts, example.now);
      EXPECT_TRUE(example.Decide(changed).allowed) << alternative.text_en;
      EXPECT_FALSE(alternative.changes.empty());
      EXPECT_FALSE(alternative.text_nl.empty());
      ++found;
    }
  }
  EXPECT_GT(found, 50u);
}

// A member may ask about whomever he likes; what it costs is bounded by what he asks.
TEST(MemberQuestions, EndWhenTheirEffortIsUsedUp) {
  const Example example;
  SendRequest send = example.Named({kWardOfficer, kYouthWorker});
  for (int i = 0; i < 400; ++i) send.parts[1].recipients.push_back(Member(absl::StrCat("buurman/nr", i)));
  const auto decisions = [&](size_t effort) {
    size_t asked = 0;
    SearchBudget budget{.effort = effort, .abandoned = [&] {
                          ++asked;
                          return false;
                        }};
    (void)Alternatives(send, example.facts, example.now, budget);
    return asked;
  };
  EXPECT_LE(decisions(0), 2u);
  const size_t few = decisions(16 * 1024);
  EXPECT_GT(few, 2u);
  EXPECT_LE(few, 16u * 1024 / 416 + 2) << "each is paid for by how many it is about";
  EXPECT_GT(decisions(1024 * 1024), few) << "otherwise it goes on";
}

TEST(MemberQuestions, EndWhenNobodyWaitsForTheAnswer) {
  const Example example;
  const SendRequest send = example.Named({kWardOfficer, kYouthWorker});
  for (int until : {0, 1, 5}) {
    int asked = 0;
    const SearchBudget budget{.abandoned = [&] { return ++asked > until; }};
    (void)Alternatives(send, example.facts, example.now, budget);
    EXPECT_LE(asked, until + 2) << "it stops the search, and the choice from what was found";
  }
}

TEST(Alternatives, AreTheSameWithinABudgetThatSuffices) {
  const Example example;
  const SendRequest send = example.Named({kWardOfficer, kYouthWorker});
  const auto all = Texts(Alternatives(send, example.facts, example.now));
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(Texts(Alternatives(send, example.facts, example.now, {.effort = 32 * 1024})), all);
  EXPECT_THAT(Alternatives(send, example.facts, example.now, {.effort = 0}), IsEmpty());
}

TEST(ValidateRequestNames, TellsWhatExists) {
  const Example example;
  const SendRequest good = example.Send(Level::kL1, {kWardOfficer});
  EXPECT_TRUE(ValidateRequestNames(good, example.facts).ok());
  const auto error = [&](const SendRequest& send) {
    const absl::Status status = ValidateRequestNames(send, example.facts);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  SendRequest send = good;
  send.channel = "core@school-x";
  EXPECT_THAT(
      error(send),
      HasSubstr(
          "unknown channel \"core@school-x\" (did you mean \"core@school-a\"?); there are: case@school-a"));
  send = good;
  send.purpose = "dreigin";
  EXPECT_THAT(error(send), HasSubstr("did you mean \"dreiging\""));
  send = good;
  send.category = "wapens";
  EXPECT_THAT(error(send), HasSubstr("did you mean \"wapen\""));
  send = good;
  send.parts[0].recipients = {Member("politie/wijkagnet")};
  EXPECT_THAT(
      error(send),
      HasSubstr(
          "unknown member of politie \"wijkagnet\" (did you mean \"wijkagent\"?); there are: wijkagent"));
  send.parts[0].recipients = {Member("buurman/jan"), Member("politie/wie@elders")};
  EXPECT_TRUE(ValidateRequestNames(send, example.facts).ok()) << "parties are a matter of the rules";
}

TEST(MemberId, ReadsAndPrints) {
  for (const char* text : {"school/zorg", "school2/a-b", "politie/wijkagent@elders"}) {
    const auto member = ParseMemberId(text);
    ASSERT_TRUE(member.ok()) << text;
    EXPECT_EQ(ToString(*member), text);
  }
  for (const char* text : {"", "school", "/", "school/", "/zorg", "School/zorg", "a/b/c", "a/b@", "a/b@c@d",
                           "@channel", "a@b/c"}) {
    EXPECT_FALSE(ParseMemberId(text).ok()) << text;
  }
}

TEST(Vocabulary, EveryRefusalCodeHasAWordAndBack) {
  std::set<std::string> words;
  for (RefusalCode code : AllRefusalCodes()) {
    EXPECT_TRUE(words.emplace(ToString(code)).second);
    EXPECT_EQ(*ParseRefusalCode(ToString(code)), code);
  }
  EXPECT_EQ(words.size(), 35u);
  EXPECT_FALSE(ParseRefusalCode("OK").ok());
  EXPECT_EQ(ToString(static_cast<RefusalCode>(200)), "?");
}

}  // namespace
}  // namespace seinpost::policies
