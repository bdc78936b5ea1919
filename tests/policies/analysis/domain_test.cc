// SPDX-License-Identifier: EUPL-1.2
#include "policies/analysis/domain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "tests/policies/example.h"
#include "tests/policies/small.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Domain, PutsTogetherWhatTheFileSaysTheSameOf) {
  const Convenant small = Small();
  const Domain domain({&small});
  EXPECT_THAT(domain.instances(), ElementsAre("case@school-a", "core@school-a", "theme"));
  EXPECT_THAT(domain.purposes(), ElementsAre(ElementsAre("gevaar"), ElementsAre("veiligheid")));
  const Convenant twice = Small(
      {{"  wapen:\n    kind: criminal\n", "  wapen:\n    kind: criminal\n  heling:\n    kind: criminal\n"}});
  EXPECT_THAT(Domain({&twice}).categories(),
              ElementsAre(ElementsAre("heling", "wapen"), ElementsAre("overlast"), ElementsAre("zorgen")));
}

TEST(Domain, SeparatesScopesInWhichOthersSit) {
  const Convenant one_ward =
      Small({{"  politie:\n    kind: police\n", "  politie:\n    kind: police\n    scopes: [school-a]\n"}});
  EXPECT_THAT(Domain({&one_ward}).instances(),
              ElementsAre("case@school-a", "case@school-b", "core@school-a", "core@school-b", "theme"));
}

TEST(Domain, HoldsTheSameAndAnotherSchoolAndColleagues) {
  const Convenant small = Small();
  std::set<std::pair<std::string, Standing>> seen;
  Domain({&small}).Visit([&](const Share& share) {
    if (*share.instance != "case@school-a" || share.sender->member.party != "school") return;
    seen.emplace(share.recipient->member.party, share.place);
    EXPECT_FALSE(share.sender->member == share.recipient->member);
  });
  EXPECT_EQ(seen.count({"school", Standing::kOwn}), 1u);
  EXPECT_EQ(seen.count({"school2", Standing::kOther}), 1u);
  EXPECT_EQ(seen.count({"politie", Standing::kHere}), 1u);
}

TEST(Domain, AFunctionHeldByOnePartyHasAColleagueToo) {
  const Convenant small = Small();
  bool found = false;
  Domain({&small}).Visit([&](const Share& share) {
    found |= ToString(share.sender->member) == "politie/ward_officer" &&
             ToString(share.recipient->member) == "politie/ward_officer-2";
  });
  EXPECT_TRUE(found);
}

TEST(Domain, MandatesNameEveryScopeThatTheirPartyIsNotBoundFrom) {
  const Convenant small = Small();
  const Facts facts = DomainFacts(small);
  EXPECT_THAT(facts.members.at(Member("school/director")).mandates.front().scopes, ElementsAre("school-a"));
  EXPECT_THAT(facts.members.at(Member("politie/ward_officer")).mandates.front().scopes,
              ElementsAre("school-a", "school-b"));
  EXPECT_GE(facts.officers.size(), 4u);
}

TEST(Domain, RequestsAreValidButForWhatIsAsked) {
  const Convenant small = Small();
  Asker asker(small);
  const std::string instance = "case@school-a";
  const Role from{Member("school/director"), "school", "director"};
  const Role to{Member("politie/ward_officer"), "police", "ward_officer"};
  const auto ask = [&](Item item, Conditions conditions = {}) {
    const Share share{&instance, &from, &to, Standing::kHere, item};
    return Told(asker.Ask(share, "veiligheid", "overlast", conditions));
  };
  for (const Item item : {Item::kThemeText, Item::kContribution, Item::kCaseText, Item::kNamedText,
                          Item::kIdentity, Item::kAttachment, Item::kAlertText, Item::kAlertIdentity}) {
    EXPECT_THAT(ask(item), ElementsAre()) << TraitsOf(item).name;
  }
  EXPECT_THAT(ask(Item::kCare), ElementsAre("CATEGORY_NOT_ALLOWED R22 politie/ward_officer"));
  EXPECT_THAT(ask(Item::kNamedSource), ElementsAre("SOURCE_PROTECTED R21 politie/ward_officer"));
  EXPECT_THAT(ask(Item::kIdentity, {.justified = false}),
              ElementsAre("NO_JUSTIFICATION R10 politie/ward_officer"));
  EXPECT_THAT(ask(Item::kNamedText, {.informed = false}), ElementsAre("INFORMED_MISSING R34"));
  EXPECT_THAT(ask(Item::kAlertText, {.emergency_asked = false}), ElementsAre("EMERGENCY_CALL_MISSING R25"));
  EXPECT_THAT(ask(Item::kIdentity, {.recipient_role = false, .place_named = false}),
              ElementsAre("NO_INVOLVEMENT R9 politie/ward_officer"));
  EXPECT_THAT(ask(Item::kIdentity, {.recipient_role = false}), ElementsAre());
}

