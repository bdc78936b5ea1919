// SPDX-License-Identifier: EUPL-1.2
// Fields reads one map of a strict YAML tree by a schema: each key is asked for by name and type, and
// Finish() refuses every key nobody asked for. Mistakes go to Problems, and reading goes on, so that one run
// shows several.
#ifndef SEINPOST_POLICIES_DOCUMENT_FIELDS_H_
#define SEINPOST_POLICIES_DOCUMENT_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/document/convenant.h"
#include "policies/document/yaml_tree.h"
#include "util/bytes.h"

namespace seinpost::policies {

enum class Need { kRequired, kOptional };

// Borrows `node` and `problems`, which must outlive it. Not thread-safe.
class Fields {
 public:
  // `path` names the map in messages and positions; empty for the whole file.
  Fields(const YamlNode& node, Position at, Problems& problems);

  // Null when the key is absent; a required absent key is a problem.
  const YamlNode::Entry* Entry(absl::string_view key, Need need);

  // Each returns a harmless value (empty, zero, nullopt) after adding a problem.
  std::string Text(absl::string_view key, Need need);  // 1 to 2,000 characters, one paragraph
  std::string Word(absl::string_view key, Need need);  // a name: [a-z0-9_-], at most 64
  std::vector<std::string> Words(absl::string_view key,
                                 Need need);    // a list of names, none twice; may be empty
  bool Flag(absl::string_view key, Need need);  // yes | no
  std::optional<uint32_t> Number(absl::string_view key, Need need, uint32_t min, uint32_t max);
  std::optional<absl::Time> Date(absl::string_view key, Need need);      // YYYY-MM-DD, 00:00 UTC
  std::optional<absl::Duration> Days(absl::string_view key, Need need);  // "30 days", "6 months", "3 years"
  std::optional<absl::Duration> Wait(absl::string_view key, Need need);  // "2 minutes", "24 hours"
  std::optional<Bytes> Hex32(absl::string_view key, Need need);          // 64 hexadecimal digits
  // A word read by `parse` (ParseLevel…); its message becomes the problem.
  template <typename T>
  std::optional<T> Choice(absl::string_view key, Need need, absl::StatusOr<T> (*parse)(absl::string_view)) {
    const YamlNode::Entry* entry = Scalar(key, need);
    if (entry == nullptr) return std::nullopt;
    absl::StatusOr<T> value = parse(entry->value.scalar);
    if (value.ok()) return *value;
    Complain(entry->value, value.status().message());
    return std::nullopt;
  }

  // Adds a problem for every key that was not asked for, with the nearest known name.
  void Finish();

  // Where the value of `key` is declared: the place of the key itself. The map's own place if absent.
  Position At(absl::string_view key) const;
  const Position& at() const { return at_; }
  void Complain(const YamlNode& node, absl::string_view sentence);
  void Complain(const Position& position, absl::string_view sentence);
  Problems& problems() { return problems_; }

 private:
  const YamlNode::Entry* Scalar(absl::string_view key, Need need);
  std::string PathOf(absl::string_view key) const;

  const YamlNode& node_;
  Position at_;
  Problems& problems_;
  std::vector<std::string> asked_;
};

// Whether `word` may name something: [a-z0-9_-], 1 to 64 characters, a letter or digit first.
bool IsName(absl::string_view word);

// The word of `known` nearest to `word`, as " (did you mean \"…\"?)"; empty if none is near.
std::string DidYouMean(absl::string_view word, const std::vector<std::string>& known);

// "a, b, c" of at most twenty words.
std::string ListOf(const std::vector<std::string>& words);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DOCUMENT_FIELDS_H_
