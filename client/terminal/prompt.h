// SPDX-License-Identifier: EUPL-1.2
// What is typed: secrets, answers, a text. Every wait ends at once when the command is interrupted.
#ifndef SEINPOST_CLIENT_TERMINAL_PROMPT_H_
#define SEINPOST_CLIENT_TERMINAL_PROMPT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "client/terminal/context.h"
#include "util/bytes.h"

namespace seinpost::client {

// Asks on the terminal, without showing what is typed; the line without its end, at most `max_bytes`, which
// the caller wipes. Whoever stops the process meanwhile (Ctrl-Z) finds his terminal as it was, and is asked
// anew when it goes on. kCancelled: interrupted.
absl::StatusOr<Bytes> AskSecretly(const Context& context, absl::string_view question, size_t max_bytes);

// A line of the context's input without its end, empty at the end of the input. kCancelled: interrupted.
absl::StatusOr<std::string> ReadLine(const Context& context);

// All of the context's input. kResourceExhausted: it is longer. kCancelled: interrupted.
absl::StatusOr<Bytes> ReadInput(const Context& context, size_t max_bytes);

// A secret out of a file (util/secure_file.h) or a pipe, at most `max_bytes`, which the caller wipes. A pipe
// is waited for till its writer closes it. kCancelled: interrupted.
absl::StatusOr<Bytes> ReadSecretFile(const Context& context, const std::string& path, size_t max_bytes);

// Puts the terminal back as it was before AskSecretly(), if it is asking. May be called in a signal handler.
void RestoreTerminal() noexcept;

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_PROMPT_H_
