// SPDX-License-Identifier: EUPL-1.2
// The ceremonies of docs/ceremony.md, run as they stand there, against a real broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/integration/site.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

std::string Replaced(std::string text, const std::string& before, const std::string& after) {
  const size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  if (at != std::string::npos) text.replace(at, before.size(), after);
  return text;
}

class Ceremony : public testing::Test {
 protected:
  // Version 2: politie changes its key, wijkteam comes, stichting goes.
  void MakeSecondVersion() {
    site_.Run("next-keys");
    site_.SetRoot("POLITIE", "politie");
    site_.SetRoot("WIJKTEAM", "wijkteam");
    std::string edited = site_.Read("v1.yaml");
    const size_t from = edited.find("  stichting:\n"), to = edited.find("  politie:\n");
    ASSERT_LT(from, to);
    edited.replace(from, to - from, "  wijkteam:\n    kind: municipality\n");
    site_.Write("edited.yaml", edited);
    site_.Run("next-draft");
    site_.Run("next-sign");
  }
  // A member of the police, in "profile".
  void Onboard() {
    for (const std::string& line : Commands("onboarding")) {
      const Ran ran = site_.Line(line);
      ASSERT_EQ(ran.code, 0) << line << "\n" << ran.out << ran.err;
      if (line.find("org invite") != std::string::npos) site_.SetFingerprint("invitation.json");
      if (line.find("device request") != std::string::npos) site_.SetCode("profile/request.json");
    }
  }
  Json Show() { return site_.Line("seinpost --json --profile profile convenant show").json(); }
  Ran Activate(const std::string& file) {
    return site_.Line("seinpost --json convenant activate " + file + " --broker $BROKER --tls-ca $CA");
  }

  Site site_;
};

TEST_F(Ceremony, VersionsFollowEachOtherAndAreRestricted) {
  site_.MakeFirstVersion(Site::How::kAsWritten);
  Onboard();
  EXPECT_EQ(Show()["version"], 1);
  MakeSecondVersion();
  const Json second = Show();
  EXPECT_EQ(second["version"], 2);
  ASSERT_EQ(second["versions"].size(), 2u);
  EXPECT_EQ(second["versions"][1]["hash"], second["hash"]);
  site_.Run("next-adopt");
  EXPECT_EQ(Activate("v2.yaml").code, 0);  // once more does no harm
  EXPECT_EQ(Activate("v1.yaml").code, 1);  // and nothing goes back

  site_.Run("restrict");
  const Json restricted = Show()["restrictions"];
  ASSERT_EQ(restricted.size(), 1u);
  EXPECT_EQ(restricted[0]["channel"], "case");
  EXPECT_EQ(restricted[0]["ceiling"], "L1");
  // Up again, or to where it is, is no order.
  const std::string again = Commands("restrict")[0];
  EXPECT_EQ(site_.Line(again).code, 1);
  EXPECT_EQ(site_.Line(Replaced(again, "L1", "L2")).code, 1);
  EXPECT_EQ(site_.Line(Replaced(again, "L1", "L0")).code, 0);
  EXPECT_EQ(Show()["next"]["restriction"], 3);
  EXPECT_EQ(site_.Line(Replaced(again, "v2.yaml", "v1.yaml")).code, 1);  // of another version
}

TEST_F(Ceremony, SelfMadeIncompleteAndSkippingVersionsAreRefused) {
  site_.MakeFirstVersion(Site::How::kQuick);
  site_.Write("edited.yaml", site_.Read("v1.yaml"));
  const auto make = [&](const std::string& previous, const std::string& out) {
    const Ran ran =
        site_.Line("seinpost convenant draft edited.yaml --previous " + previous + " --out " + out);
    ASSERT_EQ(ran.code, 0) << ran.err;
  };
  const auto sign = [&](const std::string& file, const std::string& previous) {
    for (const char* party : {"gemeente", "bestuur", "stichting", "politie"}) {
      const Ran ran =
          site_.Line("seinpost convenant sign " + file + " --org keys/" + party + " --previous " + previous);
      ASSERT_EQ(ran.code, 0) << ran.err;
    }
  };
  make("v1.yaml", "v2.yaml");
  EXPECT_EQ(Activate("v2.yaml").code, 2);  // nobody has signed
  ASSERT_EQ(site_.Line("seinpost convenant sign v2.yaml --org keys/politie --previous v1.yaml").code, 0);
  const Ran incomplete = Activate("v2.yaml");
  EXPECT_EQ(incomplete.code, 1);
  EXPECT_THAT(incomplete.json()["detail"].get<std::string>(), HasSubstr("bestuur, gemeente, stichting"));
  sign("v2.yaml", "v1.yaml");
  make("v2.yaml", "v3.yaml");
  sign("v3.yaml", "v2.yaml");
  EXPECT_EQ(Activate("v3.yaml").code, 1);  // a gap

  // The same names and somebody's own keys: its hash chain is in order, its signatures are not.
  site_.Write("own/v2.yaml", site_.Read("v2.yaml"));
  ASSERT_EQ(site_.Line("seinpost org init --org own/politie --party politie").code, 0);
  EXPECT_EQ(site_.Line("seinpost convenant sign own/v2.yaml --org own/politie --previous v1.yaml").code, 2);
  std::string forged = site_.Read("v2.yaml.sig");
  forged.back() = static_cast<char>(forged.back() ^ 1);
  site_.Write("own/v2.yaml.sig", forged);
  EXPECT_EQ(Activate("own/v2.yaml").code, 5);
  EXPECT_EQ(Activate("v2.yaml").code, 0);
  EXPECT_EQ(Activate("v3.yaml").code, 0);
}

