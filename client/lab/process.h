// SPDX-License-Identifier: EUPL-1.2
// Starting and stopping the programs of a lab (client/lab/lab.h). Linux. Not for several threads at once.
#ifndef SEINPOST_CLIENT_LAB_PROCESS_H_
#define SEINPOST_CLIENT_LAB_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/terminal/interrupt.h"

namespace seinpost::client {

// The program `name` that lies beside the running one; the environment variable `variable`, if set, overrides
// it. kNotFound: it is not there, or not executable.
absl::StatusOr<std::string> FindProgram(const std::string& name, const char* variable);

// Runs a program to its end and returns what it printed on stdout, at most 1 MiB; its stderr is kept for the
// error text. kFailedPrecondition: it ended with another code than 0. kDeadlineExceeded: it did not end in
// time and was killed. kCancelled: the same because of `stop`, which may be null.
absl::StatusOr<std::string> RunProgram(const std::vector<std::string>& argv, absl::Duration timeout,
                                       const Interrupt* stop = nullptr);

// A process that outlives us, and how to know it again: a process id alone may have been given to another.
struct ProcessRef {
  pid_t pid = 0;
  uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat
};
// Whether that very process still runs.
bool IsRunning(const ProcessRef& process);
// SIGTERM, and SIGKILL after `grace`. OK when it no longer runs, whether or not it did before.
absl::Status Stop(const ProcessRef& process, absl::Duration grace);

// DaemonProcess starts a program in a session of its own, with stdin closed, stderr appended to a log file
// and stdout as a pipe on which it says that it is ready. The destructor stops it unless it was released.
class DaemonProcess {
 public:
  static absl::StatusOr<DaemonProcess> Start(const std::vector<std::string>& argv,
                                             const std::string& log_file);
  DaemonProcess(DaemonProcess&& other) noexcept;
  DaemonProcess& operator=(DaemonProcess&&) = delete;
  ~DaemonProcess();

  // The first line on its stdout. kFailedPrecondition: it ended first; the text says with what, and the end
  // of its log. kDeadlineExceeded: it said nothing in time. kCancelled: `stop`, which may be null, was
  // raised.
  absl::StatusOr<std::string> ReadyLine(absl::Duration timeout, const Interrupt* stop = nullptr);
  const ProcessRef& process() const { return process_; }
  // Lets it live on.
  void Release() { released_ = true; }

 private:
  DaemonProcess(ProcessRef process, int fd, std::string log_file)
      : process_(process), fd_(fd), log_file_(std::move(log_file)) {}
  ProcessRef process_;
  int fd_ = -1;
  std::string log_file_;
  bool released_ = false;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_LAB_PROCESS_H_
