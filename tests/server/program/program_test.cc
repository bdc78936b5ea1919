// SPDX-License-Identifier: EUPL-1.2
// seinpostd as a program: what it prints, its exit codes, its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/server/program/program_testing.h"
#include "tests/testing/stranger.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

TEST_F(ProgramTest, InitTellsThePublicKeysAndKeepsThem) {
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0) << Read("err");
  const nlohmann::json first = nlohmann::json::parse(Read("out"));
  EXPECT_EQ(first["identity"].get<std::string>().size(), 64u);
  EXPECT_EQ(first["log_keys"]["plaats"].get<std::string>().size(), 64u);
  EXPECT_TRUE(std::filesystem::exists(first["tls_ca"].get<std::string>()));
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0);
  EXPECT_EQ(nlohmann::json::parse(Read("out")), first);
}

TEST_F(ProgramTest, InitMakesTheNextLogKeyWhenAsked) {
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0) << Read("err");
  const nlohmann::json before = nlohmann::json::parse(Read("out"));
  EXPECT_TRUE(before["next_log_keys"].empty());
  ASSERT_EQ(RunToEnd({"init", "--config", Config(), "--next-log-key", "plaats"}), 0) << Read("err");
  const nlohmann::json made = nlohmann::json::parse(Read("out"));
  EXPECT_EQ(made["next_log_keys"]["plaats"].get<std::string>().size(), 64u);
  EXPECT_NE(made["next_log_keys"]["plaats"], made["log_keys"]["plaats"]);
  EXPECT_EQ(made["log_keys"], before["log_keys"]);
  ASSERT_EQ(RunToEnd({"init", "--config", Config(), "--next-log-key", "plaats"}), 0);
  EXPECT_EQ(nlohmann::json::parse(Read("out")), made) << "what is there is kept";
  EXPECT_EQ(RunToEnd({"init", "--config", Config(), "--next-log-key", "elders"}), 2);
  EXPECT_THAT(Read("err"), HasSubstr("\"elders\""));
}

TEST_F(ProgramTest, CheckTellsHowTheLogStandsWhenNobodyRuns) {
  ASSERT_EQ(RunToEnd({"init", "--config", Config(), "--next-log-key", "plaats"}), 0);
  const nlohmann::json keys = nlohmann::json::parse(Read("out"));
  EXPECT_EQ(RunToEnd({"check", "--config", Config()}), 1);
  EXPECT_THAT(Read("err"), HasSubstr("seinpostd run"));
  std::string line;
  int out = -1;
  const pid_t child = StartServing(line, out);
  EXPECT_EQ(RunToEnd({"check", "--config", Config()}), 1) << "a broker is at work";
  kill(child, SIGTERM);
  EXPECT_EQ(Wait(child), 0);
  close(out);
  ASSERT_EQ(RunToEnd({"check", "--config", Config(), "--json"}), 0) << Read("err");
  const nlohmann::json report = nlohmann::json::parse(Read("out"));
  EXPECT_EQ(report["convenant"], "plaats");
  EXPECT_EQ(report["size"], 0);
  EXPECT_EQ(report["anchor"]["size"], 0);
  EXPECT_THAT(report["anchor"]["note"].get<std::string>(), testing::StartsWith("seinpost/plaats\n0\n"));
  EXPECT_EQ(report["writable"], true);
  EXPECT_EQ(report["reason"], "");
  EXPECT_TRUE(report["lost"].is_null());
  EXPECT_EQ(report["directory_size"], 0);
  EXPECT_EQ(report["log_key"], keys["log_keys"]["plaats"]);
  EXPECT_EQ(report["next_log_key"], keys["next_log_keys"]["plaats"]);
  const std::string anchor = Read("anchor/plaats.anchor");
  ASSERT_EQ(RunToEnd({"check", "--config", Config()}), 0);
  EXPECT_THAT(Read("out"), HasSubstr("plaats: 0 leaves, 0 objects in the directory\n  writable\n"));
  EXPECT_EQ(Read("anchor/plaats.anchor"), anchor) << "it changes nothing";
}

