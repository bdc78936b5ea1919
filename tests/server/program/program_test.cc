// SPDX-License-Identifier: EUPL-1.2
// seinpostd as a program: what it prints, its exit codes, its end.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/server/harness.h"
#include "tests/testing/stranger.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

constexpr char kConfig[] =
    "listen: 127.0.0.1:0\n"
    "metrics_listen: 127.0.0.1:0\n"
    "data_dir: data\n"
    "keys_dir: keys\n"
    "anchor_dir: anchor\n"
    "convenants:\n"
    "  - id: plaats\n"
    "    host_root: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() { EXPECT_TRUE(WriteFileAtomically(directory_ + "/broker.yaml", kConfig).ok()); }
  ~ProgramTest() override { std::filesystem::remove_all(directory_); }

  // Starts it, standard error in a file, and standard output too unless `out` is given.
  pid_t Start(std::vector<std::string> arguments, int out = -1) {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "seinpostd";
    arguments.insert(arguments.begin(), program);
    const pid_t child = fork();
    if (child != 0) return child;
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    if (out < 0) out = open((directory_ + "/out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (files_ > 0) {
      const rlimit limit{files_, files_};
      setrlimit(RLIMIT_NOFILE, &limit);
    }
    const int err = open((directory_ + "/err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  // Starts serving, and waits for the line that says so; `out` is then its standard output.
  pid_t StartServing(std::string& line, int& out) {
    int pipe_ends[2];
    EXPECT_EQ(pipe(pipe_ends), 0);
    const pid_t child = Start({"run", "--config", Config(), "--ready-file", directory_ + "/ready.json",
                               "--log-file", directory_ + "/log"},
                              pipe_ends[1]);
    close(pipe_ends[1]);
    out = pipe_ends[0];
    char byte = 0;
    while (read(out, &byte, 1) == 1 && byte != '\n') line += byte;
    return child;
  }
  static int Wait(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int RunToEnd(std::vector<std::string> arguments) { return Wait(Start(std::move(arguments))); }
  std::string Read(const std::string& name) {
    return ReadFile(directory_ + "/" + name, 1 << 20).value_or("");
  }
  std::string Config() const { return directory_ + "/broker.yaml"; }

  rlim_t files_ = 0;  // that a program started from now on may open; 0: as many as this one
  const std::string directory_ = MakeTemporaryDirectory();
};

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
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(absl::StrCat("/proc/", child, "/fd"))) {
      ++files;
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
