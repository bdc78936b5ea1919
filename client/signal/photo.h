// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_SIGNAL_PHOTO_H_
#define SEINPOST_CLIENT_SIGNAL_PHOTO_H_

#include <string>

#include "absl/status/statusor.h"
#include "util/bytes.h"

namespace seinpost::client {

struct Photo {
  std::string content_type;  // image/jpeg or image/png
  Bytes bytes;
};

// A photo without what it tells about camera, place, time and maker: only what a decoder needs is kept,
// segment by segment (JPEG, ITU-T T.81 Annex B) or chunk by chunk (PNG, W3C Recommendation Section 5), and
// whatever follows the end of the picture is cut off. EXIF also holds which side is up: that is lost, and a
// photo may lie on its side. Pixels are not touched: what can be seen in the picture stays.
//
// kInvalidArgument: not a JPEG or PNG, or one that breaks off or breaks the format. kResourceExhausted: more
// than 5 MiB. Pure; thread-safe.
absl::StatusOr<Photo> StripPhoto(ByteView file);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_PHOTO_H_
