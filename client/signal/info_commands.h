// SPDX-License-Identifier: EUPL-1.2
// `whoami`, `status` and `directory`: who am I, is all well, who else is there. Shapes: docs/formats/json.md.
#ifndef SEINPOST_CLIENT_SIGNAL_INFO_COMMANDS_H_
#define SEINPOST_CLIENT_SIGNAL_INFO_COMMANDS_H_

#include <string>

#include "absl/status/status.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// Works without the broker, from what was verified last.
absl::Status WhoAmI(Context& context);
// Shows what there is to show even when the broker is away; exit code 4 then.
absl::Status Status(Context& context);
// Everyone, or the members of one channel. kInvalidArgument: no such channel; the text lists what exists.
absl::Status ShowDirectory(Context& context, const std::string& channel);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_INFO_COMMANDS_H_
