// SPDX-License-Identifier: EUPL-1.2
#include "tests/integration/simulated/shared_clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/time/clock.h"

namespace seinpost::test {

SharedClock::SharedClock(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  void* mapped = MAP_FAILED;
  if (fd >= 0 && ftruncate(fd, sizeof(*seconds_)) == 0) {
    mapped = mmap(nullptr, sizeof(*seconds_), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  if (mapped == MAP_FAILED) {
    std::fprintf(stderr, "no clock in '%s'\n", path.c_str());
    std::abort();
  }
  close(fd);
  seconds_ = static_cast<std::atomic<int64_t>*>(mapped);
}

SharedClock::~SharedClock() { munmap(seconds_, sizeof(*seconds_)); }

SharedClock SharedClock::OfEnvironment() {
  const char* path = std::getenv(kClockVariable);
  return SharedClock(path == nullptr ? "" : path);
}

absl::Time SharedClock::Now() const { return absl::Now() + ahead(); }
void SharedClock::SetAhead(absl::Duration ahead) { *seconds_ = absl::ToInt64Seconds(ahead); }
absl::Duration SharedClock::ahead() const { return absl::Seconds(seconds_->load()); }

}  // namespace seinpost::test
