// SPDX-License-Identifier: EUPL-1.2
// A member joins outside a lab, in the five commands of docs/ceremony.md, against a real broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "client/terminal/output.h"
#include "tests/integration/site.h"
#include "tests/testing/json.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

std::string DeviceOf(const Site& site, const std::string& profile) {
  return site.Line("seinpost --json --profile " + profile + " whoami").json()["device_id"].get<std::string>();
}

// Runs the five commands one by one, with what people tell each other in between.
void Onboard(Site& site) {
  const std::vector<std::string> commands = Commands("onboarding");
  ASSERT_EQ(commands.size(), 5u);
  for (size_t i = 0; i < commands.size(); ++i) {
    const Ran ran = site.Line(commands[i]);
    ASSERT_EQ(ran.code, 0) << commands[i] << "\n" << ran.out << ran.err;
    if (i == 0) site.SetFingerprint("invitation.json");
    if (i == 1) site.SetCode("profile/request.json");
    if (i == 4) {
      EXPECT_THAT(ran.out, HasSubstr("ward_officer"));
    }
  }
}

class Onboarding : public testing::Test {
 protected:
  Onboarding() { site_.MakeFirstVersion(Site::How::kQuick); }
  // `line` fails with `code`, says `text`, and leaves no profile2 behind.
  void ExpectRefused(const std::string& line, int code, const std::string& text) {
    const Ran ran = site_.Line("seinpost --json --profile profile2 " + line);
    EXPECT_EQ(ran.code, code) << line << "\n" << ran.out << ran.err;
    EXPECT_THAT(ran.json()["detail"].get<std::string>(), HasSubstr(text)) << line;
    EXPECT_FALSE(std::filesystem::exists(site_.Path("profile2"))) << line;
  }
  Site site_;
};

TEST_F(Onboarding, TakesFiveCommands) {
  Onboard(site_);
  const Json member = site_.Line("seinpost --json --profile profile whoami").json();
  EXPECT_EQ(member["member"], "politie/wijkagent");
  EXPECT_EQ(member["certified"], true);
  ASSERT_EQ(member["mandates"].size(), 1u);
  EXPECT_EQ(site_.Line("seinpost --json --profile profile status").json()["connected"], true);

  // What goes wrong on the way is said, and leaves nothing half made.
  const std::string request = "device request --handle jeugdagent --invite ";
  ExpectRefused(request + "invitation.json --fingerprint 'AB12 CD34'", 5, "--fingerprint");
  ParsedJson invitation = ParsedJson::parse(site_.Read("invitation.json"));
  ParsedJson other = invitation;
  other["hash"] = std::string(64, '0');
  site_.Write("hash.json", other.dump());
  ExpectRefused(request + "hash.json", 5, "another text");
  other = invitation;
  other["version"] = 2;
  site_.Write("version.json", other.dump());
  ExpectRefused(request + "version.json", 5, "version 1");
  other = invitation;
  other["fingerprints"]["politie"] = "0000";
  site_.Write("fingerprints.json", other.dump());
  ExpectRefused(request + "fingerprints.json", 5, "other root keys");
  ASSERT_EQ(site_
                .Line("openssl req -x509 -newkey ed25519 -nodes -keyout other.key -out other.pem -days 2 "
                      "-subj /CN=other")
                .code,
            0);
  other = invitation;
  other["tls_ca"] = site_.Read("other.pem");
  site_.Write("ca.json", other.dump());
  ExpectRefused(request + "ca.json", 4, "another authority");
  other = invitation;
  other["broker"] = "127.0.0.1:1";
  site_.Write("broker-away.json", other.dump());
  ExpectRefused(request + "broker-away.json", 4, "does not answer");
  other = invitation;
  other["organisation"] = "nobody";
  site_.Write("nobody.json", other.dump());
  ExpectRefused(request + "nobody.json", 2, "no party");
}

TEST_F(Onboarding, LostDeviceIsStoppedAndReplaced) {
  Onboard(site_);
  const std::string lost = DeviceOf(site_, "profile");
  site_.Set("DEVICE", lost);
  site_.Run("lost-device");
  EXPECT_NE(site_.Line("seinpost --profile profile signal list").code, 0);

  const std::vector<std::string> commands = Commands("replace-device");
  for (const std::string& line : commands) {
    const Ran ran = site_.Line(line);
    ASSERT_EQ(ran.code, 0) << line << "\n" << ran.out << ran.err;
    if (line == commands[0]) site_.SetCode("profile2/request.json");
  }
  const Json member = site_.Line("seinpost --json --profile profile2 whoami").json();
  EXPECT_EQ(member["member"], "politie/wijkagent");
  EXPECT_EQ(member["mandates"].size(), 1u);  // the member's, not the device's
  EXPECT_NE(member["device_id"], lost);
}

TEST_F(Onboarding, DeputyActsUnderMandatesOfHisOwn) {
  Onboard(site_);
  const std::string names = "--invite invitation.json --handle vervanger";
  ASSERT_EQ(site_.Line("seinpost --profile profile2 device request " + names).code, 0);
  site_.SetCode("profile2/request.json");
  ASSERT_EQ(site_.Line("seinpost device issue profile2/request.json --org keys/politie --code $CODE").code,
            0);
  EXPECT_TRUE(site_.Line("seinpost --json --profile profile2 whoami").json()["mandates"].empty());
  site_.Run("deputy");
  ASSERT_EQ(site_.Line("seinpost --profile profile2 status").code, 0);
  const Json member = site_.Line("seinpost --json --profile profile2 whoami").json();
  ASSERT_EQ(member["mandates"].size(), 1u);
  EXPECT_EQ(member["mandates"][0]["function"], "ward_officer");
}

}  // namespace
}  // namespace seinpost::test
