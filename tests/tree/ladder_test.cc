// SPDX-License-Identifier: EUPL-1.2
// Arrows between folders, and between the rooms of a folder, go down only (ladder.cc has the table). This
// test reads every include of the tree, and holds READMEs against it.
#include "tests/tree/ladder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace seinpost::tree {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr size_t kMaxFilesInARoom = 25;

std::string FolderOf(const Place& place) { return place.name.substr(0, place.name.find('/')); }

TEST(Ladder, HasNoCircles) {
  std::set<std::string> before;
  for (const Place& place : Ladder()) {
    for (const std::string& target : place.may_include) {
      EXPECT_EQ(before.count(target), 1u) << place.name << " before " << target;
    }
    EXPECT_TRUE(before.insert(place.name).second) << place.name << " stands there twice";
  }
}

TEST(Ladder, EveryIncludeGoesDown) {
  size_t seen = 0;
  EXPECT_THAT(Complaints(".", seen), IsEmpty());
  EXPECT_GT(seen, 3000u) << "the test must run in the source tree";
}

// Each place gets a file that includes what the table does not let it include: from every other place.
TEST(Ladder, SeesEveryArrowThatGoesUp) {
  size_t forbidden = 0;
  for (const Place& from : Ladder()) {
    if (from.name == "seinpost/v1") continue;
    for (const Place& to : Ladder()) {
      const bool room_of_other = to.IsRoom() && FolderOf(to) != FolderOf(from);
      const Place* const judge = FolderOf(to) == FolderOf(from) ? &from : FindPlace(FolderOf(from));
      const auto& allowed = judge->may_include;
      const bool ok =
          to.name == from.name || FolderOf(to) == from.name ||
          std::find(allowed.begin(), allowed.end(), to.name) != allowed.end() ||
          (room_of_other && std::find(allowed.begin(), allowed.end(), FolderOf(to)) != allowed.end());
      // A folder that has rooms has no files outside them.
      if (!RoomsOf(to.name).empty() || !RoomsOf(from.name).empty()) continue;
      const std::string complaint =
          Complaint(absl::StrCat(from.name, "/a.cc"), absl::StrCat(to.name, "/b.h"));
      EXPECT_EQ(complaint.empty(), ok) << from.name << " -> " << to.name << ": " << complaint;
      forbidden += ok ? 0 : 1;
    }
  }
  EXPECT_GT(forbidden, 200u);
  EXPECT_NE(Complaint("client/mail/inbox.cc", "audit/log.h"), "");
  EXPECT_NE(Complaint("trust/facts.cc", "audit/anchor.h"), "");
  EXPECT_EQ(Complaint("trust/facts.cc", "audit/checkpoint.h"), "");
  EXPECT_EQ(Complaint("client/mail/inbox.cc", "audit/checkpoint.h"), "");
}

// The same on files: one forbidden include in each folder of a small tree.
TEST(Ladder, FindsOneForbiddenIncludeInEachFolder) {
  const fs::path root = fs::path(testing::TempDir()) / absl::StrCat("ladder-", ::getpid());
  const std::map<std::string, std::string> includes = {{"util/a.cc", "crypto/b.h"},
                                                       {"crypto/a.cc", "trust/b.h"},
                                                       {"policies/decide/a.cc", "policies/instead/b.h"},
                                                       {"storage/a.cc", "crypto/b.h"},
                                                       {"audit/a.cc", "trust/b.h"},
                                                       {"trust/a.cc", "envelope/b.h"},
                                                       {"envelope/a.cc", "client/mail/b.h"},
                                                       {"server/signals/a.cc", "server/grpc/b.h"},
                                                       {"client/profile/a.h", "client/session/b.h"}};
  for (const auto& [file, include] : includes) {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << "// A file.\n#include <string>\n#include \"" << include << "\"\n";
  }
  size_t seen = 0;
  const std::vector<std::string> complaints = Complaints(root, seen);
  EXPECT_EQ(seen, 2 * includes.size());
  EXPECT_EQ(complaints.size(), includes.size());
  for (const auto& [file, include] : includes) {
    EXPECT_THAT(complaints, testing::Contains(testing::StartsWith(absl::StrCat(file, ":3: ")))) << file;
  }
  fs::remove_all(root);
}

