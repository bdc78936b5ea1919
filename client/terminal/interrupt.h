// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_TERMINAL_INTERRUPT_H_
#define SEINPOST_CLIENT_TERMINAL_INTERRUPT_H_

#include <atomic>

#include "absl/time/time.h"

namespace seinpost::client {

// Interrupt is the wish of whoever runs a command that it ends now: Ctrl-C, or a signal that asks the process
// to end. Everything that waits (a prompt, a call, a pause) looks at it and gives up at once; what is being
// written is finished or undone. Once raised it stays. Thread-safe.
class Interrupt {
 public:
  Interrupt();  // aborts if the system has no descriptor left
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // `signal` is SIGINT or another one, above 0; the first counts. May be called in a signal handler. Returns
  // whether it was the first.
  bool Raise(int signal) noexcept;
  bool raised() const { return signal() != 0; }
  int signal() const { return signal_.load(); }  // 0: not raised
  // Readable, for poll(2), from when it is raised.
  int fd() const { return fd_; }
  // Waits for it, at most so long. Returns whether it was raised.
  bool WaitFor(absl::Duration time) const;

  // A command that does not end by itself is ended after this time. One that has something to undo first, a
  // process that it started, asks for more.
  static constexpr unsigned kGraceSeconds = 1;
  void GiveTime(unsigned seconds) const { grace_seconds_ = seconds; }
  unsigned grace_seconds() const { return grace_seconds_.load(); }

 private:
  int fd_ = -1;
  std::atomic<int> signal_{0};
  mutable std::atomic<unsigned> grace_seconds_{kGraceSeconds};
  static_assert(std::atomic<int>::is_always_lock_free, "set in a signal handler");
};

// From now on SIGINT, SIGTERM, SIGQUIT and SIGHUP raise `interrupt`, the last but where nohup(1) had it
// ignored. If the process has not ended when the grace is over, it ends there and then, with
// the terminal as it was (prompt.h) and code 128 + signal. Once per process; `interrupt` lives as long as the
// process.
void RaiseOnSignals(Interrupt& interrupt);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_INTERRUPT_H_
