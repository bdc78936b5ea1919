// SPDX-License-Identifier: EUPL-1.2
// Who may include whom: the one table of folders and rooms, and what reads a tree by it.
#ifndef SEINPOST_TESTS_TREE_LADDER_H_
#define SEINPOST_TESTS_TREE_LADDER_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace seinpost::tree {

// A folder ("audit") with what all of it may include of other folders, or a room of a folder ("client/mail")
// with what it may include of its own folder besides. Naming a folder names all its rooms.
struct Place {
  std::string name;
  std::vector<std::string> may_include;
  bool IsRoom() const { return name.find('/') != std::string::npos; }
};

// Bottom first: every place includes only what stands before it, so there are no circles.
const std::vector<Place>& Ladder();
// nullptr: there is no such place.
const Place* FindPlace(absl::string_view name);
// Rooms of a folder, bottom first.
std::vector<std::string> RoomsOf(absl::string_view folder);

// Below `root`, sources and headers of a folder, sorted.
std::vector<std::filesystem::path> SourcesBelow(const std::filesystem::path& root, absl::string_view folder);

// All of a file.
std::string TextOf(const std::filesystem::path& path);

struct Include {
  std::string file;  // relative to the root
  int line;
  std::string text;  // between quotes or angle brackets
};
std::vector<Include> IncludesOf(const std::filesystem::path& root, const std::filesystem::path& file);

// What is wrong with one include of `file`; empty: nothing.
std::string Complaint(absl::string_view file, absl::string_view include);
// "file:line: complaint" for every include of the tree. `seen` counts includes.
std::vector<std::string> Complaints(const std::filesystem::path& root, size_t& seen);

}  // namespace seinpost::tree

#endif  // SEINPOST_TESTS_TREE_LADDER_H_
