// SPDX-License-Identifier: EUPL-1.2
// Printing results: one JSON value on stdout with --json, text for people otherwise. Shapes:
// docs/formats/json.md.
#ifndef SEINPOST_CLIENT_TERMINAL_OUTPUT_H_
#define SEINPOST_CLIENT_TERMINAL_OUTPUT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
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

// OK when all that was printed as a result has been handed to the system; else a failure (exit 1) that says
// so. What could not be written was not shown, and must not count as read.
absl::Status CheckWritten(const Context& context);
// The same, and what went into a file is on its disk.
absl::Status CheckOnDisk(const Context& context);

// Told now and then how much is done, of how much; shows it on stderr. Empty unless that is a terminal.
using TellProgress = std::function<void(uint64_t done, uint64_t all)>;
TellProgress ProgressOf(const Context& context, absl::string_view what);

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
