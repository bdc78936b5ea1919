// SPDX-License-Identifier: EUPL-1.2
#include "tests/integration/programs.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace seinpost::test {
namespace {

// For the shell.
std::string Quoted(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string TemporaryPath() {
  std::string path = testing::TempDir() + "/seinpost_integration.XXXXXX";
  if (mkdtemp(path.data()) == nullptr) std::abort();
  return path;
}

}  // namespace

std::string ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string Program(const std::string& name) { return std::string(SEINPOST_BIN_DIR) + "/" + name; }

Ran Execute(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
  const std::string directory = TemporaryPath();
  std::string command = "exec env -u SEINPOST_PASSPHRASE -u SEINPOSTD";
  for (const std::string& word : environment) command += " " + Quoted(word);
  for (const std::string& word : argv) command += " " + Quoted(word);
  command += " </dev/null >" + Quoted(directory + "/out") + " 2>" + Quoted(directory + "/err");
  const int status = std::system(command.c_str());
  Ran ran;
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ran.out = ReadWholeFile(directory + "/out");
  ran.err = ReadWholeFile(directory + "/err");
  std::filesystem::remove_all(directory);
  return ran;
}

Lab::Lab(const std::string& convenant, const std::vector<std::string>& environment)
    : root_(TemporaryPath()), directory_(root_ + "/lab") {
  const Ran up =
      Execute({Program("seinpost"), "--json", "lab", "up", convenant, "--dir", directory_}, environment);
  info_ = Json::parse(ReadWholeFile(directory_ + "/lab.json"), nullptr, false);
  if (up.code != 0 || up.json() != info_) {
    std::fprintf(stderr, "lab up: code %d\n%s%s", up.code, up.out.c_str(), up.err.c_str());
    std::abort();
  }
}

Lab::~Lab() {
  Down();
  std::filesystem::remove_all(root_);
}

std::string Lab::Write(const std::string& name, const std::string& content) const {
  const std::string path = root_ + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

Ran Lab::As(const std::string& profile, std::vector<std::string> arguments) const {
  std::vector<std::string> argv{Program("seinpost"), "--json", "--passphrase-file",
                                info_["passphrase_file"].get<std::string>()};
  if (!profile.empty()) {
    argv.push_back("--profile");
    argv.push_back(profile[0] == '/' ? profile : info_["profiles"].at(profile).get<std::string>());
  }
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return Execute(argv);
}

Ran Lab::Down() { return Execute({Program("seinpost"), "--json", "lab", "down", "--dir", directory_}); }

}  // namespace seinpost::test
