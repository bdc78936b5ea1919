// SPDX-License-Identifier: EUPL-1.2
// What a member still has to do about signals that he sent.
#ifndef SEINPOST_CLIENT_MAIL_DUTIES_H_
#define SEINPOST_CLIENT_MAIL_DUTIES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/session/session.h"

namespace seinpost::client {

// How long before its parts reach their cap a signal about a case is to be sent again.
inline constexpr absl::Duration kBeforeCap = absl::Hours(30 * 24);

struct Duty {
  enum class Kind {
    kUnreached,    // somebody whom the signal did not reach can be reached now: send it again
    kCap,          // its parts reach their cap soon: send it again before, if the case goes on
    kLost,         // the log lost its leaf: send it again
    kUnconfirmed,  // a device that should have it has not signed for it
  };
  Kind kind;
  Bytes signal_id;
  std::vector<std::string> members;  // whom it is about, "party/handle", sorted
  std::optional<absl::Time> until;   // kCap
};

// Sorted by signal's age. A duty to send again ends with a later signal of this member in the same case that
// reaches the same devices. No network.
absl::StatusOr<std::vector<Duty>> DutiesOf(Session& session);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_MAIL_DUTIES_H_
