// SPDX-License-Identifier: EUPL-1.2
#include "util/bytes.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace seinpost {
namespace {

template <typename Int>
Bytes BigEndian(Int value) {
  Bytes bytes(sizeof(Int), '\0');
  for (size_t i = 0; i < sizeof(Int); ++i) {
    bytes[sizeof(Int) - 1 - i] = static_cast<char>(value & 0xff);
    value = static_cast<Int>(sizeof(Int) > 1 ? value >> 8 : 0);
  }
  return bytes;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Bytes U8(uint8_t value) { return BigEndian(value); }
Bytes U16(uint16_t value) { return BigEndian(value); }
Bytes U32(uint32_t value) { return BigEndian(value); }
Bytes U64(uint64_t value) { return BigEndian(value); }

absl::StatusOr<uint64_t> ReadU64(ByteView bytes) {
  if (bytes.size() != 8) return WrongSize("integer", 8, bytes.size());
  uint64_t value = 0;
  for (char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

Bytes Lp(ByteView bytes) {
  Bytes out = U32(static_cast<uint32_t>(bytes.size()));
  out.append(bytes.data(), bytes.size());
  return out;
}

std::string ToHex(ByteView bytes) { return absl::BytesToHexString(bytes); }

absl::StatusOr<Bytes> FromHex(absl::string_view text) {
  if (text.size() % 2 != 0) return absl::InvalidArgumentError("hexadecimal text of odd length");
  Bytes bytes(text.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = HexDigit(text[2 * i]);
    const int low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return absl::InvalidArgumentError("a character that is not hexadecimal");
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string ToBase64(ByteView bytes) { return absl::Base64Escape(bytes); }

absl::StatusOr<Bytes> FromBase64(absl::string_view text) {
  Bytes bytes;
  // Abseil forgives white space, missing padding and stray bits; encoding again shows whether it had to.
  if (!absl::Base64Unescape(text, &bytes) || ToBase64(bytes) != text) {
    return absl::InvalidArgumentError("text that is not strict base64");
  }
  return bytes;
}

absl::Status WrongSize(absl::string_view what, size_t want, size_t got) {
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", got, " bytes where ", want, " are needed"));
}

}  // namespace seinpost
