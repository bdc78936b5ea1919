// SPDX-License-Identifier: EUPL-1.2
// seinpostd: the broker as a program.
#include "crypto/process.h"
#include "server/program/command_line.h"
#include "util/clock.h"
#include "util/own_process.h"

int main(int argc, char** argv) {
  seinpost::OccupyStandardStreams();
  seinpost::ForbidCoreDumps();
  seinpost::crypto::StartProcess();
  const seinpost::SystemClock clock;
  return seinpost::server::RunCommandLine(argc, argv, {clock});
}