TEST_F(ProgramTest, ServesUntilItIsToldToStop) {
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0);
  std::string printed;
  int out = -1;
  const pid_t child = StartServing(printed, out);
  char byte = 0;
  const nlohmann::json line = nlohmann::json::parse(printed, nullptr, false);
  ASSERT_TRUE(line.is_object()) << printed << Read("err");
  EXPECT_THAT(line["listening"].get<std::string>(), testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  EXPECT_THAT(line["metrics"].get<std::string>(), testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  kill(child, SIGTERM);
  EXPECT_EQ(Wait(child), 0);
  EXPECT_EQ(nlohmann::json::parse(Read("ready.json")), line);
  EXPECT_EQ(read(out, &byte, 1), 0) << "one line and no more";
  close(out);
  EXPECT_THAT(Read("log"), HasSubstr("stopped"));
}

TEST_F(ProgramTest, SaysWhatIsWrongWithUsageAndConfiguration) {
  EXPECT_EQ(RunToEnd({"run", "--config", Config()}), 1) << "no keys yet";
  EXPECT_THAT(Read("err"), HasSubstr("seinpostd init"));
  EXPECT_EQ(RunToEnd({"run", "--config", directory_ + "/none.yaml"}), 1);
  EXPECT_EQ(RunToEnd({"run"}), 2);
  EXPECT_EQ(RunToEnd({}), 2);
  EXPECT_EQ(RunToEnd({"--version"}), 0);
  std::ofstream(Config(), std::ios::app) << "surprise: yes\n";
  EXPECT_EQ(RunToEnd({"run", "--config", Config()}), 2);
  EXPECT_THAT(Read("err"), HasSubstr("broker.yaml:9:1: "));
  EXPECT_EQ(Read("out"), "");
}

TEST_F(ProgramTest, DoorSaysHowManyFilesItsBoundsNeed) {
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0);
  std::ofstream(Config(), std::ios::app) << "door:\n  connections: 12000\n";
  files_ = 1024;
  EXPECT_EQ(RunToEnd({"run", "--config", Config()}), 2);
  EXPECT_THAT(Read("err"), testing::AllOf(HasSubstr("1024"), HasSubstr("LimitNOFILE="), HasSubstr("12640")));
  EXPECT_EQ(Read("out"), "");
}

// D1 and D7: more connections than the program may open files, and then none; whoever comes during that or
// after it is served.
TEST_F(ProgramTest, DoorServesWhileStrangersCrowdItAndAfter) {
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0);
  files_ = 1024;
  std::string printed;
  int out = -1;
  const pid_t child = StartServing(printed, out);
  const std::string broker = nlohmann::json::parse(printed)["listening"];
  const auto is_served = [&broker] {
    Stranger caller(broker, 65535, "127.0.0.9");
    const uint32_t stream = caller.Call("/seinpost.v1.SessionService/Challenge");
    caller.SendMessage(stream, "");
    return caller.StatusOf(stream) == 0;
  };
  EXPECT_TRUE(is_served());
  for (int round = 0; round < 2; ++round) {
    Crowd crowd(broker);
    EXPECT_EQ(crowd.Come(1044), 1044u);
    EXPECT_TRUE(is_served());
    size_t files = 0;
    // Only root may look into a process that keeps others of its user out.
    const std::string open_files = absl::StrCat("/proc/", child, "/fd");
    if (access(open_files.c_str(), R_OK | X_OK) == 0) {
      const std::filesystem::directory_iterator first(open_files), end;
      files = static_cast<size_t>(std::distance(first, end));
    }
    EXPECT_LT(files, 600u) << "the store's files are kept apart";
    crowd.Leave();
    EXPECT_TRUE(is_served());
  }
  kill(child, SIGTERM);
  EXPECT_EQ(Wait(child), 0);
  close(out);
}

// A broker that has lost its ears: somebody else has shut the socket that it listens on.
TEST_F(ProgramTest, DoorEndsWithCodeSixWhenNobodyIsAcceptedAnyMore) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may reach into a broker";
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0);
  std::ofstream(Config(), std::ios::app) << "door:\n  probe_seconds: 1\n";
  std::string printed;
  int out = -1;
  const pid_t child = StartServing(printed, out);
  const std::string broker = nlohmann::json::parse(printed)["listening"];
  const int process = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  ASSERT_GE(process, 0);
  int shut = 0;
  for (const auto& entry : std::filesystem::directory_iterator(absl::StrCat("/proc/", child, "/fd"))) {
    const int number = std::stoi(entry.path().filename());
    const int fd = static_cast<int>(syscall(SYS_pidfd_getfd, process, number, 0));
    int listens = 0;
    socklen_t size = sizeof(listens);
    sockaddr_in address{};
    socklen_t address_size = sizeof(address);
    if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0 &&
        getsockname(fd, reinterpret_cast<sockaddr*>(&address), &address_size) == 0 &&
        broker == absl::StrCat("127.0.0.1:", ntohs(address.sin_port))) {
      shutdown(fd, SHUT_RDWR);
      ++shut;
    }
    if (fd >= 0) close(fd);
  }
  close(process);
  ASSERT_EQ(shut, 1);
  EXPECT_EQ(Wait(child), 6);
  close(out);
  EXPECT_THAT(Read("log"), HasSubstr("nobody is accepted any more"));
}

}  // namespace
}  // namespace seinpost::test
