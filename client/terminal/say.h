// SPDX-License-Identifier: EUPL-1.2
// What a command does and how that is told are two functions. The first gives a typed result, which a page
// can show as well; ToJson and ToText of that result, beside each other in a file of words, are the one place
// where its JSON (docs/formats/json.md) and its sentences are made.
#ifndef SEINPOST_CLIENT_TERMINAL_SAY_H_
#define SEINPOST_CLIENT_TERMINAL_SAY_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/terminal/output.h"

namespace seinpost::client {

// Prints what was done: ToJson(result) with --json, else ToText(result, language). An error is passed on;
// what cannot be written is one.
template <typename Result>
absl::Status Say(const Context& context, const absl::StatusOr<Result>& done) {
  if (!done.ok()) return done.status();
  if (context.json) {
    PrintJson(context, ToJson(*done));
  } else {
    PrintText(context, ToText(*done, context.language));
  }
  return CheckWritten(context);
}

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_SAY_H_