TEST(Ladder, LibrariesStayBehindTheirPlace) {
  const std::map<std::string, std::string> homes = {{"rocksdb/", "storage/"},
                                                    {"sodium", "crypto/"},
                                                    {"yaml-cpp/", "policies/document/"},
                                                    {"prometheus/", "server/gate/"},
                                                    {"CLI/", "client/command_line/parser.cc server/program/"},
                                                    {"nlohmann/", "client/terminal/json.cc server/program/"},
                                                    {"spdlog/", "server/program/logging.cc"},
                                                    {"unicode/", "client/signal/fold.cc"}};
  std::set<std::string> seen;
  for (const Place& place : Ladder()) {
    if (place.IsRoom()) continue;
    for (const fs::path& file : SourcesBelow(".", place.name)) {
      for (const Include& include : IncludesOf(".", file)) {
        for (const auto& [prefix, home] : homes) {
          if (!absl::StartsWith(include.text, prefix)) continue;
          seen.insert(prefix);
          bool at_home = false;
          for (const absl::string_view one : absl::StrSplit(home, ' ')) {
            at_home = at_home || absl::StartsWith(include.file, one);
          }
          EXPECT_TRUE(at_home) << include.file << ":" << include.line << " includes " << include.text;
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), homes.size()) << "a library that nobody includes has no home to keep";
}

TEST(Rooms, HoldNoMoreThanOneCanOversee) {
  for (const Place& place : Ladder()) {
    if (!place.IsRoom() || place.name == "seinpost/v1") continue;
    size_t files = 0;
    for (const auto& entry : fs::directory_iterator(place.name)) files += entry.is_regular_file() ? 1 : 0;
    EXPECT_GT(files, 0u) << place.name;
    EXPECT_LE(files, kMaxFilesInARoom) << place.name;
  }
}

// A folder with rooms keeps its sources in them, and every directory with sources is a room of the table.
TEST(Rooms, AreThoseOfTheTable) {
  for (const Place& place : Ladder()) {
    if (place.IsRoom() || RoomsOf(place.name).empty()) continue;
    std::set<std::string> found;
    for (const fs::path& file : SourcesBelow(".", place.name)) {
      found.insert(file.parent_path().lexically_relative(".").string());
    }
    const std::vector<std::string> rooms = RoomsOf(place.name);
    EXPECT_EQ(found, std::set<std::string>(rooms.begin(), rooms.end()));
  }
}

// Tests mirror the rooms: a directory below tests/FOLDER is one of its rooms, or holds no tests.
TEST(Rooms, AreMirroredByTests) {
  for (const Place& place : Ladder()) {
    if (place.IsRoom() || RoomsOf(place.name).empty()) continue;
    for (const fs::path& file : SourcesBelow(".", absl::StrCat("tests/", place.name))) {
      if (!absl::EndsWith(file.string(), "_test.cc")) continue;
      const std::string directory = file.parent_path().lexically_relative("./tests").string();
      EXPECT_NE(FindPlace(directory), nullptr) << file << " stands in no room";
    }
  }
}

// README.md names every folder of the ladder in a row, and a folder's README every room, each in one line.
TEST(Readme, NamesEveryFolderAndRoom) {
  const std::string top = TextOf("README.md");
  for (const Place& place : Ladder()) {
    if (place.name == "seinpost/v1") continue;
    if (!place.IsRoom()) {
      EXPECT_THAT(top, HasSubstr(absl::StrCat("\n| `", place.name, "/` | "))) << place.name;
      EXPECT_TRUE(fs::exists(fs::path(place.name) / "README.md")) << place.name;
      continue;
    }
    const std::string readme = TextOf(fs::path(FolderOf(place)) / "README.md");
    const std::string row = absl::StrCat("\n| `", place.name.substr(FolderOf(place).size() + 1), "/` | ");
    EXPECT_THAT(readme, HasSubstr(row)) << place.name;
  }
}

// ... and names none that is not there.
TEST(Readme, NamesNoRoomThatIsNotThere) {
  for (const Place& place : Ladder()) {
    if (place.IsRoom() || RoomsOf(place.name).empty()) continue;
    std::istringstream readme(TextOf(fs::path(place.name) / "README.md"));
    for (std::string line; std::getline(readme, line);) {
      absl::string_view rest = line;
      if (!absl::ConsumePrefix(&rest, "| `") || !absl::StrContains(rest, "/` | ")) continue;
      const std::string room = absl::StrCat(place.name, "/", rest.substr(0, rest.find('/')));
      EXPECT_NE(FindPlace(room), nullptr) << place.name << "/README.md names " << room;
    }
  }
}

// What a command does and how it is told are two functions (client/terminal/say.h): only files of words
// print.
TEST(Client, OnlyWordsPrint) {
  size_t printing = 0;
  for (const fs::path& file : SourcesBelow(".", "client")) {
    const std::string path = file.lexically_relative(".").string();
    if (absl::StartsWith(path, "client/terminal/") || absl::StartsWith(path, "client/command_line/"))
      continue;
    std::istringstream in(TextOf(file));
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      for (const char* call : {"Print(", "PrintJson(", "PrintText(", "Say("}) {
        const size_t at = line.find(call);
        const bool calls =
            at != std::string::npos && line.find("//") > at &&
            (at == 0 || (std::isalnum(static_cast<unsigned char>(line[at - 1])) == 0 && line[at - 1] != '_'));
        if (!calls) continue;
        ++printing;
        EXPECT_TRUE(absl::EndsWith(path, "words.cc")) << path << ":" << number << ": " << line;
      }
    }
  }
  EXPECT_GT(printing, 20u);
}

// Every program begins with what the process needs before anything else (crypto/process.h).
TEST(Programs, BeginAlike) {
  size_t programs = 0;
  for (const char* folder : {"server", "client", "bench", "tests", "tools"}) {
    for (const fs::path& file : SourcesBelow(".", folder)) {
      const std::string text = TextOf(file);
      const size_t main = text.find("\nint main(");
      if (main == std::string::npos) continue;
      ++programs;
      EXPECT_THAT(text.substr(main), HasSubstr("StartProcess();")) << file;
    }
  }
  EXPECT_GE(programs, 8u);
}

TEST(Tree, EverySourceFileNamesItsLicence) {
  for (const char* folder : {"util", "crypto", "policies", "storage", "audit", "trust", "envelope", "server",
                             "client", "bench", "tests", "tools"}) {
    for (const fs::path& file : SourcesBelow(".", folder)) {
      std::ifstream in(file);
      std::string first;
      std::getline(in, first);
      EXPECT_EQ(first, "// SPDX-License-Identifier: EUPL-1.2") << file;
    }
  }
}

}  // namespace
}  // namespace seinpost::tree
