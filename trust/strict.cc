// SPDX-License-Identifier: EUPL-1.2
#include "trust/strict.h"

#include <climits>

#include "absl/base/call_once.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/stubs/logging.h"
#include "util/status_macros.h"

namespace seinpost::trust {
namespace {

// protobuf writes to stderr when a string is not UTF-8, which would let strangers fill a disk. The refusal
// says it.
void SilenceProtobuf() {
  static absl::once_flag once;
  absl::call_once(once, [] { google::protobuf::SetLogHandler(nullptr); });
}

absl::Status CheckBytes(ByteView bytes, size_t max_bytes, absl::string_view what) {
  if (bytes.size() <= max_bytes && bytes.size() <= INT_MAX) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(what, ": more than ", max_bytes, " bytes: ", bytes.size()));
}

}  // namespace

absl::Status StrictParse(ByteView bytes, size_t max_bytes, absl::string_view what,
                         google::protobuf::Message& message) {
  RETURN_IF_ERROR(CheckBytes(bytes, max_bytes, what));
  SilenceProtobuf();
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError(absl::StrCat(what, ": not a well-formed message"));
  }
  return CheckStrict(bytes, max_bytes, what, message);
}

absl::Status CheckStrict(ByteView bytes, size_t max_bytes, absl::string_view what,
                         google::protobuf::Message& message) {
  RETURN_IF_ERROR(CheckBytes(bytes, max_bytes, what));
  // Unknown fields would survive the comparison below, because they are written back as they came.
  message.DiscardUnknownFields();
  if (StrictSerialize(message) != bytes) {
    return absl::InvalidArgumentError(absl::StrCat(what, ": not in its one strict encoding"));
  }
  return absl::OkStatus();
}

Bytes StrictSerialize(const google::protobuf::Message& message) {
  Bytes bytes;
  bytes.reserve(message.ByteSizeLong());
  {
    google::protobuf::io::StringOutputStream sink(&bytes);
    google::protobuf::io::CodedOutputStream out(&sink);
    out.SetSerializationDeterministic(true);
    message.SerializeWithCachedSizes(&out);
  }
  return bytes;
}

}  // namespace seinpost::trust
