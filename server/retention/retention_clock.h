// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_RETENTION_RETENTION_CLOCK_H_
#define SEINPOST_SERVER_RETENTION_RETENTION_CLOCK_H_

#include <optional>

#include "absl/time/time.h"
#include "server/rows/due_records.h"

namespace seinpost::server {

// A clock that is further ahead than this of the last time that it was believed has jumped, or the broker
// stood still for so long.
inline constexpr absl::Duration kFarAhead = absl::Hours(48);
// It is believed again after it has gone on from there, for this long, without another jump: time for
// somebody to look.
inline constexpr absl::Duration kHeldFor = absl::Hours(72);

// What may be destroyed by the broker's clock at `now`, and what is known after that. A mistake of the clock
// destroys nothing: what is destroyed does not come back when the clock does. Pure.
struct ClockVerdict {
  bool go = false;          // destroy what is due at `now`
  bool newly_held = false;  // tell somebody
  RetentionClockRow row;    // to be kept
};
ClockVerdict JudgeClock(const std::optional<RetentionClockRow>& known, absl::Time now);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RETENTION_RETENTION_CLOCK_H_
