// SPDX-License-Identifier: EUPL-1.2
#include "tools/leak_search/patterns.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace seinpost::tools {
namespace {

// UTF-8 to UTF-16, little endian. Needles are our own test sentences, so well-formed.
Bytes Utf16(ByteView text, bool little_endian) {
  Bytes out;
  const auto put = [&](uint32_t unit) {
    const char high = static_cast<char>(unit >> 8);
    const char low = static_cast<char>(unit & 0xff);
    out += little_endian ? low : high;
    out += little_endian ? high : low;
  };
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t point = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (size_t j = 1; j < length && i + j < text.size(); ++j) {
      point = point << 6 | (static_cast<uint8_t>(text[i + j]) & 0x3f);
    }
    i += length;
    if (point >= 0x10000) {
      put(0xd800 + ((point - 0x10000) >> 10));
      put(0xdc00 + ((point - 0x10000) & 0x3ff));
    } else {
      put(point);
    }
  }
  return out;
}

// The characters of base64(x || needle || y), |x| % 3 == offset, that depend on the needle alone.
Bytes Base64At(ByteView needle, size_t offset, bool url_safe) {
  const Bytes padded = absl::StrCat(std::string(offset, '\0'), needle);
  Bytes text = url_safe ? absl::WebSafeBase64Escape(padded) : absl::Base64Escape(padded);
  while (!text.empty() && text.back() == '=') text.pop_back();
  const size_t whole = padded.size() / 3 * 4;  // characters that no byte after the needle changes
  text.resize(std::min(text.size(), whole));
  return text.substr(offset == 0 ? 0 : offset + 1);
}

}  // namespace

std::vector<Pattern> PatternsOf(size_t index, ByteView needle) {
  std::vector<Pattern> patterns = {
      {index, "raw", Bytes(needle)},
      {index, "hex", ToHex(needle)},
      {index, "HEX", absl::AsciiStrToUpper(ToHex(needle))},
      {index, "utf-16le", Utf16(needle, true)},
      {index, "utf-16be", Utf16(needle, false)},
  };
  for (size_t offset = 0; offset < 3; ++offset) {
    const Bytes standard = Base64At(needle, offset, false);
    const Bytes url_safe = Base64At(needle, offset, true);
    patterns.push_back({index, absl::StrCat("base64+", offset), standard});
    if (url_safe != standard) patterns.push_back({index, absl::StrCat("base64url+", offset), url_safe});
  }
  return patterns;
}

uint32_t PatternSet::Prefix(const char* bytes) {
  return static_cast<uint32_t>(static_cast<uint8_t>(bytes[0])) << 16 |
         static_cast<uint32_t>(static_cast<uint8_t>(bytes[1])) << 8 | static_cast<uint8_t>(bytes[2]);
}

PatternSet::PatternSet(std::vector<Pattern> patterns)
    : patterns_(std::move(patterns)), starts_(size_t{1} << 24, false) {
  for (size_t i = 0; i < patterns_.size(); ++i) {
    const Bytes& bytes = patterns_[i].bytes;
    if (bytes.size() < 4) std::abort();
    longest_ = std::max(longest_, bytes.size());
    const uint32_t prefix = Prefix(bytes.data());
    starts_[prefix] = true;
    by_prefix_.emplace_back(prefix, i);
  }
  std::sort(by_prefix_.begin(), by_prefix_.end());
}

void PatternSet::Search(ByteView data, std::set<size_t>& found) const {
  if (data.size() < 3) return;
  for (size_t at = 0; at + 3 <= data.size(); ++at) {
    const uint32_t prefix = Prefix(data.data() + at);
    if (!starts_[prefix]) continue;
    auto it = std::lower_bound(by_prefix_.begin(), by_prefix_.end(), std::make_pair(prefix, size_t{0}));
    for (; it != by_prefix_.end() && it->first == prefix; ++it) {
      const Bytes& bytes = patterns_[it->second].bytes;
      if (data.size() - at >= bytes.size() &&
          std::memcmp(data.data() + at, bytes.data(), bytes.size()) == 0) {
        found.insert(it->second);
      }
    }
  }
}

}  // namespace seinpost::tools
