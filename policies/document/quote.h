// SPDX-License-Identifier: EUPL-1.2
// Words of a file inside a message about that file.
#ifndef SEINPOST_POLICIES_DOCUMENT_QUOTE_H_
#define SEINPOST_POLICIES_DOCUMENT_QUOTE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace seinpost::policies {

// `text` (UTF-8) in double quotes on one line: control characters are escaped, and what is longer than 60
// bytes is cut between two characters and ends in "…".
std::string Quote(absl::string_view text);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DOCUMENT_QUOTE_H_
