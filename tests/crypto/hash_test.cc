// SPDX-License-Identifier: EUPL-1.2
#include "crypto/hash.h"

#include "crypto/expand.h"
#include "crypto/hkdf.h"
#include "gtest/gtest.h"

namespace seinpost::crypto {
namespace {

// FIPS 180-4 examples, from the NIST collection "SHA examples".
constexpr absl::string_view kAbc256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr absl::string_view kAbc512 =
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

TEST(Sha256, MatchesFips180) { EXPECT_EQ(ToHex(Sha256("abc")), kAbc256); }

TEST(Sha512, MatchesFips180) {
  EXPECT_EQ(ToHex(Sha512("abc")), kAbc512);
  EXPECT_EQ(ToHex(Sha512Concat({"a", "", "bc"})), kAbc512);
}

TEST(Sha256, ConcatAndHasherAgreeWithOneCall) {
  const Bytes data = RandomBytes(1000);
  for (size_t cut : {0, 1, 63, 64, 65, 500, 1000}) {
    const ByteView head = ByteView(data).substr(0, cut);
    const ByteView tail = ByteView(data).substr(cut);
    EXPECT_EQ(Sha256Concat({head, tail}), Sha256(data)) << cut;
    Sha256Hasher hasher;
    hasher.Update(head);
    Sha256Hasher copy = hasher;
    hasher.Update(tail);
    EXPECT_EQ(hasher.Finish(), Sha256(data)) << cut;
    EXPECT_EQ(copy.Finish(), Sha256(head)) << cut;
  }
}

TEST(Sha256HasherDeathTest, IsSpentAfterFinish) {
  Sha256Hasher hasher;
  hasher.Finish();
  EXPECT_DEATH(hasher.Update("a"), "after Finish");
  EXPECT_DEATH(hasher.Finish(), "after Finish");
}

// RFC 4231 Section 4.3, test case 2.
TEST(HmacSha256, MatchesRfc4231) {
  constexpr absl::string_view kTag = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  EXPECT_EQ(ToHex(HmacSha256("Jefe", "what do ya want for nothing?")), kTag);
  EXPECT_EQ(ToHex(HmacSha256Concat("Jefe", {"what do ya want", " for nothing?"})), kTag);
}

TEST(ConstantTimeEquals, ComparesSizeAndBytes) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "ab"));
  EXPECT_FALSE(ConstantTimeEquals("", "a"));
}

TEST(RandomBytes, HaveTheirSizeAndDiffer) {
  EXPECT_EQ(RandomBytes(0).size(), 0u);
  EXPECT_EQ(RandomBytes(33).size(), 33u);
  EXPECT_NE(RandomBytes(32), RandomBytes(32));
  EXPECT_NE(RandomFixed<16>(), RandomFixed<16>());
}

// RFC 5869 Appendix A.1.
TEST(Hkdf, MatchesRfc5869) {
  const Bytes ikm(22, '\x0b');
  const Bytes salt = *FromHex("000102030405060708090a0b0c");
  const Bytes info = *FromHex("f0f1f2f3f4f5f6f7f8f9");
  const Secret<32> prk = HkdfExtract(salt, ikm);
  EXPECT_EQ(ToHex(prk.ExposeSecretView()),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  constexpr absl::string_view kOkm =
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
  EXPECT_EQ(ToHex(HkdfExpand<42>(prk, info).ExposeSecretView()), kOkm);
  EXPECT_EQ(ToHex(HkdfExpandFixed<42>(prk, info)), kOkm);
  EXPECT_EQ(ToHex(*HkdfExpandPublic(prk, info, 42)), kOkm);
}

TEST(Hkdf, StopsAtTheRfcsLimit) {
  const Secret<32> prk = HkdfExtract("", "ikm");
  EXPECT_EQ(HkdfExpandPublic(prk, "", 0)->size(), 0u);
  EXPECT_EQ(HkdfExpandPublic(prk, "", kHkdfMaxBytes)->size(), kHkdfMaxBytes);
  EXPECT_EQ(HkdfExpandPublic(prk, "", kHkdfMaxBytes + 1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ExpandMessageXmd, RefusesWhatTheRfcRefuses) {
  EXPECT_TRUE(ExpandMessageXmdSha512("m", "dst", 255 * 64).ok());
  EXPECT_FALSE(ExpandMessageXmdSha512("m", "dst", 255 * 64 + 1).ok());
  EXPECT_FALSE(ExpandMessageXmdSha512("m", "dst", 0).ok());
  EXPECT_FALSE(ExpandMessageXmdSha512("m", "", 32).ok());
}

// RFC 9380 Section 5.3.3.
TEST(ExpandMessageXmd, HashesALongTag) {
  const Bytes dst(256, 'x');
  const Bytes hashed = ToBytes(Sha512("H2C-OVERSIZE-DST-" + dst));
  EXPECT_EQ(*ExpandMessageXmdSha512("m", dst, 100), *ExpandMessageXmdSha512("m", hashed, 100));
  EXPECT_NE(*ExpandMessageXmdSha512("m", dst, 100), *ExpandMessageXmdSha512("m", dst.substr(1), 100));
}

}  // namespace
}  // namespace seinpost::crypto
