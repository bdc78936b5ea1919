// SPDX-License-Identifier: EUPL-1.2
#include "crypto/secret.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "crypto/wiped.h"
#include "gtest/gtest.h"

namespace seinpost::crypto {
namespace {

static_assert(!std::is_copy_constructible_v<Secret<32>> && !std::is_copy_assignable_v<Secret<32>>);
static_assert(std::is_nothrow_move_constructible_v<Secret<32>>);
static_assert(!std::is_copy_constructible_v<WipedArray<32>> && !std::is_move_constructible_v<WipedArray<32>>);
static_assert(!std::is_copy_constructible_v<WipedBytes>);

TEST(Secret, TakesExactlyItsSize) {
  EXPECT_TRUE(Secret<4>::FromBytes("abcd").ok());
  for (const char* wrong : {"", "abc", "abcde"}) {
    EXPECT_EQ(Secret<4>::FromBytes(wrong).status().code(), absl::StatusCode::kInvalidArgument) << wrong;
  }
}

TEST(Secret, ErrorTextHoldsNoneOfTheBytes) {
  const absl::Status status = Secret<4>::FromBytes("hunter2").status();
  EXPECT_EQ(status.message().find("hunter2"), absl::string_view::npos);
}

TEST(Secret, GivesBackItsBytes) {
  const Secret<4> secret = *Secret<4>::FromBytes("abcd");
  EXPECT_EQ(secret.ExposeSecretView(), "abcd");
  EXPECT_EQ(secret.ExposeSecret()[3], 'd');
}

TEST(Secret, RandomOnesDiffer) { EXPECT_FALSE(Secret<32>::Random().Equals(Secret<32>::Random())); }

TEST(Secret, CloneIsEqualAndSeparate) {
  Secret<32> secret = Secret<32>::Random();
  const Secret<32> clone = secret.Clone();
  EXPECT_TRUE(clone.Equals(secret));
  EXPECT_NE(clone.ExposeSecret().data(), secret.ExposeSecret().data());
  secret = Secret<32>::Random();
  EXPECT_FALSE(clone.Equals(secret));
}

TEST(Secret, ComparesEveryByte) {
  for (size_t i = 0; i < 8; ++i) {
    Bytes other = "abcdefgh";
    other[i] ^= 1;
    EXPECT_FALSE(Secret<8>::FromBytes("abcdefgh")->Equals(*Secret<8>::FromBytes(other))) << i;
  }
  EXPECT_TRUE(Secret<8>::FromBytes("abcdefgh")->Equals(*Secret<8>::FromBytes("abcdefgh")));
}

TEST(Secret, MovesWithoutCopying) {
  Secret<4> from = *Secret<4>::FromBytes("abcd");
  const uint8_t* where = from.ExposeSecret().data();
  const Secret<4> to = std::move(from);
  EXPECT_EQ(to.ExposeSecret().data(), where);
}

TEST(SecretDeathTest, ReadingAMovedFromSecretAborts) {
  Secret<4> from = *Secret<4>::FromBytes("abcd");
  const Secret<4> to = std::move(from);
  EXPECT_DEATH((void)from.ExposeSecret(), "moved away");  // NOLINT(bugprone-use-after-move)
}

TEST(Wipe, ZeroesMemory) {
  uint8_t bytes[5] = {1, 2, 3, 4, 5};
  Wipe(bytes, sizeof(bytes));
  EXPECT_TRUE(std::all_of(std::begin(bytes), std::end(bytes), [](uint8_t b) { return b == 0; }));
}

TEST(Wipe, ZeroesTheWholeCapacityOfAString) {
  Bytes bytes(100, 'x');
  bytes.resize(50);
  const auto place = reinterpret_cast<uintptr_t>(bytes.data());
  const size_t capacity = bytes.capacity();
  Wipe(bytes);
  EXPECT_TRUE(bytes.empty());
  bytes.resize(capacity);  // Back within its own memory, zero-filled or left as it was.
  ASSERT_EQ(reinterpret_cast<uintptr_t>(bytes.data()), place);
  EXPECT_EQ(bytes, Bytes(capacity, '\0'));
}

TEST(WipedArray, StartsAtZero) {
  const WipedArray<16> array;
  EXPECT_EQ(array.view(), Bytes(16, '\0'));
}

TEST(WipedBytes, HoldsWhatFits) {
  WipedBytes bytes(6);
  EXPECT_TRUE(bytes.Append("abc").ok());
  EXPECT_TRUE(bytes.Append("").ok());
  EXPECT_EQ(bytes.Append("defg").code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(bytes.ExposeSecretView(), "abc");
  EXPECT_TRUE(bytes.Append("def").ok());
  EXPECT_EQ(bytes.ExposeSecretView(), "abcdef");
}

TEST(WipedBytes, ShrinkingWipes) {
  WipedBytes bytes = WipedBytes::Copy("abcdef");
  ASSERT_TRUE(bytes.Resize(2).ok());
  EXPECT_EQ(bytes.ExposeSecretView(), "ab");
  ASSERT_TRUE(bytes.Resize(6).ok());
  EXPECT_EQ(bytes.ExposeSecretView(), ByteView("ab\0\0\0\0", 6));
  EXPECT_EQ(bytes.Resize(7).code(), absl::StatusCode::kOutOfRange);
}

TEST(WipedBytes, MovedFromIsEmpty) {
  WipedBytes from = WipedBytes::Copy("abc");
  const WipedBytes to = std::move(from);
  EXPECT_EQ(to.ExposeSecretView(), "abc");
  EXPECT_EQ(from.size(), 0u);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(from.capacity(), 0u);
  EXPECT_EQ(from.Append("a").code(), absl::StatusCode::kOutOfRange);
}

TEST(WipedBytes, MayBeEmpty) { EXPECT_EQ(WipedBytes::Copy("").ExposeSecretView(), ""); }

}  // namespace
}  // namespace seinpost::crypto
