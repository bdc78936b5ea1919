// SPDX-License-Identifier: EUPL-1.2
// seinpostd, but for the clock it lives by and the pace of its maintenance.
#include "crypto/process.h"
#include "server/program/command_line.h"
#include "tests/integration/simulated/shared_clock.h"
#include "util/own_process.h"

int main(int argc, char** argv) {
  seinpost::OccupyStandardStreams();
  seinpost::ForbidCoreDumps();
  seinpost::crypto::StartProcess();
  const seinpost::test::SharedClock clock = seinpost::test::SharedClock::OfEnvironment();
  return seinpost::server::RunCommandLine(argc, argv, {clock, absl::Milliseconds(20)});
}
