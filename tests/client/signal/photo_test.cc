// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/photo.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/terminal/context.h"
#include "envelope/limits.h"
#include "gtest/gtest.h"

namespace seinpost::client {
namespace {

// --- JPEG by hand: marker segments that hold anything; a decoder is not needed to judge what is kept.

Bytes Segment(uint8_t marker, const Bytes& payload) {
  return absl::StrCat("\xFF", Bytes(1, static_cast<char>(marker)),
                      U16(static_cast<uint16_t>(payload.size() + 2)), payload);
}

const Bytes kSoi = "\xFF\xD8";
const Bytes kEoi = "\xFF\xD9";
const Bytes kJfif = Segment(0xE0, Bytes("JFIF\0\x01\x01\0\0\x01\0\x01\0\0", 14));
const Bytes kQuantisation = Segment(0xDB, Bytes(65, 'q'));
const Bytes kFrame = Segment(0xC0, Bytes(15, 'f'));
const Bytes kHuffman = Segment(0xC4, Bytes(30, 'h'));
const Bytes kScan = Segment(0xDA, Bytes(10, 's')) + Bytes("entropy\xFF\0coded\xFF\xD0more", 20);

TEST(JpegPhoto, KeepsWhatADecoderNeedsAndNothingElse) {
  const Bytes exif = Segment(0xE1, Bytes("Exif\0\0GPS 51.98N 5.91E", 22));
  const Bytes comment = Segment(0xFE, "gemaakt door Jelle");
  const Bytes maker = Segment(0xED, "Photoshop IPTC");
  const Bytes profile = Segment(0xE2, "ICC_PROFILE Jelles iPhone");
  const Bytes thumbnail = Segment(0xE0, Bytes("JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01RGB", 17));
  const Bytes jfxx = Segment(0xE0, Bytes("JFXX\0\x10thumb", 11));
  const Bytes restart = Segment(0xDD, Bytes("\0\x04", 2));
  const absl::StatusOr<Photo> photo =
      StripPhoto(kSoi + kJfif + exif + jfxx + thumbnail + comment + kQuantisation + maker + kFrame + profile +
                 kHuffman + restart + kScan + comment + kScan + kEoi + "trailing GPS");
  ASSERT_TRUE(photo.ok()) << photo.status();
  EXPECT_EQ(photo->content_type, "image/jpeg");
  EXPECT_EQ(photo->bytes, kSoi + kJfif + kQuantisation + kFrame + kHuffman + restart + kScan + kScan + kEoi);
}

TEST(JpegPhoto, StrippedTwiceIsTheSame) {
  const Bytes file =
      kSoi + kQuantisation + Bytes("\xFF\xFF\xFF") + kFrame.substr(1) + kHuffman + kScan + kEoi;
  const absl::StatusOr<Photo> once = StripPhoto(file);
  ASSERT_TRUE(once.ok()) << once.status();
  EXPECT_EQ(StripPhoto(once->bytes)->bytes, once->bytes);
}

TEST(JpegPhoto, ThatBreaksTheFormatIsRefused) {
  const Bytes good = kSoi + kJfif + kQuantisation + kFrame + kHuffman + kScan + kEoi;
  ASSERT_TRUE(StripPhoto(good).ok());
  for (size_t size = 2; size < good.size(); ++size) {
    EXPECT_EQ(ExitCodeOf(StripPhoto(good.substr(0, size)).status()), kUsage) << "cut at " << size;
  }
  for (const Bytes& broken :
       {kSoi + kEoi, kSoi + kFrame + kEoi, kSoi + kScan + kEoi, kSoi + kSoi + kFrame + kScan + kEoi,
        kSoi + Bytes("x") + kFrame + kScan + kEoi, kSoi + Bytes("\xFF\xDB\0\x01", 4) + kFrame + kScan + kEoi,
        kSoi + Bytes("\xFF\xD0") + kFrame + kScan + kEoi}) {
    EXPECT_FALSE(StripPhoto(broken).ok());
  }
}

// --- PNG

uint32_t Crc(ByteView bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  return ~crc;
}

Bytes Chunk(const Bytes& type, const Bytes& data) {
  return U32(static_cast<uint32_t>(data.size())) + type + data + U32(Crc(type + data));
}

const Bytes kSignature("\x89PNG\r\n\x1A\n");
const Bytes kHeader = Chunk("IHDR", Bytes(13, '\x01'));
const Bytes kPalette = Chunk("PLTE", Bytes(6, 'p'));
const Bytes kData = Chunk("IDAT", "deflate");
const Bytes kEnd = Chunk("IEND", "");

TEST(PngPhoto, KeepsWhatADecoderNeedsAndNothingElse) {
  const Bytes gamma = Chunk("gAMA", Bytes(4, 'g'));
  const Bytes hidden = Chunk("gAMA", "a whole letter");
  const Bytes clear = Chunk("tRNS", "t");
  const Bytes file = kSignature + kHeader + gamma + hidden + Chunk("eXIf", "GPS") +
                     Chunk("tEXt", "Author Jelle") + Chunk("iTXt", "x") + Chunk("tIME", "1234567") +
                     Chunk("prVt", "maker") + kPalette + clear + kData + kData + Chunk("zTXt", "x") + kEnd +
                     "trailing";
  const absl::StatusOr<Photo> photo = StripPhoto(file);
  ASSERT_TRUE(photo.ok()) << photo.status();
  EXPECT_EQ(photo->content_type, "image/png");
  EXPECT_EQ(photo->bytes, kSignature + kHeader + gamma + kPalette + clear + kData + kData + kEnd);
  EXPECT_EQ(StripPhoto(photo->bytes)->bytes, photo->bytes);
}

TEST(PngPhoto, ThatBreaksTheFormatIsRefused) {
  const Bytes good = kSignature + kHeader + kData + kEnd;
  ASSERT_TRUE(StripPhoto(good).ok());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(ExitCodeOf(StripPhoto(good.substr(0, size)).status()), kUsage) << "cut at " << size;
  }
  for (size_t at = kSignature.size(); at < good.size(); ++at) {
    Bytes flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    EXPECT_FALSE(StripPhoto(flipped).ok()) << "flipped at " << at;
  }
  for (const Bytes& broken : {kSignature + kData + kHeader + kEnd, kSignature + kHeader + kEnd,
                              kSignature + kHeader + kHeader + kData + kEnd,
                              kSignature + kHeader + Chunk("NEED", "x") + kData + kEnd,
                              kSignature + Chunk("IHDR", "short") + kData + kEnd}) {
    EXPECT_FALSE(StripPhoto(broken).ok());
  }
}

TEST(Photo, OfAnyOtherKindOrSizeIsRefused) {
  for (const Bytes& other :
       {Bytes(), Bytes("GIF89a"), Bytes("%PDF-1.7"), Bytes("RIFF....WEBPVP8 "), Bytes("\xFF")}) {
    EXPECT_EQ(ExitCodeOf(StripPhoto(other).status()), kUsage);
  }
  const Bytes large = kSoi + Bytes(envelope::kMaxAttachmentBytes, 'x');
  EXPECT_EQ(StripPhoto(large).status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace seinpost::client
