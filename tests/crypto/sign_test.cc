// SPDX-License-Identifier: EUPL-1.2
#include "crypto/sign.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace seinpost::crypto {
namespace {

constexpr absl::string_view kLabel = "seinpost/v1/test";

SigningKey SignerKey() { return SigningKey::FromSeed(*Secret<32>::FromBytes(Bytes(32, '\x07'))); }

absl::StatusCode Code(const absl::Status& status) { return status.code(); }

// RFC 8032 Section 7.1, TEST 2.
TEST(SignRaw, MatchesRfc8032) {
  const Bytes seed = *FromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const SigningKey key = SigningKey::FromSeed(*Secret<32>::FromBytes(seed));
  EXPECT_EQ(ToHex(key.public_key()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(ToHex(SignRaw(key, "\x72")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Sign, CoversLabelZeroLengthAndMessage) {
  const SigningKey key = SignerKey();
  const Bytes signed_bytes = absl::StrCat(kLabel, ByteView("\0\0\0\0\5", 5), "hello");
  EXPECT_EQ(Sign(key, kLabel, "hello"), SignRaw(key, signed_bytes));
  EXPECT_TRUE(VerifyRaw(View(key.public_key()), signed_bytes, Sign(key, kLabel, "hello")).ok());
}

TEST(Sign, VerifiesAndBelongsToOneLabelKeyAndMessage) {
  const SigningKey key = SignerKey();
  const Bytes signature = Sign(key, kLabel, "hello");
  const ByteView pk = View(key.public_key());
  EXPECT_TRUE(Verify(pk, kLabel, "hello", signature).ok());
  EXPECT_EQ(Code(Verify(pk, "seinpost/v1/other", "hello", signature)), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Code(Verify(pk, kLabel, "hello!", signature)), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Code(Verify(pk, kLabel, "", signature)), absl::StatusCode::kPermissionDenied);
  const SigningKey other = SigningKey::Generate();
  EXPECT_EQ(Code(Verify(View(other.public_key()), kLabel, "hello", signature)),
            absl::StatusCode::kPermissionDenied);
}

TEST(Sign, EveryBitFlipInASignatureIsRefused) {
  const SigningKey key = SignerKey();
  const Bytes signature = Sign(key, kLabel, "hello");
  for (size_t bit = 0; bit < signature.size() * 8; ++bit) {
    Bytes flipped = signature;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(Code(Verify(View(key.public_key()), kLabel, "hello", flipped)),
              absl::StatusCode::kPermissionDenied)
        << bit;
  }
}

TEST(Verify, RefusesWrongSizes) {
  const SigningKey key = SignerKey();
  const Bytes signature = Sign(key, kLabel, "hello");
  const Bytes pk = ToBytes(key.public_key());
  for (size_t size = 0; size < signature.size(); ++size) {
    EXPECT_EQ(Code(Verify(pk, kLabel, "hello", signature.substr(0, size))),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(Code(Verify(pk, kLabel, "hello", signature + "x")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Code(Verify(pk.substr(1), kLabel, "hello", signature)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Code(Verify(pk + "x", kLabel, "hello", signature)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Code(Verify("", kLabel, "hello", "")), absl::StatusCode::kInvalidArgument);
}

TEST(Verify, NamesABadKey) {
  const Bytes signature = Sign(SignerKey(), kLabel, "hello");
  const struct {
    const char* what;
    Bytes key;
  } bad_keys[] = {
      {"the neutral element", "\x01" + Bytes(31, '\0')},
      {"order 4", Bytes(32, '\0')},
      {"y = p, non-canonical", "\xed" + Bytes(30, '\xff') + "\x7f"},
      {"not on the curve", "\x02" + Bytes(31, '\0')},
  };
  for (const auto& bad : bad_keys) {
    EXPECT_EQ(Code(Verify(bad.key, kLabel, "hello", signature)), absl::StatusCode::kInvalidArgument)
        << bad.what;
  }
}

TEST(SigningKey, ComesBackFromItsSeed) {
  const SigningKey key = SigningKey::Generate();
  const SigningKey again = SigningKey::FromSeed(key.seed());
  EXPECT_EQ(again.public_key(), key.public_key());
  EXPECT_EQ(Sign(again, kLabel, "m"), Sign(key, kLabel, "m"));
  EXPECT_NE(SigningKey::Generate().public_key(), key.public_key());
}

TEST(SignDeathTest, ALabelWithAZeroByteIsABugOfOurs) {
  const SigningKey key = SignerKey();
  EXPECT_DEATH(Sign(key, absl::string_view("a\0b", 3), "m"), "label");
  EXPECT_DEATH(Sign(key, "", "m"), "label");
}

}  // namespace
}  // namespace seinpost::crypto
