// SPDX-License-Identifier: EUPL-1.2
// Several sources are compiled as one (docs/decisions/0016-several-sources-as-one.md), and one unnamed
// namespace is what they have. A constant or a type in it would hide, for the sources behind it, the one of a
// header, and none of the compilers says so: where both fit, the wrong one is silently taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/tree/ladder.h"

namespace seinpost::tree {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

struct Names {
  std::string space;            // the namespace of the file
  std::set<std::string> local;  // in an unnamed namespace within it
  std::set<std::string> open;   // others at its scope
};

absl::string_view FirstWord(absl::string_view text) {
  size_t end = 0;
  while (end < text.size() &&
         (absl::ascii_isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
    ++end;
  return text.substr(0, end);
}

// The name of a constant or a type that a line at the left margin defines; empty if it defines none.
std::string Defined(absl::string_view line) {
  while (absl::ConsumePrefix(&line, "inline ") || absl::ConsumePrefix(&line, "static ")) {
  }
  for (const absl::string_view kind : {"struct ", "class ", "enum class ", "enum ", "using "}) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, kind)) continue;
    const absl::string_view name = FirstWord(rest);
    rest.remove_prefix(name.size());
    const bool defines = kind == "using " ? absl::StartsWith(rest, " =")
                                          : (!absl::EndsWith(line, ";") || absl::StrContains(line, "{"));
    return defines ? std::string(name) : "";
  }
  if (!absl::StartsWith(line, "const")) return "";
  const size_t end = line.find_first_of("({=");
  for (size_t at = line.find(" k"); at < end; at = line.find(" k", at + 1)) {
    const absl::string_view name = FirstWord(line.substr(at + 1));
    const absl::string_view rest = line.substr(at + 1 + name.size());
    const bool constant = name.size() > 1 && absl::ascii_isupper(static_cast<unsigned char>(name[1]));
    if (constant && !rest.empty() &&
        (rest[0] == '[' || rest[0] == '{' || rest[0] == '(' || absl::StartsWith(rest, " ="))) {
      return std::string(name);
    }
  }
  return "";
}

Names NamesIn(const std::string& text) {
  Names names;
  bool unnamed = false;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::string_view space = line;
    if (line == "namespace {") {
      unnamed = true;
    } else if (line == "}  // namespace") {
      unnamed = false;
    } else if (absl::ConsumePrefix(&space, "namespace ") && absl::ConsumeSuffix(&space, " {")) {
      names.space = std::string(space);
    } else if (std::string name = Defined(line); !name.empty()) {
      (unnamed ? names.local : names.open).insert(std::move(name));
    }
  }
  return names;
}

TEST(Names, AreFoundInASource) {
  const Names names = NamesIn(
      "namespace a::b {\nconstexpr int kOut = 1;\nnamespace {\nconstexpr char kIn[] = \"=\";\nstruct T {\n  "
      "int kMember = 1;\n};\n"
      "class Later;\nusing U = int;\nusing c::V;\nenum class E { kOne };\nconst absl::Time kThen = "
      "F(kOut);\nint F(int kMost = 2);\nconst T& G() { return kIn[0]; }\n}  "
      "// namespace\ninline constexpr size_t kMore{2};\n}  // namespace a::b\n");
  EXPECT_EQ(names.space, "a::b");
  EXPECT_THAT(names.local, ElementsAre("E", "T", "U", "kIn", "kThen"));
  EXPECT_THAT(names.open, ElementsAre("kMore", "kOut"));
}

TEST(Names, OfOneSourceHideNoneOfItsNamespace) {
  std::map<std::string, std::map<std::string, std::string>> open;  // namespace, name, a file
  std::map<std::string, Names> files;
  for (const char* folder : {"util", "crypto", "policies", "storage", "audit", "trust", "envelope", "server",
                             "client", "bench", "tests", "tools"}) {
    for (const fs::path& file : SourcesBelow(".", folder)) {
      Names names = NamesIn(TextOf(file));
      for (const std::string& name : names.open) open[names.space][name] = file.string();
      files[file.string()] = std::move(names);
    }
  }
  EXPECT_GT(open["seinpost::client"].size(), 100u);
  for (const auto& [file, names] : files) {
    std::vector<std::string> hidden;
    for (std::string space = names.space; !space.empty();
         space.resize(space.rfind("::") == std::string::npos ? 0 : space.rfind("::"))) {
      for (const std::string& name : names.local) {
        const auto found = open[space].find(name);
        if (found != open[space].end()) hidden.push_back(name + " of " + found->second);
      }
    }
    EXPECT_THAT(hidden, IsEmpty()) << file;
  }
}

}  // namespace
}  // namespace seinpost::tree
