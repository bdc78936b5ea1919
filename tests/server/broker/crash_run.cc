// SPDX-License-Identifier: EUPL-1.2
#include "tests/server/broker/crash_run.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace seinpost::test {

namespace {

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

CrashRun RunInChild(
    const std::string& place, int64_t exit_at,
    const std::function<void(const std::shared_ptr<CrashingEnv>& env, std::ostream& acknowledged)>& body) {
  const pid_t child = fork();
  if (child == 0) {
    const std::shared_ptr<CrashingEnv> env = MakeCrashingEnv(exit_at);
    std::ofstream acknowledged(place + "/acknowledged");
    body(env, acknowledged);
    std::ofstream(place + "/operations") << env->operations();
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "the broker died of something else";
  CrashRun run{WEXITSTATUS(status), ReadText(place + "/acknowledged"), 0};
  if (run.exit_code == 0) run.operations = std::stoll(ReadText(place + "/operations"));
  return run;
}

void CopyBroker(const std::string& from, const std::string& to) {
  std::filesystem::create_directory(to);
  for (const char* part : {"/data", "/keys", "/anchor"}) {
    std::filesystem::copy(from + part, to + part, std::filesystem::copy_options::recursive);
  }
}

}  // namespace seinpost::test
