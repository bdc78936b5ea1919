// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/send_args.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "util/clock.h"

namespace seinpost::client {
namespace {

using testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'780'000'000);  // 2026-05-28T20:26:40Z

TEST(Address, TakesItsForms) {
  const absl::StatusOr<Address> plain = ParseAddress("politie/wijkagent", "plaats", "core@a");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->member.party, "politie");
  EXPECT_EQ(plain->member.handle, "wijkagent");
  EXPECT_EQ(plain->member.convenant, "");
  EXPECT_EQ(ParseAddress("politie/wijkagent@plaats", "plaats", "core@a")->member.convenant, "");
  EXPECT_EQ(ParseAddress("politie/wijkagent@elders", "plaats", "core@a")->member.convenant, "elders");
  EXPECT_TRUE(ParseAddress("@channel", "plaats", "core@a")->whole_channel);
  EXPECT_TRUE(ParseAddress("@core@a", "plaats", "core@a")->whole_channel);
  for (const char* wrong :
       {"", "politie", "politie/", "/wijkagent", "@core", "@core@b", "elders:politie/wijkagent", "a/b/c",
        "a b/c", "@", "politie/wijkagent@", "politie/wijkagent@elders@x"}) {
    EXPECT_EQ(ExitCodeOf(ParseAddress(wrong, "plaats", "core@a").status()), kUsage) << wrong;
  }
}

TEST(Justification, IsForAllOrForOneMember) {
  EXPECT_EQ(ParseJustification("zij handelt").member, "");
  EXPECT_EQ(ParseJustification("politie/wijkagent=hij kan ingrijpen = nodig").member, "politie/wijkagent");
  EXPECT_EQ(ParseJustification("politie/wijkagent=hij kan ingrijpen = nodig").text,
            "hij kan ingrijpen = nodig");
  EXPECT_EQ(ParseJustification("doel=veiligheid").member, "");
  EXPECT_EQ(ParseJustification("doel=veiligheid").text, "doel=veiligheid");
}

TEST(Expires, TakesItsForms) {
  EXPECT_EQ(*ParseExpires("12h", kNow), kNow + absl::Hours(12));
  EXPECT_EQ(*ParseExpires("30d", kNow), kNow + absl::Hours(720));
  EXPECT_EQ(*ParseExpires("2026-12-31", kNow), absl::FromUnixSeconds(1'798'761'600));
  EXPECT_EQ(*ParseExpires("2026-12-31T12:00:00+01:00", kNow), absl::FromUnixSeconds(1'798'714'800));
  for (const char* wrong :
       {"", "d", "0d", "-3h", "3", "3w", "morgen", "2026-13-01", "99999999999d", "2026-1-1"}) {
    EXPECT_EQ(ExitCodeOf(ParseExpires(wrong, kNow).status()), kUsage) << wrong;
  }
}

TEST(InformedArgument, TakesItsForms) {
  using policies::Informed;
  EXPECT_EQ(ParseInformed("")->informed, Informed::kNotStated);
  EXPECT_EQ(ParseInformed("yes")->informed, Informed::kYes);
  EXPECT_EQ(ParseInformed("not-yet")->informed, Informed::kNotYet);
  EXPECT_EQ(ParseInformed("no:acuut-gevaar")->code, "acuut-gevaar");
  EXPECT_EQ(ExitCodeOf(ParseInformed("maybe").status()), kUsage);
  EXPECT_EQ(ExitCodeOf(ParseInformed("no:").status()), kUsage);
}

SendArgs Named() {
  SendArgs args;
  args.channel = "direct@school-a";
  args.level = "L2";
  args.category = "wapen";
  args.purpose = "dreiging";
  args.to = {"politie/wijkagent", "jongerenwerk/jongerenwerker"};
  args.text = "een mes gevonden";
  args.identity = "wie.json";
  args.identity_to = args.to;
  args.justify = {"politie/wijkagent=grijpt in", "jongerenwerk/jongerenwerker=kent hem"};
  args.informed = "yes";
  return args;
}

v1::Change MakeChange(absl::string_view kind, absl::string_view value, absl::string_view recipient = "") {
  v1::Change change;
  change.set_kind(std::string(kind));
  change.set_value(std::string(value));
  change.set_recipient(std::string(recipient));
  change.set_part(-1);
  return change;
}

SendArgs Applied(std::initializer_list<v1::Change> changes, SendArgs args = Named(), bool possible = true) {
  v1::Alternative alternative;
  for (const v1::Change& change : changes) *alternative.add_changes() = change;
  EXPECT_EQ(ApplyAlternative(alternative, Language::kDutch, args), possible);
  return args;
}

TEST(Alternative, ChangesWordsAndLevel) {
  EXPECT_EQ(Applied({MakeChange("SetChannel", "case@school-a")}).channel, "case@school-a");
  EXPECT_EQ(Applied({MakeChange("SetPurpose", "zorg")}).purpose, "zorg");
  EXPECT_EQ(Applied({MakeChange("SetInformed", "not-yet")}).informed, "not-yet");
  const SendArgs lower = Applied({MakeChange("SetLevel", "L1"), MakeChange("DropPart", "identity")});
  EXPECT_EQ(lower.level, "L1");
  EXPECT_EQ(lower.informed, "");
  EXPECT_EQ(lower.identity, "");
  EXPECT_TRUE(lower.identity_to.empty());
  EXPECT_TRUE(lower.justify.empty());  // nobody gets anything named any more
}

TEST(Alternative, DropsARecipientFromAPartOrFromAll) {
  const SendArgs part = Applied({MakeChange("DropRecipient", "identity", "jongerenwerk/jongerenwerker")});
  EXPECT_THAT(part.identity_to, ElementsAre("politie/wijkagent"));
  EXPECT_EQ(part.to.size(), 2u);
  EXPECT_THAT(part.justify, ElementsAre("politie/wijkagent=grijpt in"));
  const SendArgs all = Applied({MakeChange("DropRecipient", "narrative", "jongerenwerk/jongerenwerker")});
  EXPECT_THAT(all.to, ElementsAre("politie/wijkagent"));
  EXPECT_THAT(all.identity_to, ElementsAre("politie/wijkagent"));
  // Nobody left: that is no command.
  Applied({MakeChange("DropRecipient", "narrative", "jongerenwerk/jongerenwerker"),
           MakeChange("DropRecipient", "narrative", "politie/wijkagent")},
          Named(), false);
}

TEST(Alternative, NamesMembersInsteadOfTheChannel) {
  SendArgs args = Named();
  args.identity_to = {"@channel"};
  args.justify = {"nodig"};
  const SendArgs expanded =
      Applied({MakeChange("ExpandBroadcast", "politie/wijkagent,wijkteam/medewerker")}, args);
  EXPECT_THAT(expanded.identity_to, ElementsAre("politie/wijkagent", "wijkteam/medewerker"));
  EXPECT_THAT(expanded.to, ElementsAre("politie/wijkagent", "jongerenwerk/jongerenwerker"));
}

TEST(Alternative, LeavesAPlaceForAJustificationThatIsMissing) {
  SendArgs args = Named();
  args.justify.clear();
  EXPECT_THAT(Applied({MakeChange("AddJustification", "")}, args).justify, ElementsAre("<onderbouwing>"));
  args.justify = {"nodig"};
  EXPECT_THAT(Applied({MakeChange("AddJustification", "")}, args).justify, ElementsAre("nodig"));
}

TEST(Alternative, ThatIsNoCommandHasNone) {
  Applied({MakeChange("AskOriginalSender", "", "politie/wijkagent")}, Named(), false);
  Applied({MakeChange("SomethingNew", "x")}, Named(), false);
  Applied({}, Named(), false);
}

TEST(Argv, SaysEveryFlagThatWasGiven) {
  const SimulatedClock clock(kNow);
  std::istringstream in;
  std::ostringstream out, err;
  Context context{.in = in, .out = out, .err = err, .clock = clock, .profile_dir = "/p"};
  context.passphrase.file = "/w";
  SendArgs args = Named();
  args.queued = true;
  args.attach = {"a.jpg", "b.png"};
  args.attach_to = {"politie/wijkagent"};
  EXPECT_THAT(
      ToArgv(context, args),
      ElementsAre("seinpost", "--profile", "/p", "--passphrase-file", "/w", "signal", "send", "--channel",
                  "direct@school-a", "--level", "L2", "--category", "wapen", "--purpose", "dreiging", "--to",
                  "politie/wijkagent,jongerenwerk/jongerenwerker", "--text", "een mes gevonden", "--queued",
                  "--identity", "wie.json", "--identity-to", "politie/wijkagent,jongerenwerk/jongerenwerker",
                  "--justify", "politie/wijkagent=grijpt in", "--justify",
                  "jongerenwerk/jongerenwerker=kent hem", "--informed", "yes", "--attach", "a.jpg",
                  "--attach", "b.png", "--attach-to", "politie/wijkagent"));
}

}  // namespace
}  // namespace seinpost::client
