// SPDX-License-Identifier: EUPL-1.2
// What stands behind a flag, read in one way by every command. Errors are usage errors (exit 2).
#ifndef SEINPOST_CLIENT_TERMINAL_ARGUMENTS_H_
#define SEINPOST_CLIENT_TERMINAL_ARGUMENTS_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/terminal/context.h"
#include "util/bytes.h"

namespace seinpost::client {

inline constexpr size_t kMaxCaBytes = 64 * 1024;  // a file with a certificate authority

// A file that a flag names, at most `max_bytes`.
absl::StatusOr<Bytes> ReadArgumentFile(const std::string& path, size_t max_bytes);

// "DIR/plaats.expect.yaml" for "DIR/plaats.yaml" and ".expect.yaml".
std::string BesideConvenant(absl::string_view file, absl::string_view suffix);

// "2026-03-01" (midnight UTC) or RFC 3339. The error names the flag.
absl::StatusOr<absl::Time> ParseTimeFlag(absl::string_view text, absl::string_view flag);

// 16 bytes, of 32 hexadecimal digits; anything else is `error`.
absl::StatusOr<Bytes> ParseId(absl::string_view text, absl::string_view error);

// A public key of 32 bytes, of 64 hexadecimal digits. The error names the flag.
absl::StatusOr<Bytes> ParseKeyFlag(absl::string_view text, absl::string_view flag);

// Puts `question` on stderr and reads a line: whether it is a yes, in either language.
bool AskYes(const Context& context, absl::string_view question);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_ARGUMENTS_H_
