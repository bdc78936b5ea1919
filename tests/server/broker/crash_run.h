// SPDX-License-Identifier: EUPL-1.2
// A broker that dies at a chosen file operation, in a process of its own.
#ifndef SEINPOST_TESTS_SERVER_BROKER_CRASH_RUN_H_
#define SEINPOST_TESTS_SERVER_BROKER_CRASH_RUN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "storage/fault_file_system.h"

namespace seinpost::test {

struct CrashRun {
  int exit_code = 0;         // kCrashExitCode: it crashed
  std::string acknowledged;  // what the body wrote before it ended
  int64_t operations = 0;    // counted, if it did not crash
};

// Runs `body` in a child process that has no threads but its own and writes into `place`, a directory; it
// crashes at file operation `exit_at` (0: never). What the world was promised the body writes to the stream,
// line by line, the moment it is promised.
CrashRun RunInChild(
    const std::string& place, int64_t exit_at,
    const std::function<void(const std::shared_ptr<CrashingEnv>& env, std::ostream& acknowledged)>& body);

// Copies data, keys and anchor of the broker in `from` to the fresh directory `to`.
void CopyBroker(const std::string& from, const std::string& to);

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_SERVER_BROKER_CRASH_RUN_H_
