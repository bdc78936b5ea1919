// SPDX-License-Identifier: EUPL-1.2
// Files that somebody wants to attach: whatever is kept must be a photo that stripping leaves as it is, no
// longer than what came in, and free of the segments and chunks that tell more than the picture.
#include "absl/strings/match.h"
#include "client/signal/photo.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::Bytes;
using seinpost::ByteView;
using seinpost::FuzzCheck;

namespace {

// Walks the chunks of a PNG that was stripped.
void CheckChunks(ByteView png) {
  png.remove_prefix(8);
  while (!png.empty()) {
    FuzzCheck(png.size() >= 12, "whole chunks");
    size_t length = 0;
    for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<uint8_t>(png[i]);
    const ByteView type = png.substr(4, 4);
    bool wanted = false;
    for (const char* kind : {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB"})
      wanted |= type == kind;
    FuzzCheck(wanted, "only chunks that a decoder needs");
    FuzzCheck(length + 12 <= png.size(), "no chunk breaks off");
    png.remove_prefix(length + 12);
    FuzzCheck((type == "IEND") == png.empty(), "nothing follows the end");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView file = seinpost::FuzzView(data, size);
  const absl::StatusOr<seinpost::client::Photo> photo = seinpost::client::StripPhoto(file);
  if (!photo.ok()) return 0;
  const Bytes& kept = photo->bytes;
  FuzzCheck(kept.size() <= file.size(), "nothing is added");
  const absl::StatusOr<seinpost::client::Photo> again = seinpost::client::StripPhoto(kept);
  FuzzCheck(again.ok() && again->bytes == kept, "what is kept is a photo, and stripping it changes nothing");
  if (photo->content_type == "image/png") {
    CheckChunks(kept);
  } else {
    FuzzCheck(absl::StartsWith(kept, "\xFF\xD8") && absl::EndsWith(kept, "\xFF\xD9"),
              "begins and ends as a JPEG");
  }
  return 0;
}
