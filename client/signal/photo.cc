// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/photo.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "client/terminal/context.h"
#include "envelope/limits.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

absl::Status Broken(absl::string_view what) { return UsageError(what); }

// --- JPEG

constexpr uint8_t kSoi = 0xD8, kEoi = 0xD9, kSos = 0xDA, kDqt = 0xDB, kDht = 0xC4, kDac = 0xCC, kDri = 0xDD,
                  kApp0 = 0xE0, kJpg = 0xC8;

uint8_t At(ByteView bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

bool IsFrame(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != kDht && marker != kDac && marker != kJpg;
}
bool IsRestart(uint8_t marker) { return marker >= 0xD0 && marker <= 0xD7; }

// The plain JFIF header: version, units and densities, no thumbnail. It says how to read the colours.
bool IsPlainJfif(ByteView segment) {
  return segment.size() == 16 && absl::StartsWith(segment.substr(2), absl::string_view("JFIF\0", 5)) &&
         At(segment, 14) == 0 && At(segment, 15) == 0;
}

bool IsNeeded(uint8_t marker, ByteView segment) {
  return IsFrame(marker) || marker == kDqt || marker == kDht || marker == kDac || marker == kDri ||
         marker == kSos || (marker == kApp0 && IsPlainJfif(segment));
}

// The entropy-coded bytes after a scan header, up to the next marker that is no restart.
size_t EndOfScan(ByteView file, size_t at) {
  while (at + 1 < file.size()) {
    if (At(file, at) == 0xFF && At(file, at + 1) != 0 && !IsRestart(At(file, at + 1)) &&
        At(file, at + 1) != 0xFF) {
      return at;
    }
    ++at;
  }
  return ByteView::npos;
}

absl::StatusOr<Bytes> StripJpeg(ByteView file) {
  Bytes kept(file.substr(0, 2));
  bool frame = false, scan = false;
  size_t at = 2;
  while (true) {
    if (at >= file.size() || At(file, at) != 0xFF)
      return Broken("photo: the JPEG breaks off or a marker is missing");
    while (at < file.size() && At(file, at) == 0xFF) ++at;  // fill bytes
    if (at >= file.size()) return Broken("photo: the JPEG breaks off");
    const uint8_t marker = At(file, at++);
    if (marker == kEoi) break;
    if (marker == 0 || marker == 1 || marker == kSoi || IsRestart(marker)) {
      return Broken("photo: the JPEG has a marker where none may stand");
    }
    if (at + 2 > file.size()) return Broken("photo: the JPEG breaks off");
    const size_t length = static_cast<size_t>(At(file, at)) << 8 | At(file, at + 1);
    if (length < 2 || at + length > file.size()) return Broken("photo: the JPEG breaks off");
    const ByteView segment = file.substr(at, length);
    at += length;
    if (IsNeeded(marker, segment)) {
      kept.push_back('\xFF');
      kept.push_back(static_cast<char>(marker));
      kept.append(segment.data(), segment.size());
    }
    frame = frame || IsFrame(marker);
    if (marker != kSos) continue;
    if (!frame) return Broken("photo: the JPEG has a scan without a frame");
    scan = true;
    const size_t end = EndOfScan(file, at);
    if (end == ByteView::npos) return Broken("photo: the JPEG breaks off");
    kept.append(file.data() + at, end - at);
    at = end;
  }
  if (!scan) return Broken("photo: the JPEG has no picture");
  kept.append("\xFF\xD9");
  return kept;
}

// --- PNG

constexpr absl::string_view kPngSignature("\x89PNG\r\n\x1A\n", 8);

uint32_t ReadU32(ByteView bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | At(bytes, i);
  return value;
}

// CRC-32 of a chunk's type and data (PNG Section 5.5).
uint32_t Crc(ByteView bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  return ~crc;
}

bool IsCriticalChunk(ByteView type) {
  return type == "IHDR" || type == "PLTE" || type == "IDAT" || type == "IEND";
}

// Kept besides: what says how to read the colours, in its one size, which leaves no room for anything else.
bool IsColourChunk(ByteView type, uint32_t length) {
  return (type == "tRNS" && length <= 256) || (type == "gAMA" && length == 4) ||
         (type == "cHRM" && length == 32) || (type == "sRGB" && length == 1);
}

absl::StatusOr<Bytes> StripPng(ByteView file) {
  Bytes kept(kPngSignature);
  bool header = false, data = false;
  size_t at = kPngSignature.size();
  while (true) {
    if (at + 12 > file.size()) return Broken("photo: the PNG breaks off");
    const uint32_t length = ReadU32(file.substr(at, 4));
    if (length > file.size() - at - 12) return Broken("photo: the PNG breaks off");
    const ByteView type = file.substr(at + 4, 4);
    if (Crc(file.substr(at + 4, 4 + size_t{length})) != ReadU32(file.substr(at + 8 + length, 4))) {
      return Broken("photo: a chunk of the PNG does not fit its checksum");
    }
    if (!header && (type != "IHDR" || length != 13))
      return Broken("photo: the PNG does not begin with its header");
    if (header && type == "IHDR") return Broken("photo: the PNG has two headers");
    header = true;
    data = data || type == "IDAT";
    const bool critical = (At(type, 0) & 0x20) == 0;
    if (critical && !IsCriticalChunk(type))
      return Broken("photo: the PNG needs a chunk that this program does not know");
    // A decoder needs no time of last change, text, EXIF, or the private chunks of a maker.
    if (critical || IsColourChunk(type, length)) kept.append(file.data() + at, size_t{length} + 12);
    at += size_t{length} + 12;
    if (type == "IEND") break;
  }
  if (!data) return Broken("photo: the PNG has no picture");
  return kept;
}

}  // namespace

absl::StatusOr<Photo> StripPhoto(ByteView file) {
  if (file.size() > envelope::kMaxAttachmentBytes) {
    return absl::ResourceExhaustedError("photo: more than 5 MiB");
  }
  if (absl::StartsWith(file, "\xFF\xD8")) {
    ASSIGN_OR_RETURN(Bytes bytes, StripJpeg(file));
    return Photo{.content_type = "image/jpeg", .bytes = std::move(bytes)};
  }
  if (absl::StartsWith(file, kPngSignature)) {
    ASSIGN_OR_RETURN(Bytes bytes, StripPng(file));
    return Photo{.content_type = "image/png", .bytes = std::move(bytes)};
  }
  return UsageError("only photos can be attached, as JPEG or PNG");
}

}  // namespace seinpost::client
