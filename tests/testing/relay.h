// SPDX-License-Identifier: EUPL-1.2
// A line between a client and a broker, on loopback, that can be slow or die without a word. For tests only:
// aborts on what must not fail. Thread-safe.
#ifndef SEINPOST_TESTS_TESTING_RELAY_H_
#define SEINPOST_TESTS_TESTING_RELAY_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace seinpost::test {

class Relay {
 public:
  // To `broker`, "127.0.0.1:port"; empty: to nobody, it accepts and says nothing.
  explicit Relay(std::string broker);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  const std::string& address() const { return address_; }
  void WaitForConnection() { connected_.WaitForNotification(); }
  // From now on nothing comes through, either way; connections stay as they are, as those of a frozen
  // process.
  void Freeze() { frozen_ = true; }
  // From now on so many bytes come through to the broker each time, with a pause after them.
  void Slow(size_t bytes, absl::Duration pause);

 private:
  void Run();

  const std::string broker_;
  std::string address_;
  int listener_ = -1, wake_ = -1;
  std::atomic<bool> frozen_{false};
  std::atomic<size_t> bytes_at_once_{64 * 1024};
  std::atomic<int64_t> pause_ms_{0};
  absl::Notification connected_;
  std::thread thread_;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_TESTING_RELAY_H_
