// SPDX-License-Identifier: EUPL-1.2
#include "trust/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/testing/network.h"
#include "trust/levels.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using test::kNow;
using test::TestDevice;
using test::TestNetwork;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Names(const std::vector<const Member*>& members) {
  std::vector<std::string> names;
  for (const Member* member : members)
    names.push_back(absl::StrCat(member->organisation, "/", member->handle));
  return names;
}

const Member& MemberOf(const TestNetwork& network, absl::string_view profile) {
  return *network.directory().FindMember(network.member(profile));
}

TEST(MemberFacts, ListsMandatesDevicesAndPrekeys) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& bare = network.AddDevice("politie/wijkagent", /*with_prekeys=*/false);
  const policies::MemberFacts facts =
      MemberFactsOf(network.directory(), MemberOf(network, "politie/wijkagent"), kNow);
  EXPECT_TRUE(facts.known);
  EXPECT_FALSE(facts.revoked);
  ASSERT_EQ(facts.mandates.size(), 1u);
  EXPECT_EQ(facts.mandates[0].function, "ward_officer");
  EXPECT_THAT(facts.mandates[0].scopes, ElementsAre("school-a", "school-b"));
  EXPECT_EQ(facts.mandates[0].max_level, policies::Level::kL2);
  ASSERT_EQ(facts.devices.size(), 2u);
  EXPECT_THAT(facts.devices[0].prekey_classes, ElementsAre("casus", "naam", "thema", "verantwoording"));
  EXPECT_EQ(facts.devices[1].id, bare.id);
  EXPECT_THAT(facts.devices[1].prekey_classes, ElementsAre());
}

TEST(MemberFacts, LeavesOutWhatIsRevokedOrExpired) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& second = network.AddDevice("politie/wijkagent");
  network.Add(network.RevokeDeviceObject(network.device("politie/wijkagent")));
  const Member& member = MemberOf(network, "politie/wijkagent");
  policies::MemberFacts facts = MemberFactsOf(network.directory(), member, kNow);
  EXPECT_FALSE(facts.revoked);
  ASSERT_EQ(facts.devices.size(), 1u);
  EXPECT_EQ(facts.devices[0].id, second.id);

  network.Add(network.RevokeDeviceObject(second));
  network.Add(network.RevokeMandateObject(*network.directory().MandatesOf(member.ref)[0]));
  facts = MemberFactsOf(network.directory(), member, kNow);
  EXPECT_TRUE(facts.revoked);
  EXPECT_TRUE(facts.devices.empty());
  EXPECT_TRUE(facts.mandates.empty());

  const policies::MemberFacts later = MemberFactsOf(
      network.directory(), MemberOf(network, "school/teamleider"), kNow + absl::Hours(24 * 365));
  EXPECT_TRUE(later.devices.empty());
  EXPECT_FALSE(later.revoked);
}

TEST(Facts, HoldConvenantOfficersAndTheMembersAskedFor) {
  const TestNetwork network = TestNetwork::Example(kNow);
  const policies::Facts facts =
      FactsAbout(network.directory(), {&MemberOf(network, "school/teamleider")}, kNow);
  EXPECT_EQ(facts.convenant, network.directory().convenant());
  EXPECT_TRUE(facts.convenant_active);
  EXPECT_TRUE(facts.all_signatures);
  std::vector<std::string> names;
  for (const auto& entry : facts.members) names.push_back(policies::ToString(entry.first));
  EXPECT_THAT(names, UnorderedElementsAre("school/teamleider", "gemeente/privacy-officer",
                                          "schoolbestuur/privacy-officer"));
  EXPECT_EQ(facts.officers.size(), 2u);
  EXPECT_EQ(AllFacts(network.directory(), kNow).members.size(), 9u);
}

TEST(R10, JustificationReadersAreTheOfficersOfSenderAndConvenant) {
  const TestNetwork network = TestNetwork::Example(kNow);
  EXPECT_THAT(Names(JustificationReaders(network.directory(), MemberOf(network, "politie/wijkagent"), kNow)),
              ElementsAre("gemeente/privacy-officer", "schoolbestuur/privacy-officer"));
}

TEST(ChannelMembers, AreThoseWithAMandateForTheScope) {
  const TestNetwork network = TestNetwork::Example(kNow);
  const Member& sender = MemberOf(network, "school/zorgcoordinator");
  const auto members =
      ChannelMembers(network.directory(), "core@school-a", policies::Level::kL1, sender, kNow);
  ASSERT_TRUE(members.ok()) << members.status();
  EXPECT_THAT(Names(*members),
              UnorderedElementsAre("school/teamleider", "politie/wijkagent", "sass/coordinator",
                                   "jongerenwerk/jongerenwerker", "wijkteam/medewerker"));
  const auto unknown =
      ChannelMembers(network.directory(), "core@school-z", policies::Level::kL1, sender, kNow);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(unknown.status().message(), "core@school-a")) << unknown.status();
}

TEST(Levels, GoBothWays) {
  for (const auto level : {policies::Level::kL0, policies::Level::kL1, policies::Level::kL2}) {
    EXPECT_EQ(LevelFromProto(LevelToProto(level)), level);
  }
  EXPECT_EQ(LevelToProto(policies::Level::kL0), pb::LEVEL_L0);
  EXPECT_EQ(LevelFromProto(pb::LEVEL_UNSPECIFIED), policies::Level::kL2);
}

}  // namespace
}  // namespace seinpost::trust
