// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_HEALTH_RETRY_PACE_H_
#define SEINPOST_SERVER_HEALTH_RETRY_PACE_H_

#include <algorithm>

#include "absl/time/time.h"

namespace seinpost::server {

// RetryPace says when what failed may be tried again: after five seconds, then each time after twice as long,
// at most five minutes. A clock set back does not put it off for longer than that. Not thread-safe.
class RetryPace {
 public:
  static constexpr absl::Duration kFirst = absl::Seconds(5);
  static constexpr absl::Duration kLongest = absl::Minutes(5);

  // False too when asked for the first time since Reset(): the time begins to count.
  bool Due(absl::Time now) {
    if (wait_ == absl::ZeroDuration()) {
      wait_ = kFirst;
      since_ = now;
    }
    since_ = std::min(since_, now);
    return now - since_ >= wait_;
  }
  void Failed(absl::Time now) {
    since_ = now;
    wait_ = std::min(kLongest, 2 * wait_);
  }
  void Reset() { wait_ = absl::ZeroDuration(); }

 private:
  absl::Duration wait_;
  absl::Time since_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_HEALTH_RETRY_PACE_H_
