// SPDX-License-Identifier: EUPL-1.2
#include "crypto/aead.h"

#include "gtest/gtest.h"

namespace seinpost::crypto {
namespace {

Secret<32> TestKey(char fill = '\x01') { return *Secret<32>::FromBytes(Bytes(32, fill)); }
const AeadNonce kNonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

TEST(Aead, OpensWhatItSealed) {
  for (size_t size : {0, 1, 63, 64, 65, 5000}) {
    const Bytes plaintext(size, 'p');
    const Bytes sealed = AeadSeal(TestKey(), kNonce, "aad", plaintext);
    EXPECT_EQ(sealed.size(), size + kAeadTagBytes);
    EXPECT_EQ(*AeadOpen(TestKey(), kNonce, "aad", sealed), plaintext);
  }
}

TEST(Aead, RefusesAnotherKeyNonceOrAad) {
  const Bytes sealed = AeadSeal(TestKey(), kNonce, "aad", "text");
  AeadNonce other_nonce = kNonce;
  other_nonce[11] ^= 1;
  EXPECT_EQ(AeadOpen(TestKey('\x02'), kNonce, "aad", sealed).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(AeadOpen(TestKey(), other_nonce, "aad", sealed).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(AeadOpen(TestKey(), kNonce, "aac", sealed).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST(Aead, RefusesEveryBitFlipAndTruncation) {
  const Bytes sealed = AeadSeal(TestKey(), kNonce, "aad", "a short text");
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes flipped = sealed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(AeadOpen(TestKey(), kNonce, "aad", flipped).ok()) << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(AeadOpen(TestKey(), kNonce, "aad", ByteView(sealed).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(AeadOpen(TestKey(), kNonce, "aad", sealed + "x").ok());
}

}  // namespace
}  // namespace seinpost::crypto