TEST_F(Ceremony, LostRootKeyIsReplacedInPublicOnly) {
  site_.MakeFirstVersion(Site::How::kQuick);
  Onboard();
  MakeSecondVersion();
  site_.Run("next-adopt");
  std::filesystem::remove(site_.Path("keys/politie/root.sealed"));  // lost
  site_.Write("edited.yaml", site_.Read("v2.yaml"));
  const std::vector<std::string> commands = Commands("lost-key");
  for (const std::string& line : commands) {
    if (line == commands.back()) {  // not proposed yet
      const Ran early = Activate("v3.yaml");
      EXPECT_EQ(early.code, 1);
      EXPECT_THAT(early.json()["detail"].get<std::string>(), HasSubstr("convenant propose"));
    }
    const Ran ran = site_.Line(line);
    ASSERT_EQ(ran.code, 0) << line << "\n" << ran.out << ran.err;
    if (line == commands[0]) site_.SetRoot("POLITIE", "politie");
  }
  const Json proposals = Show()["proposals"];
  ASSERT_EQ(proposals.size(), 1u);
  EXPECT_EQ(proposals[0]["version"], 3);
  EXPECT_EQ(proposals[0]["lost"], Json::array({"politie"}));

  const Ran early = Activate("v3.yaml");
  EXPECT_EQ(early.code, 1);
  EXPECT_EQ(early.json()["active"], false);
  EXPECT_GT(early.json()["wait_seconds"], 71 * 3600);
  EXPECT_LE(early.json()["wait_seconds"], 72 * 3600);
  EXPECT_EQ(Show()["version"], 2);
  // Proposing it again starts nothing anew.
  const Ran again = site_.Line(commands.back());
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(Show()["proposals"].size(), 1u);
}

TEST_F(Ceremony, TrustUpdateChangesTheKeyOfTheLog) {
  site_.MakeFirstVersion(Site::How::kQuick);
  Onboard();
  MakeSecondVersion();
  const std::vector<std::string> commands = Commands("trust-update");
  for (const std::string& line : commands) {
    if (line == commands.back()) {
      // One of the quorum is missing.
      const std::string all = site_.Read("update.sig");
      std::filesystem::remove(site_.Path("update.sig"));
      for (const char* party : {"gemeente", "bestuur"}) {
        ASSERT_EQ(
            site_
                .Line(std::string("seinpost convenant sign update --convenant-file v2.yaml --org keys/") +
                      party)
                .code,
            0);
      }
      const Ran early = Activate("update");
      EXPECT_EQ(early.code, 1);
      EXPECT_THAT(early.json()["detail"].get<std::string>(), HasSubstr("1 of them"));
      site_.Write("update.sig", all);
    }
    const Ran ran = site_.Line(line);
    ASSERT_EQ(ran.code, 0) << line << "\n" << ran.out << ran.err;
    if (line == commands[0]) {
      site_.Set("LOG_KEY",
                Json::parse(site_.Read("next.json"))["next_log_keys"]["voorbeeld"].get<std::string>());
    }
  }
  const Json shown = Show();  // the client follows
  ASSERT_EQ(shown["logs"].size(), 2u);
  EXPECT_EQ(shown["next"]["trust_update"], 2);
  EXPECT_EQ(Activate("update").code, 0);  // once more does no harm
}

}  // namespace
}  // namespace seinpost::test
