// SPDX-License-Identifier: EUPL-1.2
// Printing results: one JSON value on stdout with --json, text for people otherwise. Shapes:
// docs/formats/json.md.
#ifndef SEINPOST_CLIENT_TERMINAL_OUTPUT_H_
#define SEINPOST_CLIENT_TERMINAL_OUTPUT_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/terminal/context.h"
#include "client/terminal/json.h"

namespace seinpost::client {

// One value on one line, stdout, flushed. Never throws: bytes that are not UTF-8 become U+FFFD.
void PrintJson(const Context& context, const Json& value);
// `text` on stdout for people, with control characters other than line ends made visible, so that a received
// text cannot steer the terminal.
void PrintText(const Context& context, absl::string_view text);
// With --json the value, otherwise the text.
void Print(const Context& context, const Json& value, absl::string_view text);
// A remark on stderr, in both modes.
void Note(const Context& context, absl::string_view text);

// Columns padded to the widest cell (counted in code points), two spaces apart, a line each; the first row is
// the head.
std::string Table(const std::vector<std::vector<std::string>>& rows);
// `text` without what could steer a terminal: escape and control characters become U+FFFD; line ends and tabs
// stay.
std::string Printable(absl::string_view text);

// "2026-03-01T08:15:00Z".
std::string FormatUtc(absl::Time time);
// For people, in local time: "2026-03-01 09:15".
std::string FormatLocal(absl::Time time);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_OUTPUT_H_
