// SPDX-License-Identifier: EUPL-1.2
// A broker is restored from yesterday's copy and comes back as docs/operations.md says, with the real
// programs; every export that was ever made verifies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/integration/site.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

constexpr char kOperations[] = "docs/operations.md";

class LostTail : public testing::Test {
 protected:
  // A member of the police, in "profile", and its privacy officer, in "officer".
  void Onboard() {
    for (const std::string& line : Commands("onboarding")) {
      const Ran ran = site_.Line(line);
      ASSERT_EQ(ran.code, 0) << line << "\n" << ran.out << ran.err;
      if (line.find("org invite") != std::string::npos) site_.SetFingerprint("invitation.json");
      if (line.find("device request") != std::string::npos) site_.SetCode("profile/request.json");
    }
    Must("seinpost --profile officer device request --invite invitation.json --handle fg");
    site_.SetCode("officer/request.json");
    Must("seinpost device issue officer/request.json --org keys/politie --code \"$CODE\"");
    Must(
        "seinpost org grant --org keys/politie --member fg --function privacy_officer --scope '*' --level "
        "L0");
  }
  void Must(const std::string& line) {
    const Ran ran = site_.Line(line);
    ASSERT_EQ(ran.code, 0) << line << "\n" << ran.out << ran.err;
  }
  Ran Member(const std::string& arguments) { return site_.Line("seinpost --profile profile " + arguments); }
  // The broker is somewhere else since it was started again.
  void Follow() {
    site_.Run("moved", kOperations);
    Must("seinpost --profile officer profile set-broker $BROKER");
  }
  void ExpectVerifies(const std::string& file) {
    for (const std::string pin : {"", " --convenant-file v1.yaml", " --log-key $FIRST_KEY"}) {
      const Ran ran = site_.Line("seinpost --json audit verify " + file + pin);
      EXPECT_EQ(ran.code, 0) << file << pin << "\n" << ran.out << ran.err;
      EXPECT_EQ(ran.json()["ok"], true) << file << pin;
    }
    EXPECT_EQ(site_.Line("seinpost audit verify " + file + " --log-key $STRANGE_KEY").code, 5) << file;
  }
  void Export(const std::string& file) {
    const Ran ran = site_.Line("seinpost --profile officer audit export " + file);
    ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
    exports_.push_back(file);
  }

  Site site_;
  std::vector<std::string> exports_;
};

TEST_F(LostTail, BrokerComesBackAndEveryExportVerifies) {
  site_.MakeFirstVersion(Site::How::kQuick);
  Onboard();
  site_.Set("FIRST_KEY", Json::parse(site_.Read("broker.json"))["log_keys"]["voorbeeld"].get<std::string>());
  site_.Set("STRANGE_KEY", std::string(64, 'a'));
  Export("first.jsonl");

  // The log's key is changed.
  site_.Run("log-key-next", kOperations);
  site_.Set("LOG_KEY", Json::parse(site_.Read("next.json"))["next_log_keys"]["voorbeeld"].get<std::string>());
  site_.Run("log-key-update", kOperations);
  Export("changed.jsonl");

  // A copy is made, the day goes on, and the disk is lost.
  site_.StopBroker();
  std::filesystem::copy(site_.Path("data"), site_.Path("yesterday"),
                        std::filesystem::copy_options::recursive);
  site_.StartBroker();
  Follow();
  const Ran granted = site_.Line(
      "seinpost --json org grant --org keys/politie --member wijkagent --function ward_officer "
      "--scope '*' --level L1 --broker $BROKER");
  ASSERT_EQ(granted.code, 0) << granted.err;
  ASSERT_EQ(Member("status").code, 0);
  Export("tail.jsonl");
  site_.StopBroker();
  std::filesystem::remove_all(site_.Path("data"));
  std::filesystem::rename(site_.Path("yesterday"), site_.Path("data"));

  // As it is written.
  site_.StartBroker();
  const Ran refused = site_.Line(
      "seinpost org grant --org keys/politie --member wijkagent --function ward_officer --scope school-a "
      "--level L0 --broker $BROKER");
  EXPECT_EQ(refused.code, 4) << "read-only: " << refused.err;
  site_.Run("lost-tail-key", kOperations);
  site_.StopBroker();
  site_.Run("lost-tail-check", kOperations);
  const Json check = Json::parse(site_.Read("check.json"));
  EXPECT_EQ(check["writable"], false);
  ASSERT_TRUE(check["lost"].is_object()) << check;
  site_.StartBroker();
  site_.Run("lost-tail-epoch", kOperations);

  // Everybody goes on.
  Follow();
  const Ran went_on = Member("--lang en status");
  EXPECT_EQ(went_on.code, 0) << went_on.out << went_on.err;
  const Json shown = Member("--json convenant show").json();
  ASSERT_EQ(shown["epochs"].size(), 1u) << shown;
  EXPECT_EQ(shown["epochs"][0]["first_lost"], check["lost"]["first"]);
  // The mandate of the tail is there again, since a client that saw it brought it back; and what the
  // administrator signed meanwhile comes in.
  const std::string id = granted.json()["mandate_id"];
  EXPECT_THAT(Member("--json whoami").out, HasSubstr(id));
  const Ran ended = site_.Line("seinpost org end " + id + " --org keys/politie --broker $BROKER");
  EXPECT_EQ(ended.code, 0) << ended.out << ended.err;
  const Json mandates = site_.Line("seinpost --json org mandates --org keys/politie").json();
  ASSERT_EQ(mandates.size(), 4u) << mandates;
  EXPECT_EQ(mandates[2]["mandate_id"], id);
  EXPECT_EQ(mandates[2]["state"], "ended");
  EXPECT_EQ(mandates[3]["state"], "in force");
  Export("after.jsonl");
  for (const std::string& file : exports_) ExpectVerifies(file);
  const Json periods = site_.Line("seinpost --json audit verify after.jsonl").json()["periods"];
  ASSERT_EQ(periods.size(), 3u);
  EXPECT_EQ(periods[2]["origin"], "seinpost/voorbeeld/2");
  EXPECT_EQ(periods[2]["from"], check["lost"]["first"]);
}

// Somebody else at the new address: nothing changes.
TEST_F(LostTail, ProfileMovesToItsOwnBrokerOnly) {
  site_.MakeFirstVersion(Site::How::kQuick);
  Onboard();
  const std::string before = Member("--json whoami").json()["broker"];
  EXPECT_EQ(Member("profile set-broker 127.0.0.1:1").code, 4);
  EXPECT_EQ(Member("profile set-broker nowhere").code, 2);
  EXPECT_EQ(Member("profile set-broker $BROKER --ca v1.yaml").code, 2);
  Site other;
  other.MakeFirstVersion(Site::How::kQuick);
  const Ran stranger = Member("profile set-broker " + other.Value("BROKER") + " --ca " + other.Value("CA"));
  EXPECT_TRUE(stranger.code == 5 || stranger.code == 1) << stranger.code << stranger.err;
  EXPECT_EQ(Member("--json whoami").json()["broker"], before);
  EXPECT_EQ(Member("status").code, 0);
}

}  // namespace
}  // namespace seinpost::test
