// SPDX-License-Identifier: EUPL-1.2
// `seinpost completion SHELL`: a script that completes commands and flags, made from the command line's own
// tree, so that it cannot fall behind. Pure; thread-safe.
#ifndef SEINPOST_CLIENT_COMMAND_LINE_COMPLETION_H_
#define SEINPOST_CLIENT_COMMAND_LINE_COMPLETION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace seinpost::client {

struct CommandNode {
  std::string name;
  std::string description;
  std::vector<std::string> flags;  // "--json"
  std::vector<CommandNode> commands;
};

// kInvalidArgument: a shell other than bash, zsh and fish.
absl::StatusOr<std::string> CompletionScript(absl::string_view shell, const CommandNode& root);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_COMMAND_LINE_COMPLETION_H_
