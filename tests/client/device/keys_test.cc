// SPDX-License-Identifier: EUPL-1.2
// A member with a new device: older signals, the keys that others pass on, and what a lost device could read.
#include "client/device/keys.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/envelope/signals.h"
#include "tests/testing/live.h"

namespace seinpost::client {
namespace {

using test::kReader;
using test::kSender;
using test::LiveBroker;
using test::LiveMember;
using test::Ran;
using testing::HasSubstr;
using testing::Not;

constexpr char kText[] = "een mes gevonden";
constexpr char kStranger[] = "wijkteam/medewerker";

// The texts that `signal open` showed.
std::vector<std::string> Shown(const Ran& ran) {
  std::vector<std::string> texts;
  const ParsedJson json = ran.json();
  if (!json.is_object()) return texts;
  for (const ParsedJson& part : json.at("parts")) texts.push_back(part.at("text"));
  return texts;
}

size_t OneOffs(const LiveMember& member) {
  size_t count = 0;
  const Profile profile = member.OpenProfile();
  for (const PrekeySecret& prekey : profile.prekeys()) count += prekey.request.empty() ? 0 : 1;
  return count;
}

class DeviceKeys : public testing::Test {
 protected:
  Ran Restore(LiveMember& phone) { return phone.Run({"--json", "device", "restore"}); }
  Ran PassOn(LiveMember& member) { return member.Run({"--json", "device", "pass-on", "--yes"}); }

  LiveBroker broker_;
  LiveMember sender_{broker_, kSender};
  LiveMember old_{broker_, kReader};
};

TEST_F(DeviceKeys, ANewDeviceReadsOlderSignalsOnceTheirKeysArePassedOn) {
  const std::string first = sender_.Send(kReader, kText);
  const std::string second = sender_.Send(kReader, "nog een mes");
  ASSERT_EQ(old_.List().size(), 2u);
  LiveMember phone(broker_, kReader);
  EXPECT_EQ(phone.List().size(), 0u);

  Ran ran = Restore(phone);
  ASSERT_EQ(ran.code, kOk) << ran.out << ran.err;
  EXPECT_EQ(ran.json().at("asked"), 2);
  EXPECT_EQ(ran.json().at("signals").size(), 2u);
  EXPECT_EQ(OneOffs(phone), 2u);
  EXPECT_EQ(phone.List().size(), 2u) << "they are there, still shut";
  ran = phone.Open(first);
  EXPECT_EQ(ran.code, kRefused) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("device restore"));
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr(kText)));

  ran = PassOn(old_);
  ASSERT_EQ(ran.code, kOk) << ran.out << ran.err;
  ASSERT_EQ(ran.json().size(), 1u);
  EXPECT_EQ(ran.json().at(0).at("device_id"), ToHex(phone.device_id()));
  EXPECT_EQ(ran.json().at(0).at("member"), kReader);
  EXPECT_EQ(ran.json().at(0).at("passed_on"), 2);
  EXPECT_THAT(Shown(phone.Open(first)), testing::ElementsAre(kText));
  EXPECT_THAT(Shown(phone.Open(second)), testing::ElementsAre("nog een mes"));
  EXPECT_THAT(Shown(phone.Open(second)), testing::ElementsAre("nog een mes")) << "and again";
  EXPECT_EQ(PassOn(old_).json().size(), 0u) << "nothing is asked for any more";
  EXPECT_EQ(Restore(phone).json().at("asked"), 0) << "nor is there anything to ask for";
}

// Nobody but the sender is left who can open it.
TEST_F(DeviceKeys, TheSenderPassesOnWhatALostDeviceHad) {
  const std::string id = sender_.Send(kReader, kText);
  broker_.Add({broker_.network().RevokeDeviceObject(broker_.network().device(kReader))});
  LiveMember phone(broker_, kReader);
  ASSERT_EQ(Restore(phone).code, kOk);
  const Ran ran = PassOn(sender_);
  ASSERT_EQ(ran.code, kOk) << ran.out << ran.err;
  EXPECT_EQ(ran.json().at(0).at("passed_on"), 1);
  EXPECT_THAT(Shown(phone.Open(id)), testing::ElementsAre(kText));
}

TEST_F(DeviceKeys, WhatWasAskedForIsNotAskedForAnew) {
  sender_.Send(kReader, kText);
  LiveMember phone(broker_, kReader);
  ASSERT_EQ(Restore(phone).code, kOk);
  const uint64_t logged = broker_.test().LogSize();
  EXPECT_EQ(Restore(phone).json().at("asked"), 1);
  EXPECT_EQ(broker_.test().LogSize(), logged) << "the same request, the same leaf";
  broker_.Advance(absl::Hours(1));
  const Ran later = Restore(phone);
  EXPECT_EQ(later.code, kOk) << later.out << later.err;
  EXPECT_EQ(later.json().at("asked"), 1);
  EXPECT_EQ(broker_.test().LogSize(), logged) << "also when it is older than a statement may be";
  EXPECT_EQ(OneOffs(phone), 1u);
  // A new signal is for the new device too: it needs nothing.
  sender_.Send(kReader, "iets nieuws");
  EXPECT_EQ(Restore(phone).json().at("asked"), 1);
  EXPECT_EQ(phone.List().size(), 2u);
}

