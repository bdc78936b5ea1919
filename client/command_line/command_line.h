// SPDX-License-Identifier: EUPL-1.2
// The command line (README "Command line"): a contract that scripts rely on; add, but don't rename. Only
// command_line_*.cc may include CLI11, which is slow to compile.
#ifndef SEINPOST_CLIENT_COMMAND_LINE_COMMAND_LINE_H_
#define SEINPOST_CLIENT_COMMAND_LINE_COMMAND_LINE_H_

#include <atomic>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/terminal/context.h"

namespace CLI {
class App;
}

namespace seinpost::client {

// What parsing finds: the command to run. A subcommand's callback sets `run`; the arguments it needs are
// owned by the function object (a shared_ptr to the parsed struct).
struct Invocation {
  std::function<absl::Status(Context&)> run;
};

// Adds whoami, status, directory, may-i and signal.
void AddSignalCommands(CLI::App& app, Invocation& invocation);
// Adds lab, convenant, org, device, audit and completion (command_line_admin.cc), of which:
void AddAdminCommands(CLI::App& app, Invocation& invocation);
void AddConvenantCommands(CLI::App& app, Invocation& invocation);  // command_line_convenant.cc
void AddOrgCommands(CLI::App& app, Invocation& invocation);        // org and device: command_line_org.cc
// To the group `device`: restore, pass-on and exposure (command_line_device.cc).
void AddDeviceKeyCommands(CLI::App& device, Invocation& invocation);

// Parses `arguments` (without the program's name), runs the command and returns the exit code.
int RunCommandLine(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                   std::ostream& err, const Clock& clock, const std::atomic<bool>* stop);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_COMMAND_LINE_COMMAND_LINE_H_
