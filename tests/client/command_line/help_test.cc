// SPDX-License-Identifier: EUPL-1.2
// What `--help` says of every command, word for word: scripts and manuals rely on commands and flags, so one
// that changes must be seen to change. help.txt is what all of them printed when it was recorded; whoever
// adds a flag records it anew from this test's output.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/command_line/command_line.h"
#include "util/clock.h"

namespace seinpost::client {
namespace {

std::string HelpOf(const std::vector<std::string>& command) {
  const SimulatedClock clock(absl::UnixEpoch());
  std::istringstream in;
  std::ostringstream out, err;
  std::vector<std::string> arguments = command;
  arguments.emplace_back("--help");
  EXPECT_EQ(RunCommandLine(arguments, in, out, err, clock, nullptr), 0) << absl::StrJoin(command, " ");
  return out.str();
}

// The commands below this one, in the order in which its help lists them.
std::vector<std::string> CommandsIn(const std::string& help) {
  std::vector<std::string> names;
  bool there = false;
  for (const absl::string_view line : absl::StrSplit(help, '\n')) {
    if (line == "Subcommands:") there = true;
    const bool entry = line.size() > 2 && line.substr(0, 2) == "  " && line[2] != ' ';
    if (there && entry) names.emplace_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return names;
}

void Walk(const std::vector<std::string>& command, std::string& text) {
  const std::string help = HelpOf(command);
  std::vector<std::string> words = {"$ seinpost"};
  words.insert(words.end(), command.begin(), command.end());
  absl::StrAppend(&text, absl::StrJoin(words, " "), " --help\n", absl::StripTrailingAsciiWhitespace(help),
                  "\n\n");
  for (const std::string& name : CommandsIn(help)) {
    std::vector<std::string> below = command;
    below.push_back(name);
    Walk(below, text);
  }
}

TEST(CommandLine, HelpIsWhatWasRecorded) {
  std::ifstream file("tests/client/command_line/help.txt");
  const std::string recorded{std::istreambuf_iterator<char>(file), {}};
  std::string text;
  Walk({}, text);
  EXPECT_GT(recorded.size(), 20000u);
  EXPECT_EQ(text, recorded);
}

}  // namespace
}  // namespace seinpost::client
