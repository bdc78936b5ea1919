// SPDX-License-Identifier: EUPL-1.2
// The command line (README "Command line"): a contract that scripts rely on; add, but don't rename.
#ifndef SEINPOST_CLIENT_COMMAND_LINE_COMMAND_LINE_H_
#define SEINPOST_CLIENT_COMMAND_LINE_COMMAND_LINE_H_

#include <iosfwd>
#include <string>
#include <vector>

#include "client/command_line/parser.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// Adds whoami, status, directory, may-i and signal.
void AddSignalCommands(Flags app);
// Adds lab, convenant, org, device, audit and completion (admin.cc), of which:
void AddAdminCommands(Flags app);
void AddConvenantCommands(Flags app);  // convenant.cc
void AddOrgCommands(Flags app);        // org and device: org.cc
// To the group `device`: restore, pass-on and exposure (device.cc).
void AddDeviceKeyCommands(Flags device);
void AddProfileCommands(Flags app);  // device.cc

// Parses `arguments` (without the program's name), runs the command and returns the exit code. `stop`, which
// may be null, ends it.
int RunCommandLine(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                   std::ostream& err, const Clock& clock, const Interrupt* stop);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_COMMAND_LINE_COMMAND_LINE_H_
