// SPDX-License-Identifier: EUPL-1.2
#include "util/bytes.h"

#include "gtest/gtest.h"

namespace seinpost {
namespace {

TEST(Bytes, IntegersAreBigEndian) {
  EXPECT_EQ(ToHex(U8(0xab)), "ab");
  EXPECT_EQ(ToHex(U16(0x0102)), "0102");
  EXPECT_EQ(ToHex(U32(0x01020304)), "01020304");
  EXPECT_EQ(ToHex(U64(0x0102030405060708)), "0102030405060708");
  EXPECT_EQ(ReadU64(U64(0xfedcba9876543210)).value(), 0xfedcba9876543210);
  EXPECT_EQ(ReadU64("short").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Bytes, LpPutsTheLengthFirst) {
  EXPECT_EQ(ToHex(Lp("")), "00000000");
  EXPECT_EQ(ToHex(Lp("abc")), "00000003616263");
}

TEST(Bytes, HexIsStrict) {
  EXPECT_EQ(FromHex("00fFAb").value(), std::string("\x00\xff\xab", 3));
  for (const char* bad : {"0", "0g", "g0", "0x00", " 00", "00 ", "0\n"}) {
    EXPECT_FALSE(FromHex(bad).ok()) << bad;
  }
}

TEST(Bytes, Base64IsStrict) {
  EXPECT_EQ(FromBase64("AP8=").value(), std::string("\x00\xff", 2));
  EXPECT_EQ(ToBase64(std::string("\x00\xff", 2)), "AP8=");
  // Missing padding, stray bits, white space, the URL alphabet.
  for (const char* bad : {"AP8", "AP9=", "AP 8=", "AP8=\n", "A_8=", "="})
    EXPECT_FALSE(FromBase64(bad).ok()) << bad;
}

TEST(Bytes, ToFixedWantsTheExactSize) {
  EXPECT_EQ(ToBytes(ToFixed<3>("abc", "word").value()), "abc");
  const absl::Status status = ToFixed<3>("abcd", "word").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "word: 4 bytes where 3 are needed");
}

}  // namespace
}  // namespace seinpost
