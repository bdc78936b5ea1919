// SPDX-License-Identifier: EUPL-1.2
#include "crypto/password_file.h"

#include <utility>

#include "absl/strings/match.h"
#include "crypto/password_file_internal.h"
#include "gtest/gtest.h"

namespace seinpost::crypto {
namespace {

constexpr internal::ArgonParameters kCheap = {.memory_kib = 8, .passes = 1};
constexpr internal::ArgonLimits kCheapLimits = {.least = kCheap, .most = {.memory_kib = 16, .passes = 2}};

absl::StatusCode OpenCheaply(ByteView sealed, ByteView passphrase = "correct horse") {
  return internal::OpenWithinLimits(passphrase, sealed, kCheapLimits).status().code();
}

TEST(PasswordFile, OpensWhatItSealed) {
  for (const Bytes& plaintext : {Bytes(), Bytes("a"), Bytes(100000, 'x')}) {
    const Bytes sealed = *SealWithPassphrase("correct horse", plaintext, PassphraseStrength::kInteractive);
    const absl::StatusOr<WipedBytes> opened = OpenWithPassphrase("correct horse", sealed);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(opened->ExposeSecretView(), plaintext);
  }
}

TEST(PasswordFile, ModerateIsTheDefaultAndStandsInTheFile) {
  const Bytes sealed = *SealWithPassphrase("correct horse", "text");
  EXPECT_EQ(ToHex(ByteView(sealed).substr(18, 8)), "0004000000000003");  // 262144 KiB, 3 passes
  EXPECT_EQ(OpenWithPassphrase("correct horse", sealed)->ExposeSecretView(), "text");
}

TEST(PasswordFile, RefusesAnotherPassphrase) {
  const Bytes sealed = *SealWithPassphrase("correct horse", "text", PassphraseStrength::kInteractive);
  for (const char* wrong : {"correct horsf", "correct hors", "", "Correct horse"}) {
    EXPECT_EQ(OpenWithPassphrase(wrong, sealed).status().code(), absl::StatusCode::kUnauthenticated) << wrong;
  }
}

TEST(PasswordFile, RefusesAnEmptyPassphrase) {
  EXPECT_EQ(SealWithPassphrase("", "text").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(PasswordFile, SaltAndNonceAreFresh) {
  const Bytes a = *internal::SealWithParameters("correct horse", "text", kCheap);
  const Bytes b = *internal::SealWithParameters("correct horse", "text", kCheap);
  EXPECT_NE(ByteView(a).substr(26, 16), ByteView(b).substr(26, 16));
  EXPECT_NE(ByteView(a).substr(42, 24), ByteView(b).substr(42, 24));
  EXPECT_NE(ByteView(a).substr(66), ByteView(b).substr(66));
}

TEST(PasswordFile, RefusesEveryBitFlipAndTruncation) {
  const Bytes sealed = *internal::SealWithParameters("correct horse", "a text to keep", kCheap);
  ASSERT_EQ(OpenCheaply(sealed), absl::StatusCode::kOk);
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes flipped = sealed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const absl::StatusCode code = OpenCheaply(flipped);
    EXPECT_TRUE(code == absl::StatusCode::kUnauthenticated || code == absl::StatusCode::kInvalidArgument)
        << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_NE(OpenCheaply(ByteView(sealed).substr(0, size)), absl::StatusCode::kOk) << size;
  }
  EXPECT_EQ(OpenCheaply(sealed + "x"), absl::StatusCode::kUnauthenticated);
}

TEST(PasswordFile, RefusesParametersOutOfRangeBeforeTheyCostAnything) {
  const Bytes sealed = *SealWithPassphrase("correct horse", "text", PassphraseStrength::kInteractive);
  const struct {
    const char* what;
    uint32_t memory_kib, passes;
  } hostile[] = {
      {"4 TiB", 0xffffffff, 2},      {"1 GiB", 1024 * 1024, 2},   {"just above the most", 262145, 3},
      {"2^32-1 passes", 65536, ~0u}, {"one pass more", 65536, 4}, {"just below the least", 65535, 2},
      {"cheap to guess", 8, 2},      {"one pass", 65536, 1},      {"nothing", 0, 0},
  };
  for (const auto& h : hostile) {
    const Bytes file = sealed.substr(0, 18) + U32(h.memory_kib) + U32(h.passes) + sealed.substr(26);
    EXPECT_EQ(OpenWithPassphrase("correct horse", file).status().code(), absl::StatusCode::kInvalidArgument)
        << h.what;
  }
}

TEST(PasswordFile, RefusesOtherFormats) {
  for (const char* other :
       {"", "seinpost-sealed/2\n", "seinpost-sealed/1", "age-encryption.org/v1\n", "seinpost-sealed/1\n"}) {
    EXPECT_EQ(OpenWithPassphrase("p", other).status().code(), absl::StatusCode::kInvalidArgument) << other;
  }
}

TEST(PasswordFile, ErrorTextHoldsNeitherPassphraseNorContent) {
  const Bytes sealed = *internal::SealWithParameters("correct horse", "secret text", kCheap);
  const absl::Status status = internal::OpenWithinLimits("battery staple", sealed, kCheapLimits).status();
  EXPECT_FALSE(absl::StrContains(status.message(), "battery"));
  EXPECT_FALSE(absl::StrContains(status.message(), "secret text"));
}

TEST(PassphraseKey, SealsAgainUnderItsSaltAndAFreshNonce) {
  const PassphraseKey key = *internal::PassphraseKeys::Make("correct horse", kCheap);
  const Bytes a = *key.Seal("text"), b = *key.Seal("text");
  EXPECT_EQ(a.substr(0, 42), b.substr(0, 42));
  EXPECT_NE(a.substr(42, 24), b.substr(42, 24));
  EXPECT_NE(a.substr(66), b.substr(66));
  for (const Bytes& sealed : {a, b}) {
    EXPECT_TRUE(key.IsOf(sealed));
    EXPECT_EQ(key.Open(sealed)->ExposeSecretView(), "text");
    EXPECT_EQ(internal::OpenWithinLimits("correct horse", sealed, kCheapLimits)->ExposeSecretView(), "text");
  }
  EXPECT_EQ(key.Seal(Bytes(kMaxSealedFileBytes + 1, 'x')).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PassphraseKey, OpensNothingOfAnotherSaltOrPassphrase) {
  const PassphraseKey key = *internal::PassphraseKeys::Make("correct horse", kCheap);
  const Bytes other = *internal::SealWithParameters("correct horse", "text", kCheap);
  EXPECT_FALSE(key.IsOf(other));
  EXPECT_EQ(key.Open(other).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(
      internal::PassphraseKeys::Of("correct horse", other, kCheapLimits)->Open(other)->ExposeSecretView(),
      "text");
  const PassphraseKey wrong = *internal::PassphraseKeys::Of("battery staple", other, kCheapLimits);
  EXPECT_TRUE(wrong.IsOf(other));
  EXPECT_EQ(wrong.Open(other).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_FALSE(key.IsOf(""));
  EXPECT_FALSE(key.IsOf(key.Seal("text")->substr(0, 81)));
  EXPECT_EQ(key.Open("seinpost-sealed/1\n").status().code(), absl::StatusCode::kInvalidArgument);
}

// The worked example of docs/formats/sealed_file.md.
TEST(PasswordFile, OpensTheWorkedExample) {
  const Bytes file = *FromHex(
      "7365696e706f73742d7365616c65642f310a0001000000000002101112131415161718191a1b1c1d1e1f"
      "404142434445464748494a4b4c4d4e4f50515253545556574941a45e36212a2ac80f4c4153033e249518718c1e");
  const absl::StatusOr<WipedBytes> opened = OpenWithPassphrase("correct horse battery staple", file);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->ExposeSecretView(), "hello");
}

}  // namespace
}  // namespace seinpost::crypto
