// SPDX-License-Identifier: EUPL-1.2
// A map whose copies share what they have in common, and nothing that either adds later.
#include "util/forked_map.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace seinpost {
namespace {

using Map = ForkedMap<int>;

Map Filled(int from, int until) {
  Map map;
  for (int i = from; i < until; ++i) EXPECT_TRUE(map.Emplace(absl::StrCat("key ", i), i));
  return map;
}

void ExpectHolds(const Map& map, int from, int until) {
  EXPECT_EQ(map.size(), static_cast<size_t>(until - from));
  for (int i = 0; i < 3000; ++i) {
    const int* found = map.Find(absl::StrCat("key ", i));
    ASSERT_EQ(found != nullptr, from <= i && i < until) << i;
    if (found != nullptr) {
      ASSERT_EQ(*found, i);
    }
  }
}

TEST(ForkedMap, KeepsWhatItIsGivenOnce) {
  Map map = Filled(0, 1000);
  EXPECT_FALSE(map.Emplace("key 7", 8));
  ExpectHolds(map, 0, 1000);
  map.Mutable("key 7") = 8;
  EXPECT_EQ(*map.Find("key 7"), 8);
  EXPECT_EQ(map.Mutable("new"), 0);
  EXPECT_EQ(map.size(), 1001u);
}

TEST(ForkedMap, CopiesGoTheirOwnWaysWhicheverChanges) {
  Map first = Filled(0, 1000);
  const Map kept = first;
  for (int i = 1000; i < 2000; ++i) first.Emplace(absl::StrCat("key ", i), i);
  ExpectHolds(kept, 0, 1000);
  Map second = kept, assigned;
  assigned = first;
  for (int i = 1000; i < 1500; ++i) second.Emplace(absl::StrCat("key ", i), i);
  second.Mutable("key 3") = -3;
  ExpectHolds(kept, 0, 1000);
  ExpectHolds(first, 0, 2000);
  ExpectHolds(assigned, 0, 2000);
  EXPECT_EQ(*second.Find("key 3"), -3);
  EXPECT_EQ(second.size(), 1500u);
  // What was its own before it was copied is not any more.
  const Map later = second;
  second.Mutable("key 3") = 33;
  EXPECT_EQ(*later.Find("key 3"), -3);
}

}  // namespace
}  // namespace seinpost
