// SPDX-License-Identifier: EUPL-1.2
#include "server/retention/retention_clock.h"

#include <algorithm>

namespace seinpost::server {

ClockVerdict JudgeClock(const std::optional<RetentionClockRow>& known, absl::Time now) {
  if (!known) return {true, false, {now}};
  ClockVerdict verdict{false, false, *known};
  RetentionClockRow& row = verdict.row;
  if (now <= row.trusted + kFarAhead) {
    // A clock that was set back for good is followed, so that setting it forward again is a jump.
    const bool set_back = now < row.trusted - kFarAhead;
    row = {set_back ? now : std::max(row.trusted, now)};
    verdict.go = true;
    return verdict;
  }
  const bool first = row.held_since == absl::UnixEpoch();
  if (first || now < row.held_at - kFarAhead || now > row.held_at + kFarAhead) {
    row.held_since = now;
    verdict.newly_held = true;
  }
  row.held_at = now;
  if (now - row.held_since < kHeldFor) return verdict;
  row = {now};
  verdict.go = true;
  return verdict;
}

}  // namespace seinpost::server
