// SPDX-License-Identifier: EUPL-1.2
// Whose clock is it? Three times are compared: this device's, the broker's word, and the newest checkpoint
// that this device has verified, before which no clock can rightly be. Pure; thread-safe.
#ifndef SEINPOST_CLIENT_BROKER_CLOCK_CHECK_H_
#define SEINPOST_CLIENT_BROKER_CLOCK_CHECK_H_

#include <optional>

#include "absl/time/time.h"

namespace seinpost::client {

// How far a device's clock may be from the last it saw of the log before that is told: a long absence, or a
// clock that is wrong.
inline constexpr absl::Duration kLongAbsence = absl::Hours(60 * 24);

struct ClockCheck {
  std::optional<absl::Duration> ahead_of_broker;      // as the broker said; nothing: not asked
  std::optional<absl::Duration> ahead_of_checkpoint;  // nothing: none seen
  bool behind_log = false;                            // this device's clock stands before the checkpoint
  bool far_ahead = false;                             // kLongAbsence after it
  bool broker_behind_log = false;                     // the broker's clock stands before its own checkpoint
  // Not behind the log, and as the broker's; where the broker's cannot be had, or is wrong itself, not far
  // ahead.
  bool ok = true;
};

// All but the time of this device may be absent.
ClockCheck CheckClock(absl::Time now, std::optional<absl::Time> checkpoint,
                      std::optional<absl::Duration> ahead_of_broker);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_CLOCK_CHECK_H_
