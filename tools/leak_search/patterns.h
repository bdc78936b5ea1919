// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_TOOLS_LEAK_SEARCH_PATTERNS_H_
#define SEINPOST_TOOLS_LEAK_SEARCH_PATTERNS_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "util/bytes.h"

namespace seinpost::tools {

// One spelling of one needle.
struct Pattern {
  size_t needle;         // index in the list given
  std::string encoding;  // "raw", "hex", "base64+1", "utf-16le" …
  Bytes bytes;
};

// Every spelling in which `needle` could stand in a dump: raw, hexadecimal (both cases), UTF-16 (both byte
// orders) and standard and URL-safe base64 at each of the three offsets, edges that depend on the neighbours
// cut off.
std::vector<Pattern> PatternsOf(size_t index, ByteView needle);

// PatternSet finds many patterns in one pass over the data. Immutable; thread-safe.
class PatternSet {
 public:
  // Patterns shorter than 4 bytes would be found everywhere and are not accepted: the constructor aborts.
  explicit PatternSet(std::vector<Pattern> patterns);

  // Adds the indices of the patterns that stand in `data` to `found`.
  void Search(ByteView data, std::set<size_t>& found) const;

  const std::vector<Pattern>& patterns() const { return patterns_; }
  size_t longest() const { return longest_; }

 private:
  static uint32_t Prefix(const char* bytes);
  std::vector<Pattern> patterns_;
  size_t longest_ = 0;
  std::vector<bool> starts_;                            // by 3-byte prefix
  std::vector<std::pair<uint32_t, size_t>> by_prefix_;  // sorted
};

}  // namespace seinpost::tools

#endif  // SEINPOST_TOOLS_LEAK_SEARCH_PATTERNS_H_
