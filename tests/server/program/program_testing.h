// SPDX-License-Identifier: EUPL-1.2
// seinpostd as a program, in a directory of its own.
#ifndef SEINPOST_TESTS_SERVER_PROGRAM_PROGRAM_TESTING_H_
#define SEINPOST_TESTS_SERVER_PROGRAM_PROGRAM_TESTING_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/server/harness.h"
#include "util/secure_file.h"

namespace seinpost::test {

inline constexpr char kProgramConfig[] =
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
  ProgramTest() { EXPECT_TRUE(WriteFileAtomically(directory_ + "/broker.yaml", kProgramConfig).ok()); }
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
    for (const int fd : closed_) close(fd);
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
  // Blocks until a file of that name comes, or came, into the test's directory.
  void AwaitFile(const std::string& name) {
    const int watch = inotify_init1(IN_CLOEXEC);
    ASSERT_GE(inotify_add_watch(watch, directory_.c_str(), IN_CREATE | IN_MOVED_TO), 0);
    alignas(inotify_event) char events[4096];
    while (!std::filesystem::exists(directory_ + "/" + name))
      ASSERT_GT(read(watch, events, sizeof(events)), 0);
    close(watch);
  }
  int RunToEnd(std::vector<std::string> arguments) { return Wait(Start(std::move(arguments))); }
  std::string Read(const std::string& name) {
    return ReadFile(directory_ + "/" + name, 1 << 20).value_or("");
  }
  std::string Config() const { return directory_ + "/broker.yaml"; }

  std::vector<int> closed_;  // standard streams that a program started from now on does not get
  rlim_t files_ = 0;         // that a program started from now on may open; 0: as many as this one
  const std::string directory_ = MakeTemporaryDirectory();
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_SERVER_PROGRAM_PROGRAM_TESTING_H_
