// SPDX-License-Identifier: EUPL-1.2
#include "crypto/stream.h"

#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "crypto/aead.h"
#include "gtest/gtest.h"

namespace seinpost::crypto {
namespace {

Secret<32> StreamKey() { return *Secret<32>::FromBytes(Bytes(32, '\x05')); }
constexpr absl::string_view kPrefix = "prefix";

Bytes Text(size_t size) {
  Bytes text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 % 251);
  return text;
}

std::vector<Bytes> Chunks(const Bytes& sealed) {
  std::vector<Bytes> chunks;
  for (size_t at = 0; at < sealed.size(); at += kStreamSealedChunkBytes) {
    chunks.push_back(sealed.substr(at, kStreamSealedChunkBytes));
  }
  return chunks;
}

absl::StatusCode OpenCode(ByteView sealed) {
  return OpenStream(StreamKey(), kPrefix, sealed).status().code();
}

TEST(Stream, OpensWhatItSealedAtEveryChunkBoundary) {
  for (size_t size : {size_t{0}, size_t{1}, kStreamChunkBytes - 1, kStreamChunkBytes, kStreamChunkBytes + 1,
                      2 * kStreamChunkBytes, 3 * kStreamChunkBytes + 5}) {
    const Bytes sealed = *SealStream(StreamKey(), kPrefix, Text(size));
    EXPECT_EQ(sealed.size(), StreamSealedBytes(size));
    EXPECT_EQ(*OpenStream(StreamKey(), kPrefix, sealed), Text(size)) << size;
  }
}

TEST(Stream, ChunkByChunkIsTheSame) {
  const Bytes text = Text(2 * kStreamChunkBytes + 7);
  StreamSealer sealer(StreamKey(), kPrefix);
  std::vector<Bytes> chunks;
  chunks.push_back(*sealer.SealChunk(text.substr(0, kStreamChunkBytes), false));
  chunks.push_back(*sealer.SealChunk(text.substr(kStreamChunkBytes, kStreamChunkBytes), false));
  chunks.push_back(*sealer.SealChunk(text.substr(2 * kStreamChunkBytes), true));
  EXPECT_EQ(absl::StrJoin(chunks, ""), *SealStream(StreamKey(), kPrefix, text));

  StreamOpener opener(StreamKey(), kPrefix);
  Bytes opened;
  for (size_t i = 0; i < chunks.size(); ++i) {
    EXPECT_FALSE(opener.finished());
    opened += *opener.OpenChunk(chunks[i], i + 1 == chunks.size());
  }
  EXPECT_TRUE(opener.finished());
  EXPECT_EQ(opened, text);
}

// The layout of crypto/stream.h written out by hand.
TEST(Stream, HasTheDocumentedNonceAndAad) {
  const Bytes sealed = *SealStream(StreamKey(), kPrefix, Text(kStreamChunkBytes + 1));
  const Bytes first =
      AeadSeal(StreamKey(), AeadNonce{}, Bytes(kPrefix) + Bytes(5, '\0'), Text(kStreamChunkBytes));
  const AeadNonce last_nonce = {0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0};
  const Bytes last = AeadSeal(StreamKey(), last_nonce, Bytes(kPrefix) + Bytes("\0\0\0\1\1", 5),
                              Text(kStreamChunkBytes + 1).substr(kStreamChunkBytes));
  EXPECT_EQ(sealed, first + last);
}

// The worked example of docs/formats/stream.md.
TEST(Stream, OpensTheWorkedExample) {
  Bytes key(32, '\0');
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(i);
  const Bytes aad_prefix = Bytes(32, '\xaa') + U16(3);
  const Bytes sealed = *FromHex("f7329f33da6780b7e9d0096903f01e16a079c871e5");
  EXPECT_EQ(*OpenStream(*Secret<32>::FromBytes(key), aad_prefix, sealed), "hello");
}

TEST(Stream, RefusesCutRepeatedSwappedAndAddedChunks) {
  const std::vector<Bytes> c = Chunks(*SealStream(StreamKey(), kPrefix, Text(3 * kStreamChunkBytes + 9)));
  ASSERT_EQ(c.size(), 4u);
  const std::vector<std::pair<const char*, Bytes>> attacks = {
      {"nothing", ""},
      {"last chunk cut", c[0] + c[1] + c[2]},
      {"first chunk cut", c[1] + c[2] + c[3]},
      {"middle chunk cut", c[0] + c[2] + c[3]},
      {"two swapped", c[1] + c[0] + c[2] + c[3]},
      {"one repeated", c[0] + c[0] + c[1] + c[2] + c[3]},
      {"final repeated", c[0] + c[1] + c[2] + c[3] + c[3]},
      {"data after final", c[0] + c[1] + c[2] + c[3] + "x"},
      {"only the final", c[3]},
  };
  for (const auto& attack : attacks) {
    EXPECT_EQ(OpenCode(attack.second), absl::StatusCode::kUnauthenticated) << attack.first;
  }
}

TEST(Stream, RefusesChunksOfAnotherStream) {
  const Bytes text = Text(kStreamChunkBytes + 9);
  const Bytes sealed = *SealStream(StreamKey(), kPrefix, text);
  EXPECT_FALSE(OpenStream(StreamKey(), "other", sealed).ok());
  EXPECT_FALSE(OpenStream(Secret<32>::Random(), kPrefix, sealed).ok());
}

TEST(Stream, RefusesEveryBitFlipAndTruncationOfAShortStream) {
  const Bytes sealed = *SealStream(StreamKey(), kPrefix, Text(40));
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes flipped = sealed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(OpenCode(flipped), absl::StatusCode::kUnauthenticated) << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(OpenCode(ByteView(sealed).substr(0, size)), absl::StatusCode::kUnauthenticated) << size;
  }
}

