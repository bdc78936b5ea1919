// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/texts.h"

namespace seinpost::client {
namespace {

struct Entry {
  absl::string_view nl, en;
};

constexpr Entry kEntries[] = {
#define SEINPOST_TEXT(name, nl, en) {nl, en},
#include "client/terminal/texts.inc"
#undef SEINPOST_TEXT
};

}  // namespace

absl::string_view TextOf(Text text, policies::Language language) {
  const Entry& entry = kEntries[static_cast<size_t>(text)];
  return language == policies::Language::kDutch ? entry.nl : entry.en;
}

}  // namespace seinpost::client
