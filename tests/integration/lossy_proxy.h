// SPDX-License-Identifier: EUPL-1.2
// Stands between clients and a broker on loopback and loses answers, as a bad line does.
#ifndef SEINPOST_TESTS_INTEGRATION_LOSSY_PROXY_H_
#define SEINPOST_TESTS_INTEGRATION_LOSSY_PROXY_H_

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace seinpost::test {

// Passes bytes on, to and from `broker` ("127.0.0.1:port"), on a port that the system picks. Aborts when it
// cannot. Thread-safe.
class LossyProxy {
 public:
  explicit LossyProxy(const std::string& broker);
  ~LossyProxy();
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  const std::string& address() const { return address_; }

  // From now on: once `bytes` have gone to the broker on one connection, nothing comes back on it. What goes
  // to the broker still does.
  void LoseAnswersAfter(size_t bytes) { lose_after_ = bytes; }
  void LoseNothing() { lose_after_ = kNever; }
  // Ends the connections that there are.
  void CutOff();

 private:
  static constexpr size_t kNever = static_cast<size_t>(-1);
  void Accept();
  void Serve(int client);

  int listener_ = -1;
  int broker_port_ = 0;
  std::string address_;
  std::atomic<size_t> lose_after_{kNever};
  std::atomic<bool> over_{false};
  std::mutex mutex_;
  std::vector<int> open_;             // sockets, guarded by mutex_
  std::vector<std::thread> serving_;  // guarded by mutex_ until the end
  std::thread accepting_;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_INTEGRATION_LOSSY_PROXY_H_
