// SPDX-License-Identifier: EUPL-1.2
// Arrows between folders go down only (README, "How the tree is cut"). This test reads every include of the
// tree.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace seinpost {
namespace {

namespace fs = std::filesystem;

// What a folder may include besides itself.
const std::map<std::string, std::set<std::string>>& Ladder() {
  static const auto* const ladder = new std::map<std::string, std::set<std::string>>{
      {"util", {}},
      {"crypto", {"util"}},
      {"policies", {"util"}},
      {"storage", {"util"}},
      {"audit", {"util", "crypto", "storage"}},
      {"trust", {"util", "crypto", "policies", "audit", "seinpost/v1"}},
      {"envelope", {"util", "crypto", "policies", "trust", "seinpost/v1"}},
      {"server", {"util", "crypto", "policies", "storage", "audit", "trust", "envelope", "seinpost/v1"}},
      {"client", {"util", "crypto", "policies", "audit", "trust", "envelope", "seinpost/v1"}},
  };
  return *ladder;
}

// Files of audit/ that need RocksDB's side: closed to the client, to what it links (trust/) and to the other
// files of audit/.
bool IsAuditLog(absl::string_view include) {
  for (const char* name : {"log", "payload_keys", "anchor", "search_index"}) {
    if (include == absl::StrCat("audit/", name, ".h")) return true;
  }
  return false;
}

struct Include {
  std::string file;
  int line;
  std::string text;
};

std::vector<Include> IncludesOf(const fs::path& file) {
  std::vector<Include> includes;
  std::ifstream in(file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, "#include ")) continue;
    const bool quoted = absl::ConsumePrefix(&rest, "\"") || absl::ConsumePrefix(&rest, "<");
    if (!quoted) continue;
    includes.push_back({file.string(), number, std::string(rest.substr(0, rest.find_first_of("\">")))});
  }
  return includes;
}

std::vector<fs::path> SourcesBelow(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (entry.is_regular_file() && (extension == ".cc" || extension == ".h")) files.push_back(entry.path());
  }
  return files;
}

std::string FolderOf(absl::string_view include) {
  if (absl::StartsWith(include, "seinpost/v1/")) return "seinpost/v1";
  const size_t slash = include.find('/');
  return slash == absl::string_view::npos ? "" : std::string(include.substr(0, slash));
}

bool IsOurs(const std::string& folder) { return folder == "seinpost/v1" || Ladder().count(folder) > 0; }

// The complaint about one include, or nothing.
std::string Complaint(const std::string& folder, const std::string& include) {
  const std::string target = FolderOf(include);
  if (!IsOurs(target) || target == folder) return "";
  if (Ladder().at(folder).count(target) == 0) return absl::StrCat(folder, " may not include ", target);
  if ((folder == "client" || folder == "trust") && IsAuditLog(include)) {
    return absl::StrCat(folder, " may not include audit_log");
  }
  return "";
}

TEST(Ladder, EveryIncludeGoesDown) {
  size_t seen = 0;
  for (const auto& [folder, allowed] : Ladder()) {
    for (const fs::path& file : SourcesBelow(folder)) {
      for (const Include& include : IncludesOf(file)) {
        ++seen;
        EXPECT_EQ(Complaint(folder, include.text), "") << include.file << ":" << include.line;
      }
    }
  }
  EXPECT_GT(seen, 500u) << "the test must run in the source tree";
}

TEST(Ladder, SeesAnArrowThatGoesUp) {
  EXPECT_NE(Complaint("crypto", "policies/decide/decide.h"), "");
  EXPECT_NE(Complaint("client", "server/broker/broker.h"), "");
  EXPECT_NE(Complaint("server", "client/profile/profile.h"), "");
  EXPECT_NE(Complaint("client", "audit/log.h"), "");
  EXPECT_NE(Complaint("trust", "audit/anchor.h"), "");
  EXPECT_EQ(Complaint("trust", "audit/checkpoint.h"), "");
  EXPECT_NE(Complaint("policies", "seinpost/v1/trust.pb.h"), "");
  EXPECT_EQ(Complaint("client", "audit/checkpoint.h"), "");
}

TEST(Ladder, LibrariesStayBehindTheirFolder) {
  const std::map<std::string, std::string> homes = {
      {"rocksdb/", "storage"}, {"sodium", "crypto"}, {"yaml-cpp/", "policies"}, {"prometheus/", "server"}};
  for (const auto& [folder, allowed] : Ladder()) {
    for (const fs::path& file : SourcesBelow(folder)) {
      for (const Include& include : IncludesOf(file)) {
        for (const auto& [prefix, home] : homes) {
          if (absl::StartsWith(include.text, prefix)) {
            EXPECT_EQ(folder, home) << include.file << ":" << include.line;
          }
        }
      }
    }
  }
}

TEST(Tree, EverySourceFileNamesItsLicence) {
  for (const std::string folder : {"util", "crypto", "policies", "storage", "audit", "trust", "envelope",
                                   "server", "client", "bench", "tests", "tools"}) {
    for (const fs::path& file : SourcesBelow(folder)) {
      std::ifstream in(file);
      std::string first;
      std::getline(in, first);
      EXPECT_EQ(first, "// SPDX-License-Identifier: EUPL-1.2") << file;
    }
  }
}

TEST(Tree, EveryFolderHasAReadme) {
  for (const auto& [folder, allowed] : Ladder()) {
    EXPECT_TRUE(fs::exists(fs::path(folder) / "README.md")) << folder;
  }
}

}  // namespace
}  // namespace seinpost