// The claim on which the domain rests: codes of one class get the same answer, whoever asks.
TEST(Domain, CodesOfOneClassAreAnsweredAlike) {
  Example example;
  const Domain domain({&example.convenant});
  Asker asker(example.convenant);
  size_t compared = 0;
  domain.Visit([&](const Share& share) {
    if (*share.instance != "case@school-a" || share.recipient->function.front() == 'a') return;
    SendRequest request = asker.RequestFor(share, "", "");
    for (const std::vector<std::string>& purposes : domain.purposes()) {
      for (const std::vector<std::string>& categories : domain.categories()) {
        std::set<bool> answers;
        for (const std::string& purpose : purposes) {
          for (const std::string& category : categories) {
            request.purpose = purpose;
            request.category = category;
            answers.insert(asker.Ask(request, share).allowed);
            ++compared;
          }
        }
        ASSERT_EQ(answers.size(), 1u) << request.channel << ToString(request.sender);
      }
    }
  });
  EXPECT_GT(compared, 10000u);
}

// ... and so do parties and scopes: asking about every one finds nothing that the domain does not hold.
TEST(Domain, EveryPartyAndScopeHasOneThatStandsForIt) {
  const Convenant convenant =
      Small({{"  school-b: school\n", "  school-b: school\n  school-c: school\n  wijk: ward\n"},
             {"  politie:\n",
              "  school3:\n    kind: school\n    scopes: [school-c]\n    under: bestuur\n  politie:\n"},
             {"  handhaving:\n    kind: enforcement\n",
              "  handhaving:\n    kind: enforcement\n    scopes: [wijk]\n"}});
  using Point = std::tuple<std::string, std::string, std::string, bool, Item>;
  const auto point = [](const Share& share) {
    return Point(share.instance->substr(0, share.instance->find('@')),
                 share.sender->kind + share.sender->function,
                 share.recipient->kind + share.recipient->function,
                 share.sender->member.party == share.recipient->member.party, share.item);
  };
  Asker asker(convenant);
  std::set<Point> held;
  Domain({&convenant}).Visit([&](const Share& share) {
    if (asker.Ask(share, "veiligheid", "overlast").allowed) held.insert(point(share));
  });
  std::vector<Role> roles;
  for (const auto& [id, member] : asker.facts().members) {
    if (member.mandates.front().function == kPrivacyOfficer) continue;
    roles.push_back({id, convenant.FindParty(id.party)->kind, member.mandates.front().function});
  }
  std::set<Point> everything;
  for (const std::string& instance : convenant.ChannelInstances()) {
    for (const Role& sender : roles) {
      for (const Role& recipient : roles) {
        if (sender.member == recipient.member) continue;
        for (const ItemTraits& traits : AllItems()) {
          const Share share{&instance, &sender, &recipient, Standing::kHere, traits.item};
          if (asker.Ask(share, "veiligheid", "overlast").allowed) everything.insert(point(share));
        }
      }
    }
  }
  EXPECT_GT(everything.size(), 50u);
  EXPECT_EQ(held, everything);
}

}  // namespace
}  // namespace seinpost::policies
