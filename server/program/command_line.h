// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_PROGRAM_COMMAND_LINE_H_
#define SEINPOST_SERVER_PROGRAM_COMMAND_LINE_H_

#include "absl/time/time.h"
#include "server/broker/broker.h"
#include "util/clock.h"

namespace seinpost::server {

// The time the broker lives by. seinpostd takes the machine's; a test decides what time it is.
struct Rhythm {
  const Clock& clock;
  absl::Duration maintenance_every = kMaintenanceEvery;
};

// What `seinpostd` does with its arguments (docs/operations.md); returns the exit code: 0 done, 1 failed, 2
// wrong usage or configuration, 5 damaged, 6 deaf. Once per process: it sets signals, umask and log.
int RunCommandLine(int argc, char** argv, const Rhythm& rhythm);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_COMMAND_LINE_H_
