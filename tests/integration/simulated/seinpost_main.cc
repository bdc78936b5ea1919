// SPDX-License-Identifier: EUPL-1.2
// seinpost, but for the clock it lives by.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "client/command_line/command_line.h"
#include "crypto/process.h"
#include "tests/integration/simulated/shared_clock.h"
#include "util/own_process.h"

int main(int argc, char** argv) {
  seinpost::OccupyStandardStreams();
  seinpost::ForbidCoreDumps();
  seinpost::crypto::StartProcess();
  setenv("GRPC_VERBOSITY", "NONE", 0);
  const seinpost::test::SharedClock clock = seinpost::test::SharedClock::OfEnvironment();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return seinpost::client::RunCommandLine(arguments, std::cin, std::cout, std::cerr, clock, nullptr);
}
