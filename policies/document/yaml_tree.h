// SPDX-License-Identifier: EUPL-1.2
// Strict YAML: text to a tree of maps, lists and plain strings, each with its place. A small part of
// YAML 1.2, so that what a signatory reads is what the machine reads: no anchors, aliases, tags, directives,
// second documents, duplicate keys, tabs, invisible characters or nulls, and no scalar ever turns into a
// boolean or a number by itself.
#ifndef SEINPOST_POLICIES_DOCUMENT_YAML_TREE_H_
#define SEINPOST_POLICIES_DOCUMENT_YAML_TREE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace seinpost::policies {

inline constexpr size_t kMaxYamlDepth = 16;
inline constexpr size_t kMaxYamlEntries = 2000;  // in one map or list
inline constexpr size_t kMaxProblems = 20;

// Problems collects mistakes as "file:line:column: sentence", at most kMaxProblems of them and none twice.
class Problems {
 public:
  explicit Problems(absl::string_view file) : file_(file) {}
  void Add(int line, int column, absl::string_view sentence);
  bool empty() const { return lines_.empty(); }
  bool full() const { return lines_.size() >= kMaxProblems; }
  // In the order of the file, one per line, with a last line that says so when there were more.
  std::string Join() const;
  const std::string& file() const { return file_; }

 private:
  struct Line {
    int line, column;
    std::string text;
  };
  std::string file_;
  std::vector<Line> lines_;
  bool more_ = false;
};

struct YamlNode {
  enum class Kind { kScalar, kList, kMap };
  struct Entry;  // one `key: value` of a map

  Kind kind = Kind::kScalar;
  int line = 0;  // 1-based
  int column = 0;
  bool flow = false;            // written as {…} or […]
  std::string scalar;           // kScalar
  std::vector<YamlNode> items;  // kList
  std::vector<Entry> entries;   // kMap, in the file's order, no key twice

  const Entry* Find(absl::string_view key) const;
};

struct YamlNode::Entry {
  std::string key;
  int line = 0;  // of the key
  int column = 0;
  YamlNode value;
};

// Parses `text` (at most `max_bytes`). The tree is only meaningful when nothing was added to `problems`.
YamlNode ParseYaml(absl::string_view text, size_t max_bytes, Problems& problems);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DOCUMENT_YAML_TREE_H_