TEST_F(DeviceKeys, ARequestThatNobodyAnsweredIsReplaced) {
  const std::string id = sender_.Send(kReader, kText);
  LiveMember phone(broker_, kReader);
  ASSERT_EQ(Restore(phone).code, kOk);
  const Bytes before = phone.OpenProfile().prekeys().back().prekey_id;
  broker_.Advance(absl::Hours(31 * 24));
  EXPECT_EQ(PassOn(old_).json().size(), 0u) << "it has expired";
  ASSERT_EQ(Restore(phone).code, kOk);
  EXPECT_EQ(OneOffs(phone), 1u) << "the old secret is gone";
  EXPECT_EQ(phone.OpenProfile().FindPrekey(before), nullptr);
  EXPECT_EQ(PassOn(old_).json().at(0).at("passed_on"), 1);
  EXPECT_THAT(Shown(phone.Open(id)), testing::ElementsAre(kText));
}

// A replacement device asks once, not once a month.
TEST_F(DeviceKeys, WhatWasPassedOnOpensAsLongAsThePartHolds) {
  const std::string id =
      sender_.Send({"--channel", "core@school-a", "--level", "L1", "--category", "wapen", "--purpose",
                    "dreiging", "--to", kReader, "--text", kText, "--expires", "90d"});
  const std::string unanswered = old_.Send("school/teamleider", "nog een mes");
  LiveMember phone(broker_, kReader);
  ASSERT_EQ(Restore(phone).json().at("asked"), 2);
  broker_.Advance(absl::Hours(29 * 24));
  ASSERT_EQ(PassOn(sender_).json().at(0).at("passed_on"), 1);
  broker_.Advance(absl::Hours(31 * 24));
  // What lapsed unanswered is forgotten, not what was answered.
  EXPECT_EQ(Restore(phone).json().at("asked"), 1);
  EXPECT_EQ(OneOffs(phone), 2u);
  EXPECT_THAT(Shown(phone.Open(id)), testing::ElementsAre(kText)) << "on day 60";
  EXPECT_EQ(phone.Open(unanswered).code, kRefused) << "his member sent it; this device has no key yet";
  EXPECT_EQ(phone.List().size(), 2u);
  broker_.Advance(absl::Hours(30 * 24));
  EXPECT_NE(phone.Open(id).code, kOk) << "the part has expired";
  EXPECT_EQ(phone.List().size(), 1u);
}

TEST_F(DeviceKeys, OnlyOnesOwnSignalsCanBeAskedFor) {
  sender_.Send(kReader, kText);
  LiveMember other(broker_, kStranger);
  const Ran ran = Restore(other);
  EXPECT_EQ(ran.code, kOk) << ran.out << ran.err;
  EXPECT_EQ(ran.json().at("asked"), 0);
}

TEST_F(DeviceKeys, NothingIsPassedOnUnconfirmed) {
  const std::string id = sender_.Send(kReader, kText);
  LiveMember phone(broker_, kReader);
  ASSERT_EQ(Restore(phone).code, kOk);
  Ran ran = old_.Run({"device", "pass-on"}, "nee\n");
  EXPECT_EQ(ran.code, kFailed);
  // Who asks, so that he can be called.
  EXPECT_THAT(ran.err, HasSubstr(ToHex(phone.device_id())));
  EXPECT_THAT(ran.err, HasSubstr(kReader));
  EXPECT_THAT(ran.err, HasSubstr("1 delen van 1 signalen"));
  EXPECT_EQ(phone.Open(id).code, kRefused);
  EXPECT_EQ(old_.Run({"device", "pass-on"}).code, kFailed) << "nobody there to ask";
  ran = old_.Run({"device", "pass-on", "--device", std::string(32, 'a')}, "ja\n");
  EXPECT_EQ(ran.code, kOk);
  EXPECT_THAT(ran.out, HasSubstr("Niemand vraagt"));
  EXPECT_EQ(old_.Run({"device", "pass-on", "--device", "abc"}).code, kUsage);
  ran = old_.Run({"device", "pass-on", "--device", ToHex(phone.device_id())}, "ja\n");
  EXPECT_EQ(ran.code, kOk) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Doorgegeven: 1 van 1"));
  EXPECT_EQ(phone.Open(id).code, kOk);
}

