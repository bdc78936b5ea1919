// SPDX-License-Identifier: EUPL-1.2
// seinpostd as a program: what it prints, its exit codes, its end.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/server/harness.h"
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
    "  - id: arnhem\n"
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
    const int err = open((directory_ + "/err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
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

  const std::string directory_ = MakeTemporaryDirectory();
};

TEST_F(ProgramTest, InitTellsThePublicKeysAndKeepsThem) {
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0) << Read("err");
  const nlohmann::json first = nlohmann::json::parse(Read("out"));
  EXPECT_EQ(first["identity"].get<std::string>().size(), 64u);
  EXPECT_EQ(first["log_keys"]["arnhem"].get<std::string>().size(), 64u);
  EXPECT_TRUE(std::filesystem::exists(first["tls_ca"].get<std::string>()));
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0);
  EXPECT_EQ(nlohmann::json::parse(Read("out")), first);
}

TEST_F(ProgramTest, ServesUntilItIsToldToStop) {
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0);
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = Start({"run", "--config", Config(), "--ready-file", directory_ + "/ready.json",
                             "--log-file", directory_ + "/log"},
                            pipe_ends[1]);
  close(pipe_ends[1]);
  std::string printed;
  char byte = 0;
  while (read(pipe_ends[0], &byte, 1) == 1 && byte != '\n') printed += byte;
  const nlohmann::json line = nlohmann::json::parse(printed, nullptr, false);
  ASSERT_TRUE(line.is_object()) << printed << Read("err");
  EXPECT_THAT(line["listening"].get<std::string>(), testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  EXPECT_THAT(line["metrics"].get<std::string>(), testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  kill(child, SIGTERM);
  EXPECT_EQ(Wait(child), 0);
  EXPECT_EQ(nlohmann::json::parse(Read("ready.json")), line);
  EXPECT_EQ(read(pipe_ends[0], &byte, 1), 0) << "one line and no more";
  close(pipe_ends[0]);
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

}  // namespace
}  // namespace seinpost::test
