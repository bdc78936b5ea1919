// SPDX-License-Identifier: EUPL-1.2
// What the command_line_*.cc share. Includes CLI11: nothing else may include this.
#ifndef SEINPOST_CLIENT_COMMAND_LINE_PARTS_H_
#define SEINPOST_CLIENT_COMMAND_LINE_PARTS_H_

#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "client/command_line/command_line.h"
#include "client/org/commands.h"

namespace seinpost::client {

// A command that fills an Args and runs `run` with it.
template <typename Args>
std::pair<CLI::App*, std::shared_ptr<Args>> Command(CLI::App& parent, const char* name, const char* help,
                                                    Invocation& invocation,
                                                    absl::Status (*run)(Context&, const Args&)) {
  CLI::App* command = parent.add_subcommand(name, help);
  auto args = std::make_shared<Args>();
  command->callback([&invocation, args, run] {
    invocation.run = [args, run](Context& context) { return run(context, *args); };
  });
  return {command, args};
}

inline CLI::App* Group(CLI::App& app, const char* name, const char* help) {
  CLI::App* group = app.add_subcommand(name, help);
  group->require_subcommand(1);
  return group;
}

struct NoArgs {};
struct FileArgs {
  std::string file;
};

inline void AddOrgFlags(CLI::App& command, OrgArgs& args) {
  command.add_option("--org", args.dir, "key directory of the organisation")->required();
  command.add_option("--broker", args.broker, "host:port; remembered");
  command.add_option("--tls-ca", args.tls_ca, "the broker's certificate authority, PEM; remembered");
}

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_COMMAND_LINE_PARTS_H_
