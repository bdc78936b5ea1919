// SPDX-License-Identifier: EUPL-1.2
#include "tests/testing/worked.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

constexpr size_t kMaxDocumentBytes = 1024 * 1024;
constexpr size_t kBytesPerLine = 32;

[[noreturn]] void Fail(const std::string& path, absl::string_view why) {
  std::cerr << path << ": " << why << "\n";
  std::abort();
}

std::string ToBlock(const std::string& name, ByteView bytes) {
  std::string block = absl::StrCat("```worked name=", name, "\n");
  for (size_t i = 0; i < bytes.size(); i += kBytesPerLine) {
    absl::StrAppend(&block, ToHex(bytes.substr(i, kBytesPerLine)), "\n");
  }
  return block + "```";
}

}  // namespace

std::map<std::string, Bytes> ReadWorked(const std::string& path) {
  const absl::StatusOr<Bytes> document = ReadFile(path, kMaxDocumentBytes);
  if (!document.ok()) Fail(path, document.status().message());
  std::map<std::string, Bytes> blocks;
  std::string name, hex;
  bool inside = false;
  for (absl::string_view line : absl::StrSplit(*document, '\n')) {
    if (!inside) {
      if (!absl::ConsumePrefix(&line, "```worked")) continue;
      line = absl::StripAsciiWhitespace(line);
      if (!absl::ConsumePrefix(&line, "name=") || line.empty()) Fail(path, "a worked block without name");
      name = std::string(line);
      hex.clear();
      inside = true;
    } else if (line == "```") {
      const absl::StatusOr<Bytes> bytes = FromHex(hex);
      if (!bytes.ok()) Fail(path, absl::StrCat("block ", name, " is not hexadecimal"));
      if (!blocks.emplace(name, *bytes).second)
        Fail(path, absl::StrCat("block ", name, " stands there twice"));
      inside = false;
    } else {
      for (char c : line) {
        if (!absl::ascii_isspace(c)) hex.push_back(c);
      }
    }
  }
  if (inside) Fail(path, absl::StrCat("block ", name, " is not closed"));
  return blocks;
}

void ExpectWorked(const std::string& path, const std::map<std::string, Bytes>& computed) {
  const std::map<std::string, Bytes> written = ReadWorked(path);
  for (const auto& [name, bytes] : computed) {
    const auto found = written.find(name);
    if (found == written.end() || found->second != bytes) {
      ADD_FAILURE() << path << " should have\n" << ToBlock(name, bytes);
    }
  }
  for (const auto& [name, bytes] : written) {
    EXPECT_TRUE(computed.count(name) > 0) << path << " has a block that no test computes: " << name;
  }
}

}  // namespace seinpost::test