// An empty chunk at the end of a stream that has others would be a second chunking of one plaintext.
TEST(Stream, OneTextHasOneChunking) {
  StreamSealer sealer(StreamKey(), kPrefix);
  ASSERT_TRUE(sealer.SealChunk(Text(kStreamChunkBytes), false).ok());
  EXPECT_EQ(sealer.SealChunk("", true).status().code(), absl::StatusCode::kInvalidArgument);
  const Bytes first =
      AeadSeal(StreamKey(), AeadNonce{}, Bytes(kPrefix) + Bytes(5, '\0'), Text(kStreamChunkBytes));
  const AeadNonce last_nonce = {0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0};
  const Bytes empty = AeadSeal(StreamKey(), last_nonce, Bytes(kPrefix) + Bytes("\0\0\0\1\1", 5), "");
  EXPECT_EQ(OpenCode(first + empty), absl::StatusCode::kUnauthenticated);
}

TEST(StreamSealer, RefusesWrongSizesAndWorkAfterTheEnd) {
  StreamSealer sealer(StreamKey(), kPrefix);
  EXPECT_EQ(sealer.SealChunk("short", false).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(sealer.SealChunk(Text(kStreamChunkBytes + 1), true).status().code(),
            absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(sealer.SealChunk("short", true).ok());
  EXPECT_EQ(sealer.SealChunk("more", true).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(StreamOpener, StaysClosedAfterAnError) {
  const std::vector<Bytes> c = Chunks(*SealStream(StreamKey(), kPrefix, Text(kStreamChunkBytes + 9)));
  StreamOpener opener(StreamKey(), kPrefix);
  EXPECT_FALSE(opener.OpenChunk(c[1], true).ok());
  EXPECT_FALSE(opener.OpenChunk(c[0], false).ok());
  EXPECT_FALSE(opener.finished());
}

TEST(StreamOpener, RefusesAFinalFlagThatIsNotTheSealers) {
  const std::vector<Bytes> c = Chunks(*SealStream(StreamKey(), kPrefix, Text(2 * kStreamChunkBytes)));
  StreamOpener early(StreamKey(), kPrefix);
  EXPECT_FALSE(early.OpenChunk(c[0], true).ok());
  StreamOpener late(StreamKey(), kPrefix);
  ASSERT_TRUE(late.OpenChunk(c[0], false).ok());
  EXPECT_FALSE(late.OpenChunk(c[1], false).ok());
}

TEST(StreamOpener, TakesNothingAfterTheFinalChunk) {
  const Bytes sealed = *SealStream(StreamKey(), kPrefix, "text");
  StreamOpener opener(StreamKey(), kPrefix);
  ASSERT_TRUE(opener.OpenChunk(sealed, true).ok());
  EXPECT_EQ(opener.OpenChunk(sealed, true).status().code(), absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace seinpost::crypto
