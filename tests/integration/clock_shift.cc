// SPDX-License-Identifier: EUPL-1.2
// Preloaded into a program under test: its clock is SEINPOST_TEST_CLOCK_SHIFT seconds from the machine's. Not
// for programs built with a sanitizer, which want to be loaded first.
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace {

long Shift() {
  const char* value = std::getenv("SEINPOST_TEST_CLOCK_SHIFT");
  return value == nullptr ? 0 : std::atol(value);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const int failed = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
  if (failed == 0 && clock == CLOCK_REALTIME) now->tv_sec += Shift();
  return failed;
}

int gettimeofday(timeval* now, void* /*zone*/) noexcept {
  timespec exact;
  if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* now) noexcept {
  timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (now != nullptr) *now = exact.tv_sec;
  return exact.tv_sec;
}
}
