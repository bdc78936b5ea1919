// SPDX-License-Identifier: EUPL-1.2
// The built programs together: separate processes, TLS, a disk. Each test builds its own lab, since each may
// run alone.
#include "client/lab/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/integration/programs.h"

namespace seinpost::test {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr char kSchool[] = "school/zorgcoordinator";
constexpr char kPolice[] = "politie/wijkagent";
constexpr char kOfficer[] = "gemeente/privacy-officer";
constexpr char kText[] = "In een tas is een mes gevonden.";

std::vector<std::string> Send(const std::string& to, const std::string& level = "L1",
                              const std::string& channel = "core@school-a") {
  return {"signal", "send",      "--channel", channel, "--level", level,    "--category",
          "wapen",  "--purpose", "dreiging",  "--to",  to,        "--text", kText};
}

std::vector<std::string> With(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

bool IsAlive(const Json& lab) {
  const auto info = client::DecodeLabInfo(lab.dump(), "");
  return client::IsRunning(info.value().processes.at(0));
}

TEST(Lab, IsUpTillItIsTakenDown) {
  Lab lab;
  EXPECT_TRUE(lab.info()["steward"].is_null());
  EXPECT_EQ(lab.info()["profiles"].size(), 9u);
  for (const char* name : {"tls_ca", "convenant", "passphrase_file"}) {
    EXPECT_TRUE(std::filesystem::exists(lab.info()[name].get<std::string>())) << name;
  }
  EXPECT_EQ(std::filesystem::status(lab.directory()).permissions(), std::filesystem::perms::owner_all);
  EXPECT_THAT(lab.info()["broker"].get<std::string>(), testing::StartsWith("127.0.0.1:"));
  const std::vector<std::string> status{Program("seinpost"), "--json", "lab", "status", "--dir",
                                        lab.directory()};
  EXPECT_EQ(Execute(status).code, 0);
  EXPECT_EQ(Execute(status).json()["answers"], true);
  EXPECT_TRUE(IsAlive(lab.info()));

  EXPECT_EQ(Execute({Program("seinpost"), "lab", "up", "tests/testing/convenants/plaats.yaml", "--dir",
                     lab.directory()})
                .code,
            2);

  EXPECT_EQ(lab.Down().code, 0);
  EXPECT_FALSE(IsAlive(lab.info()));
  EXPECT_EQ(Execute(status).code, 1);
  EXPECT_EQ(lab.Down().code, 0);  // once more does no harm

  const Ran unreachable = lab.As(kSchool, Send(kPolice));
  EXPECT_EQ(unreachable.code, 4);
  EXPECT_TRUE(unreachable.json().contains("error"));
}

TEST(Lab, ThatDoesNotComeUpLeavesNothingRunning) {
  const std::string parent = testing::TempDir() + "/seinpost_integration_failing";
  std::filesystem::remove_all(parent);
  for (const char* broker : {"SEINPOSTD=/bin/false", "SEINPOSTD=/bin/true", "SEINPOSTD=/nonexistent"}) {
    const Ran up = Execute(
        {Program("seinpost"), "--json", "lab", "up", "tests/testing/convenants/plaats.yaml", "--dir", parent},
        {broker});
    EXPECT_NE(up.code, 0) << broker;
    EXPECT_TRUE(up.json().contains("detail")) << broker;
    EXPECT_EQ(up.err, "") << "progress is for people on a terminal";
    EXPECT_FALSE(std::filesystem::exists(parent + "/lab.json")) << broker;
    std::filesystem::remove_all(parent);
  }
}

TEST(S01, SignalIsReadByItsRecipientsAlone) {
  Lab lab;
  const Ran sent = lab.As(kSchool, Send("politie/wijkagent,sass/coordinator"));
  ASSERT_EQ(sent.code, 0) << sent.out << sent.err;
  const std::string id = sent.json()["signal_id"];
  EXPECT_TRUE(sent.json()["unreached"].empty());
  EXPECT_TRUE(sent.json()["receipt"].contains("leaf_hash"));

  const Json list = lab.As(kPolice, {"signal", "list"}).json();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["signal_id"], id);
  EXPECT_EQ(list[0]["unread"], true);
  EXPECT_EQ(list[0]["sender"], kSchool);
  const Ran opened = lab.As(kPolice, {"signal", "open", id});
  ASSERT_EQ(opened.code, 0) << opened.out << opened.err;
  EXPECT_EQ(opened.json()["parts"][0]["text"], kText);
  EXPECT_EQ(lab.As(kPolice, {"signal", "list"}).json()[0]["unread"], false);

  EXPECT_TRUE(lab.As("jongerenwerk/jongerenwerker", {"signal", "list"}).json().empty());
  EXPECT_NE(lab.As("jongerenwerk/jongerenwerker", {"signal", "open", id}).code, 0);

  const Ran proof = lab.As(kPolice, {"audit", "proof", sent.json()["receipt"]["leaf_index"].dump()});
  EXPECT_EQ(proof.code, 0) << proof.out << proof.err;
  EXPECT_EQ(proof.json()["leaf_hash"], sent.json()["receipt"]["leaf_hash"]);
}

TEST(ExitCodes, SayWhatWentWrong) {
  Lab lab;
  const std::string identity = lab.Write("identity.json", R"({"first":["Noor"],"last":["Voorbeeld"]})");
  const std::vector<std::string> named =
      With(Send("politie/wijkagent,jongerenwerk/jongerenwerker", "L2", "direct@school-a"),
           {"--identity", identity, "--identity-to", "politie/wijkagent,jongerenwerk/jongerenwerker",
            "--justify", "ernstige dreiging", "--informed", "yes"});
  const Ran refused = lab.As(kSchool, named);
  EXPECT_EQ(refused.code, 3) << refused.out << refused.err;
  EXPECT_EQ(refused.json()["refused"], true);
  EXPECT_EQ(refused.json()["reasons"][0]["code"], "LEVEL_EXCEEDED");
  EXPECT_EQ(refused.json()["reasons"][0]["file"], "plaats.yaml");
  EXPECT_FALSE(refused.json()["instead"].empty());

  const Ran stranger = lab.As(kSchool, Send("onbekend/iemand"));
  EXPECT_EQ(stranger.code, 3);
  EXPECT_EQ(stranger.json()["reasons"][0]["code"], "NOT_A_PARTY");
  EXPECT_EQ(lab.As(kSchool, Send("politie/niemand")).code, 2);
  EXPECT_EQ(lab.As(kSchool, Send(kPolice, "L1", "nergens@school-a")).code, 2);
  EXPECT_THAT(lab.As(kSchool, Send(kPolice, "L1", "nergens@school-a")).out, HasSubstr("core@school-a"));
  EXPECT_EQ(lab.As(kSchool, {"signal", "send", "--no-such-flag"}).code, 2);
  const std::string broken = lab.Write("broken.json", "{\"first\":");
  EXPECT_EQ(lab.As(kSchool, With(Send(kPolice, "L2", "direct@school-a"),
                                 {"--identity", broken, "--identity-to", kPolice, "--justify", "x",
                                  "--informed", "yes"}))
                .code,
            2);

  const std::string wrong = lab.Write("wrong", "not the passphrase\n");
  const Ran closed = Execute({Program("seinpost"), "--json", "--passphrase-file", wrong, "--profile",
                              lab.info()["profiles"][kSchool], "whoami"});
  EXPECT_EQ(closed.code, 1);
  EXPECT_TRUE(closed.json().contains("error"));

  // The broker dies without a word.
  kill(lab.info()["pids"][0].get<pid_t>(), SIGKILL);
  EXPECT_EQ(lab.As(kSchool, Send(kPolice)).code, 4);
}

TEST(R29, OfficersReadTheLogAndNobodyElse) {
  Lab lab;
  ASSERT_EQ(lab.As(kSchool, Send(kPolice)).code, 0);
  const Ran refused = lab.As(kSchool, {"audit", "log"});
  EXPECT_EQ(refused.code, 3);
  EXPECT_EQ(refused.json()["reasons"][0]["code"], "AUDIT_SCOPE");

  const Ran log = lab.As(kOfficer, {"audit", "log", "--event", "SUBMIT"});
  ASSERT_EQ(log.code, 0) << log.out << log.err;
  ASSERT_EQ(log.json().size(), 1u);
  EXPECT_EQ(log.json()[0]["actor"], kSchool);
  EXPECT_THAT(log.json()[0]["sentence"].get<std::string>(), HasSubstr("politie/wijkagent"));
  EXPECT_EQ(log.out.find(kText), std::string::npos);
  // The refused attempt and her own query stand in it too.
  EXPECT_EQ(lab.As(kOfficer, {"audit", "log", "--event", "DECISION_DENY"}).json().size(), 1u);
  EXPECT_GE(lab.As(kOfficer, {"audit", "log", "--event", "AUDIT_QUERY"}).json().size(), 2u);
  EXPECT_EQ(lab.As(kOfficer, {"audit", "log", "--event", "NONSENSE"}).code, 2);
}

TEST(AuditExport, OfALiveLogVerifiesOfflineAndShowsTampering) {
  Lab lab;
  ASSERT_EQ(lab.As(kSchool, Send(kPolice)).code, 0);
  const std::string file = lab.Path("export.jsonl");
  ASSERT_EQ(lab.As(kOfficer, {"audit", "export", file}).code, 0);
  EXPECT_EQ(lab.Down().code, 0);  // offline
  const auto verify = [](const std::string& path, const std::vector<std::string>& more = {}) {
    return Execute(With({Program("seinpost"), "--json", "audit", "verify", path}, more));
  };
  const Ran good = verify(file, {"--convenant-file", lab.info()["convenant"]});
  ASSERT_EQ(good.code, 0) << good.out << good.err;
  EXPECT_EQ(good.json()["ok"], true);
  EXPECT_EQ(good.json()["log_key_pinned"], true);
  EXPECT_TRUE(good.json()["first_bad"].is_null());
  EXPECT_EQ(verify(file, {"--log-key", std::string(64, '0')}).code, 5);

  const std::string text = ReadWholeFile(file);
  const size_t at = text.find("\"event\":\"SUBMIT\"");
  ASSERT_NE(at, std::string::npos);
  const size_t line = text.rfind('\n', at) + 1;
  const uint64_t index = std::stoull(text.substr(line + 9));
  std::string altered = text;
  altered.replace(at, 16, "\"event\":\"DELIVER\"");
  const Ran bad = verify(lab.Write("altered.jsonl", altered));
  EXPECT_EQ(bad.code, 5);
  EXPECT_EQ(bad.json()["ok"], false);
  EXPECT_EQ(bad.json()["first_bad"], index);
  altered = text;
  altered.erase(line, text.find('\n', line) + 1 - line);
  EXPECT_EQ(verify(lab.Write("shorter.jsonl", altered)).json()["first_bad"], index);
  EXPECT_EQ(verify(lab.Path("no-such-file")).code, 2);
}

TEST(Enrolment, NewDeviceTakesPartUntilItIsRevoked) {
  Lab lab;
  const std::string keys = lab.Path("keys/politie"), profile = lab.Path("jeugdagent");
  const Ran asked =
      lab.As(profile, {"device", "request", "--organisation", "politie", "--handle", "jeugdagent",
                       "--convenant-file", lab.info()["convenant"], "--broker", lab.info()["broker"],
                       "--tls-ca", lab.info()["tls_ca"], "--out", lab.Path("request.json")});
  ASSERT_EQ(asked.code, 0) << asked.out << asked.err;
  EXPECT_NE(lab.As(profile, {"signal", "list"}).code, 0);  // not certified yet
  const Ran issued = lab.AsAdministrator(
      {"device", "issue", "--org", keys, lab.Path("request.json"), "--code", asked.json()["code"]});
  ASSERT_EQ(issued.code, 0) << issued.out << issued.err;
  EXPECT_EQ(issued.json()["fingerprint"], asked.json()["fingerprint"]);
  EXPECT_EQ(issued.json()["published"], true);
  const std::vector<std::string> grant{"org",      "grant",      "--org",      keys,
                                       "--member", "jeugdagent", "--function", "youth_officer",
                                       "--scope",  "school-a",   "--level",    "L2"};
  const Ran granted = lab.AsAdministrator(grant);
  ASSERT_EQ(granted.code, 0) << granted.out << granted.err;
  ASSERT_EQ(lab.As(profile, {"signal", "list"}).code, 0);  // finishes the enrolment

  const Ran sent = lab.As(kSchool, Send("politie/jeugdagent"));
  ASSERT_EQ(sent.code, 0) << sent.out << sent.err;
  EXPECT_TRUE(sent.json()["unreached"].empty());
  EXPECT_EQ(lab.As(profile, {"signal", "open", sent.json()["signal_id"]}).code, 0);

  ASSERT_EQ(lab.AsAdministrator({"org", "end", "--org", keys, granted.json()["mandate_id"]}).code, 0);
  const Ran without = lab.As(kSchool, Send("politie/jeugdagent"));
  EXPECT_EQ(without.code, 3);
  EXPECT_EQ(without.json()["reasons"][0]["code"], "NO_MANDATE");
  ASSERT_EQ(lab.AsAdministrator({"device", "revoke", "--org", keys, asked.json()["device_id"]}).code, 0);
  EXPECT_NE(lab.As(profile, {"signal", "list"}).code, 0);
  EXPECT_EQ(lab.AsAdministrator({"device", "revoke", "--org", keys, asked.json()["device_id"]}).code, 1);
  EXPECT_EQ(lab.AsAdministrator({"org", "end", "--org", keys, std::string(32, '0')}).code, 2);
}

}  // namespace
}  // namespace seinpost::test
