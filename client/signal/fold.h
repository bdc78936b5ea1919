// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_SIGNAL_FOLD_H_
#define SEINPOST_CLIENT_SIGNAL_FOLD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace seinpost::client {

// Text without case, compatibility forms (Unicode NFKC_Casefold) and diacritics, UTF-8; any white space
// becomes one space. Bytes that are not UTF-8 become U+FFFD.
std::string Fold(absl::string_view text);

// A text that is searched for what must not stand in it. Immutable; thread-safe.
class FoldedText {
 public:
  explicit FoldedText(absl::string_view text);

  // Whether the words of `value` stand in the text one after the other, whole; a possessive "s" or "'s" may
  // follow. A value of fewer than two letters never does: it would be anywhere.
  bool HasWords(absl::string_view value) const;
  // Whether the digits of `value`, at least five, stand in the text, whatever stands between them.
  bool HasNumber(absl::string_view value) const;

 private:
  std::string folded_;  // words apart by one space, in spaces
  std::string digits_;  // runs of digits without the spaces, dots and dashes inside; apart by spaces
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_FOLD_H_
