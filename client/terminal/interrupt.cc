// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include "client/terminal/prompt.h"
#include "util/clock.h"

namespace seinpost::client {
namespace {

Interrupt* of_process = nullptr;  // set before the handlers are

extern "C" void OnSignal(int signal) {
  const int kept = errno;
  if (of_process->Raise(signal)) alarm(of_process->grace_seconds());
  errno = kept;
}

extern "C" void OnAlarm(int /*signal*/) {
  RestoreTerminal();
  _exit(128 + of_process->signal());
}

// Without SA_RESTART: what waits in the kernel comes back.
void Handle(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) std::abort();
}

Interrupt::~Interrupt() { close(fd_); }

bool Interrupt::Raise(int signal) noexcept {
  int none = 0;
  const bool first = signal_.compare_exchange_strong(none, signal);
  const uint64_t one = 1;
  if (first && write(fd_, &one, sizeof one) != sizeof one) std::abort();
  return first;
}

bool Interrupt::WaitFor(absl::Duration time) const {
  const SteadyClock clock;
  const absl::Time until = clock.Now() + time;
  for (absl::Time now = clock.Now(); !raised() && now < until; now = clock.Now()) {
    pollfd wait{fd_, POLLIN, 0};
    // Rounded up, so that the last part of a millisecond is no busy loop.
    const int64_t milliseconds = absl::ToInt64Milliseconds(until - now) + 1;
    poll(&wait, 1, static_cast<int>(std::min<int64_t>(milliseconds, 60'000)));
  }
  return raised();
}

void RaiseOnSignals(Interrupt& interrupt) {
  of_process = &interrupt;
  Handle(SIGALRM, OnAlarm);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    struct sigaction before{};
    const bool ignored = sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
    if (signal == SIGHUP && ignored) continue;
    Handle(signal, OnSignal);
  }
}

}  // namespace seinpost::client
