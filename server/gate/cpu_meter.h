// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_CPU_METER_H_
#define SEINPOST_SERVER_GATE_CPU_METER_H_

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace seinpost::server {

// CpuMeter tells how long the thread that made it has computed since, waits not counted: what a caller's work
// is charged for (Quotas::cpu_microseconds). Use on that thread.
class CpuMeter {
 public:
  CpuMeter() : begun_(Now()) {}
  // At least 1.
  uint64_t microseconds() const { return std::max<uint64_t>(1, Now() - begun_); }

 private:
  static uint64_t Now() {
    timespec time{};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000 + static_cast<uint64_t>(time.tv_nsec) / 1000;
  }

  const uint64_t begun_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_CPU_METER_H_
