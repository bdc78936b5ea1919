// SPDX-License-Identifier: EUPL-1.2
// Points of low order, told by a table as X25519 itself tells them.
#include "crypto/x25519.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"

namespace seinpost::crypto {
namespace {

// A secret scalar is a multiple of 8, so any of them takes each low-order point to zero.
bool GivesZero(ByteView public_key) {
  static constexpr uint8_t kAnyScalar[32] = {8};
  uint8_t shared[32];
  return !X25519(kAnyScalar, public_key, shared).ok();
}

Bytes LittleEndian(const Bytes& hex_of_big_endian) {
  const Bytes big = FromHex(hex_of_big_endian).value();
  return {big.rbegin(), big.rend()};
}

TEST(X25519, KnowsThePointsOfLowOrder) {
  const Bytes low[] = {
      Bytes(32, '\0'),
      "\x01" + Bytes(31, '\0'),
      FromHex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800").value(),
      FromHex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157").value(),
      LittleEndian("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec"),
      LittleEndian("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"),
      LittleEndian("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffee"),
  };
  for (Bytes point : low) {
    for (const char top : {'\x00', '\x80'}) {
      point[31] = static_cast<char>((point[31] & 0x7f) | top);
      EXPECT_TRUE(GivesZero(point)) << ToHex(point);
      EXPECT_TRUE(IsLowOrder(point)) << ToHex(point);
    }
  }
}

// Small values, those from p-32 on, which are not reduced all of them, neighbours of the points, and any.
TEST(X25519, KnowsNoOthers) {
  for (int i = 0; i < 256; ++i) {
    Bytes small(32, '\0'), large(32, '\xff');
    small[0] = static_cast<char>(i);
    large[0] = static_cast<char>(i);
    large[31] = '\x7f';
    for (const Bytes& point : {small, large}) EXPECT_EQ(IsLowOrder(point), GivesZero(point)) << ToHex(point);
  }
  for (const char* hex : {"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"}) {
    for (int bit = 0; bit < 255; ++bit) {
      Bytes near = FromHex(hex).value();
      near[bit / 8] = static_cast<char>(near[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_EQ(IsLowOrder(near), GivesZero(near)) << hex << bit;
    }
  }
  for (int i = 0; i < 200; ++i) {
    const Bytes any = RandomBytes(32);
    EXPECT_EQ(IsLowOrder(any), GivesZero(any)) << ToHex(any);
  }
  EXPECT_FALSE(IsLowOrder(Bytes(31, '\0')));
  EXPECT_FALSE(IsLowOrder(""));
}

}  // namespace
}  // namespace seinpost::crypto
