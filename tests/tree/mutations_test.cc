// SPDX-License-Identifier: EUPL-1.2
// tests/mutations/checks.txt against the tree, without removing anything: tools/sh/mutations.sh takes long,
// and an entry that lost its line is told here at once.
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace seinpost {
namespace {

std::vector<std::string> LinesOf(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

size_t CountLinesWith(const std::vector<std::string>& lines, absl::string_view fragment) {
  size_t count = 0;
  for (const std::string& line : lines) count += absl::StrContains(line, fragment) ? 1 : 0;
  return count;
}

TEST(Mutations, EveryCheckStandsOnOneLineOfItsFile) {
  std::vector<std::string> source;
  size_t checks = 0;
  std::string name;
  for (const std::string& line : LinesOf("tests/mutations/checks.txt")) {
    absl::string_view rest = line;
    if (absl::ConsumePrefix(&rest, "file ")) {
      source = LinesOf(std::string(rest));
      EXPECT_FALSE(source.empty()) << "no file " << rest;
    } else if (absl::ConsumePrefix(&rest, "name ")) {
      name = std::string(rest);
    } else if (absl::ConsumePrefix(&rest, "find ")) {
      ++checks;
      EXPECT_EQ(CountLinesWith(source, rest), 1u) << name << ": " << rest;
    }
  }
  EXPECT_GT(checks, 200u);
}

}  // namespace
}  // namespace seinpost
