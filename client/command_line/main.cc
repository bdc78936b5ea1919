// SPDX-License-Identifier: EUPL-1.2
#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "client/command_line/command_line.h"
#include "client/terminal/interrupt.h"
#include "crypto/process.h"
#include "util/clock.h"
#include "util/own_process.h"

int main(int argc, char** argv) {
  seinpost::OccupyStandardStreams();
  seinpost::ForbidCoreDumps();
  seinpost::crypto::StartProcess();
  // gRPC's own messages are no sentences for the user; whoever wants them sets the variable.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  static seinpost::client::Interrupt interrupt;
  seinpost::client::RaiseOnSignals(interrupt);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error, like a full disk
  const seinpost::SystemClock clock;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return seinpost::client::RunCommandLine(arguments, std::cin, std::cout, std::cerr, clock, &interrupt);
}
