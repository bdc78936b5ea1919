// SPDX-License-Identifier: EUPL-1.2
#include "policies/document/quote.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace seinpost::policies {

std::string Quote(absl::string_view text) {
  constexpr size_t kMax = 60;
  const bool cut = text.size() > kMax;
  if (cut) {
    size_t end = kMax;
    while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text), cut ? "…" : "", "\"");
}

}  // namespace seinpost::policies