TEST_F(DeviceKeys, WhatWasPassedOnBeforeANoIsTold) {
  sender_.Send(kReader, kText);
  LiveMember one(broker_, kReader), two(broker_, kReader);
  ASSERT_EQ(Restore(one).code, kOk);
  ASSERT_EQ(Restore(two).code, kOk);
  Ran ran = old_.Run({"device", "pass-on"}, "ja\nnee\n");
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_THAT(ran.out, HasSubstr("Doorgegeven: 1 van 1"));
  EXPECT_THAT(ran.err, HasSubstr("verder is er niets doorgegeven"));
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("niet bevestigd; er is niets doorgegeven")));
  // The other one still asks.
  ran = old_.Run({"device", "pass-on"}, "nee\n");
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_THAT(ran.err, HasSubstr("niet bevestigd; er is niets doorgegeven"));
  EXPECT_EQ(PassOn(old_).json().size(), 1u);
}

// The profile lost its keys: it says that the key is gone, and nothing is logged as read.
TEST_F(DeviceKeys, AKeyThatIsGoneIsSaidToBeGoneAndNothingIsRead) {
  const std::string id = sender_.Send(kReader, kText);
  ASSERT_EQ(old_.List().size(), 1u);
  Profile profile = old_.OpenProfile();
  ASSERT_TRUE(profile
                  .Update([](Profile& newest) {
                    newest.DestroyExpiredPrekeys(absl::InfiniteFuture());
                    return absl::OkStatus();
                  })
                  .ok());
  Ran ran = old_.Run({"--json", "status"});
  EXPECT_EQ(ran.code, kOk) << ran.out << ran.err;
  EXPECT_EQ(ran.json().at("prekeys").at("sealed_to_without_secret"), 0) << "replaced";
  EXPECT_GT(ran.json().at("prekeys").at("kept_without_secret"), 0);
  EXPECT_THAT(ran.err, HasSubstr("ze zijn vervangen"));
  const uint64_t logged = broker_.test().LogSize();
  ran = old_.Open(id);
  EXPECT_EQ(ran.code, kFailed) << ran.out << ran.err;
  EXPECT_EQ(ran.json().at("withheld").at(0).at("reason"), "KEY_GONE");
  EXPECT_TRUE(ran.json().at("parts").empty());
  EXPECT_THAT(ran.err, HasSubstr("de sleutel is weg"));
  EXPECT_EQ(broker_.test().LogSize(), logged) << "nobody read it";
  EXPECT_EQ(old_.List().at(0).at("unread"), true);
  // What is sent from now on he reads.
  const std::string next = sender_.Send(kReader, "nog een mes");
  EXPECT_THAT(Shown(old_.Open(next)), testing::ElementsAre("nog een mes"));
}

TEST_F(DeviceKeys, ExposureTellsWhatALostDeviceCouldRead) {
  const std::string read = sender_.Send(kReader, kText);
  const std::string unread = sender_.Send(kReader, "nog een mes");
  ASSERT_EQ(old_.Open(read).code, kOk);
  LiveMember phone(broker_, kReader);
  const std::string lost = ToHex(old_.device_id());
  Ran ran = phone.Run({"--json", "device", "exposure", lost});
  ASSERT_EQ(ran.code, kOk) << ran.out << ran.err;
  ASSERT_EQ(ran.json().size(), 2u);
  EXPECT_EQ(ran.json().at(0).at("signal_id"), read);
  EXPECT_EQ(ran.json().at(0).at("released"), true);
  EXPECT_EQ(ran.json().at(0).at("kind"), "narrative");
  EXPECT_EQ(ran.json().at(0).at("channel"), "core@school-a");
  EXPECT_EQ(ran.json().at(0).at("level"), "L1");
  EXPECT_EQ(ran.json().at(0).at("category"), "wapen");
  EXPECT_EQ(ran.json().at(0).at("purpose"), "dreiging");
  EXPECT_EQ(ran.json().at(1).at("signal_id"), unread);
  EXPECT_EQ(ran.json().at(1).at("released"), false);
  ran = phone.Run({"device", "exposure", lost});
  EXPECT_THAT(ran.out, HasSubstr("2 delen van 2 signalen; van 1 delen is de sleutel"));
  // What was passed on counts too.
  ASSERT_EQ(Restore(phone).code, kOk);
  ASSERT_EQ(PassOn(old_).code, kOk);
  ASSERT_EQ(phone.Open(read).code, kOk);
  EXPECT_EQ(old_.Run({"--json", "device", "exposure", ToHex(phone.device_id())}).json().size(), 2u);
  // Nobody else may ask; an officer of the organisation may (tests/server).
  EXPECT_EQ(sender_.Run({"device", "exposure", lost}).code, kUsage);
  EXPECT_EQ(phone.Run({"device", "exposure", "abc"}).code, kUsage);
}

}  // namespace
}  // namespace seinpost::client
