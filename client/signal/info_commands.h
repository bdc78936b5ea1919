// SPDX-License-Identifier: EUPL-1.2
// `whoami`, `status` and `directory`, told: what is asked is in info.h. Each prints its result and returns
// OK, or returns what went wrong.
#ifndef SEINPOST_CLIENT_SIGNAL_INFO_COMMANDS_H_
#define SEINPOST_CLIENT_SIGNAL_INFO_COMMANDS_H_

#include <string>

#include "absl/status/status.h"
#include "client/terminal/context.h"

namespace seinpost::client {

absl::Status WhoAmI(Context& context);
// Exit code 4 when the broker is away; the result is printed all the same.
absl::Status Status(Context& context);
absl::Status ShowDirectory(Context& context, const std::string& channel);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_INFO_COMMANDS_H_
