// SPDX-License-Identifier: EUPL-1.2
// The program's own log: starts, stops and errors of ours. No content, keys or identifiers; little on
// success. What happened to signals is in the audit log.
#ifndef SEINPOST_SERVER_PROGRAM_LOGGING_H_
#define SEINPOST_SERVER_PROGRAM_LOGGING_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace seinpost::server {

// Writes to `path`, appending, or to standard error if it is empty. kUnavailable: cannot be opened.
// Before, lines go to standard error. Call once, before there are other threads; logging itself is
// thread-safe.
absl::Status OpenLog(const std::string& path);
// Opens the file of that name again, for whoever rotates logs: lines go there from now on, and none is lost.
// Goes on with the old one when it cannot be opened (kUnavailable). Nothing to do on standard error. One
// thread at a time.
absl::Status ReopenLog();

void LogInfo(absl::string_view line);
void LogError(absl::string_view line);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_LOGGING_H_
