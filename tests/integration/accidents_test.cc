// SPDX-License-Identifier: EUPL-1.2
// Accidents that a device outlives, with the built programs: its clock jumps, its profile is put back from a
// copy, the answer of the broker gets lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "client/profile/profile.h"
#include "tests/integration/lossy_proxy.h"
#include "tests/integration/programs.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr char kCoordinator[] = "school/zorgcoordinator";
constexpr char kWardOfficer[] = "politie/wijkagent";

class Accidents : public testing::Test {
 protected:
  std::vector<std::string> Send(const std::string& text) const {
    return {"signal", "send",      "--channel", "core@school-a", "--level",    "L1",     "--category",
            "wapen",  "--purpose", "dreiging",  "--to",          kWardOfficer, "--text", text};
  }
  std::string ProfileOf(const std::string& member) const {
    return lab_.info()["profiles"].at(member).get<std::string>();
  }
  Json MailOf(const std::string& member) const {
    const Ran listed = lab_.As(member, {"signal", "list"});
    EXPECT_EQ(listed.code, 0) << listed.out << listed.err;
    return listed.json();
  }

#if defined(SEINPOST_CLOCK_SHIFT)
  // `seinpost --json` as a member whose clock is that many seconds from the broker's.
  Ran AsIfAt(const std::string& shift, const std::string& member, std::vector<std::string> arguments) const {
    std::vector<std::string> argv{Program("seinpost"), "--json",
                                  "--passphrase-file", lab_.info()["passphrase_file"].get<std::string>(),
                                  "--profile",         ProfileOf(member)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return Execute(argv,
                   {std::string("LD_PRELOAD=") + SEINPOST_CLOCK_SHIFT, "SEINPOST_TEST_CLOCK_SHIFT=" + shift});
  }
#endif

  Lab lab_;
};

// Clocks are shifted in release builds only: sanitizers must be loaded first.
#if defined(SEINPOST_CLOCK_SHIFT)
TEST_F(Accidents, AClockThatJumpedTwentyYearsDestroysNothing) {
  const Json before = lab_.As(kWardOfficer, {"status"}).json();
  EXPECT_EQ(before["clock_ok"], true);
  ASSERT_GT(before["prekeys"]["secrets"], 0);
  for (const std::string shift : {"631152000", "-631152000"}) {
    const Ran jumped = AsIfAt(shift, kWardOfficer, {"status"});
    EXPECT_NE(jumped.code, 0) << jumped.out << jumped.err;
    EXPECT_EQ(jumped.json()["clock_ok"], false) << jumped.out << jumped.err;
    EXPECT_THAT(jumped.err, HasSubstr("De klok van dit apparaat staat op"));
  }
  const Json after = lab_.As(kWardOfficer, {"status"}).json();
  EXPECT_EQ(after["clock_ok"], true);
  EXPECT_EQ(after["prekeys"], before["prekeys"]);
  const Ran sent = lab_.As(kCoordinator, Send("een mes gevonden"));
  ASSERT_EQ(sent.code, 0) << sent.out << sent.err;
  const Ran opened = lab_.As(kWardOfficer, {"signal", "open", sent.json()["signal_id"]});
  ASSERT_EQ(opened.code, 0) << opened.out << opened.err;
  EXPECT_EQ(opened.json()["parts"][0]["text"], "een mes gevonden");
}

TEST_F(Accidents, AProfilePutBackFromACopyGoesOn) {
  MailOf(kWardOfficer);
  const std::string profile = ProfileOf(kWardOfficer), copy = lab_.Path("copy");
  std::filesystem::copy(profile, copy, std::filesystem::copy_options::recursive);
  ASSERT_EQ(lab_.As(kCoordinator, Send("een mes gevonden")).code, 0);
  MailOf(kWardOfficer);
  MailOf(kWardOfficer);  // signs for what came
  std::filesystem::remove_all(profile);
  std::filesystem::copy(copy, profile, std::filesystem::copy_options::recursive);
  // A minute later, so that it signs something else than before.
  const Ran listed = AsIfAt("60", kWardOfficer, {"signal", "list"});
  EXPECT_EQ(listed.code, 0) << listed.out << listed.err;
  EXPECT_THAT(listed.json(), SizeIs(1));
  EXPECT_THAT(listed.err, HasSubstr("gekopieerd of teruggezet"));
  const Ran again = lab_.As(kWardOfficer, {"signal", "list"});
  EXPECT_EQ(again.code, 0) << again.out;
  EXPECT_EQ(again.err, "") << "told once";
  EXPECT_EQ(lab_.As(kWardOfficer, {"signal", "open", MailOf(kWardOfficer)[0]["signal_id"]}).code, 0);
  EXPECT_EQ(lab_.As(kCoordinator, {"status"}).json()["unconfirmed"].size(), 0u);
}

#endif

TEST_F(Accidents, ALostAnswerSendsNothingTwice) {
  LossyProxy line(lab_.info()["broker"].get<std::string>());
  const std::string passphrase = ReadWholeFile(lab_.info()["passphrase_file"].get<std::string>());
  absl::StatusOr<client::Profile> profile =
      client::Profile::Open(ProfileOf(kCoordinator), passphrase.substr(0, passphrase.find('\n')));
  ASSERT_TRUE(profile.ok()) << profile.status();
  client::ConvenantEntry entry = profile->convenants().at(0);
  entry.broker = line.address();
  ASSERT_TRUE(profile->Update([&](client::Profile& newest) { return newest.AddConvenant(entry); }).ok());

  // Within the envelope, which is longer than all before it together and fits into one window of HTTP/2.
  line.LoseAnswersAfter(12 * 1024);
  Ran sent;
  std::thread sending([&] { sent = lab_.As(kCoordinator, Send(std::string(12'000, 'x'))); });
  Json there;
  for (int look = 0; look < 60 && there.size() != 1; ++look) there = MailOf(kWardOfficer);
  line.CutOff();
  sending.join();
  ASSERT_THAT(there, SizeIs(1));
  EXPECT_EQ(sent.code, 4) << sent.out << sent.err;
  EXPECT_EQ(sent.json()["may_have_been_sent"], true) << sent.out;
  EXPECT_EQ(sent.json()["signal_id"], there[0]["signal_id"]);
  EXPECT_TRUE(sent.json()["receipt"].is_null());
  EXPECT_TRUE(sent.json().contains("detail"));

  line.LoseNothing();
  const Json waiting = lab_.As(kCoordinator, {"signal", "outbox"}).json();
  ASSERT_GE(waiting.size(), 1u);
  EXPECT_EQ(waiting[0]["state"], "may_have_been_sent");
  EXPECT_EQ(waiting[0]["signal_id"], there[0]["signal_id"]);
  const Json flushed = lab_.As(kCoordinator, {"signal", "outbox", "flush"}).json();
  ASSERT_THAT(flushed, SizeIs(1));
  EXPECT_EQ(flushed[0]["outcome"], "sent");
  EXPECT_THAT(MailOf(kWardOfficer), SizeIs(1)) << "there is one";
  EXPECT_EQ(lab_.As(kWardOfficer, {"signal", "open", there[0]["signal_id"]}).code, 0);
  EXPECT_EQ(lab_.As(kCoordinator, {"signal", "outbox", "flush"}).json().size(), 0u);
}

}  // namespace
}  // namespace seinpost::test
