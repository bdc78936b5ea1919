// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/clock_check.h"

#include "trust/directory.h"

namespace seinpost::client {

ClockCheck CheckClock(absl::Time now, std::optional<absl::Time> checkpoint,
                      std::optional<absl::Duration> ahead_of_broker) {
  ClockCheck check{.ahead_of_broker = ahead_of_broker, .ahead_of_checkpoint = std::nullopt};
  if (checkpoint.has_value()) {
    check.ahead_of_checkpoint = now - *checkpoint;
    check.behind_log = *check.ahead_of_checkpoint < -trust::kClockSkew;
    check.far_ahead = *check.ahead_of_checkpoint > kLongAbsence;
    check.broker_behind_log =
        ahead_of_broker.has_value() && now - *ahead_of_broker < *checkpoint - trust::kClockSkew;
  }
  const bool by_broker = ahead_of_broker.has_value() && !check.broker_behind_log;
  check.ok = !check.behind_log &&
             (by_broker ? absl::AbsDuration(*ahead_of_broker) <= trust::kClockSkew : !check.far_ahead);
  return check;
}

}  // namespace seinpost::client
