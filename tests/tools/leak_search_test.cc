// SPDX-License-Identifier: EUPL-1.2
#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tools/leak_search/patterns.h"

namespace seinpost::tools {
namespace {

constexpr char kNeedle[] = "het mes ligt in kluis 12 é";

bool Finds(const std::string& data) {
  const PatternSet set(PatternsOf(0, kNeedle));
  std::set<size_t> found;
  set.Search(data, found);
  return !found.empty();
}

TEST(LeakSearch, FindsEverySpelling) {
  EXPECT_TRUE(Finds(absl::StrCat("voor ", kNeedle, " na")));
  EXPECT_TRUE(Finds(absl::StrCat("00", ToHex(kNeedle), "ff")));
  std::string utf16;
  for (char c : std::string("mes \0", 5)) utf16 += {c, '\0'};
  EXPECT_FALSE(Finds(utf16));
  const PatternSet set(PatternsOf(0, "abcdef"));
  std::set<size_t> found;
  set.Search(std::string("xxa\0b\0c\0d\0e\0f\0", 14), found);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(set.patterns()[*found.begin()].encoding, "utf-16le");
}

TEST(LeakSearch, FindsBase64AtEveryOffset) {
  for (const char* before : {"", "x", "xy", "xyz", "vier"}) {
    for (const char* after : {"", "a", "ab", "abc"}) {
      const std::string data = absl::StrCat(before, kNeedle, after);
      EXPECT_TRUE(Finds(absl::Base64Escape(data))) << data;
      EXPECT_TRUE(Finds(absl::WebSafeBase64Escape(data))) << data;
    }
  }
}

TEST(LeakSearch, DoesNotFindWhatIsNotThere) {
  EXPECT_FALSE(Finds("het mes ligt in kluis 13 é"));
  EXPECT_FALSE(Finds(""));
  EXPECT_FALSE(Finds(std::string(100000, 'h')));
}

}  // namespace
}  // namespace seinpost::tools
