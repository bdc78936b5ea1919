// SPDX-License-Identifier: EUPL-1.2
// The sentences partners read, in Dutch and English. Administrators' messages are English only.
#ifndef SEINPOST_CLIENT_TERMINAL_TEXTS_H_
#define SEINPOST_CLIENT_TERMINAL_TEXTS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "policies/decide/decide.h"

namespace seinpost::client {

enum class Text {
#define SEINPOST_TEXT(name, nl, en) name,
#include "client/terminal/texts.inc"
#undef SEINPOST_TEXT
};

// How many there are.
inline constexpr size_t kTexts = 0
#define SEINPOST_TEXT(name, nl, en) +1  // NOLINT(bugprone-macro-parentheses): a term of the sum
#include "client/terminal/texts.inc"
#undef SEINPOST_TEXT
    ;

// The sentence. "%s" in it is filled by the caller with absl::Substitute-like "$0", "$1".
absl::string_view TextOf(Text text, policies::Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_TEXTS_H_
