// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_TESTS_INTEGRATION_SIMULATED_SHARED_CLOCK_H_
#define SEINPOST_TESTS_INTEGRATION_SIMULATED_SHARED_CLOCK_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "util/clock.h"

namespace seinpost::test {

// What a simulated program reads the path of the file from that all clocks of a test share.
inline constexpr char kClockVariable[] = "SEINPOST_SIMULATED_CLOCK";

// One clock for several processes: the machine's, and so many seconds more as stand in a file, which any of
// them may change at any time. Thread-safe. Aborts if the file cannot be made or mapped.
class SharedClock final : public Clock {
 public:
  // Makes the file, with 0 seconds, if it is not there.
  explicit SharedClock(const std::string& path);
  ~SharedClock() override;
  SharedClock(const SharedClock&) = delete;
  SharedClock& operator=(const SharedClock&) = delete;
  // The one that kClockVariable names.
  static SharedClock OfEnvironment();

  absl::Time Now() const override;
  void SetAhead(absl::Duration ahead);
  absl::Duration ahead() const;

 private:
  std::atomic<int64_t>* seconds_;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_INTEGRATION_SIMULATED_SHARED_CLOCK_H_
