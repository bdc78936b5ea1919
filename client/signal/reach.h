// SPDX-License-Identifier: EUPL-1.2
// Whom a signal will not reach, known before it is sealed.
#ifndef SEINPOST_CLIENT_SIGNAL_REACH_H_
#define SEINPOST_CLIENT_SIGNAL_REACH_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/profile/state.h"
#include "client/terminal/context.h"
#include "envelope/seal.h"
#include "trust/directory.h"

namespace seinpost::client {

// A member with a device that a part cannot be sealed to, for want of a prekey.
struct UnreachedMember {
  std::string member;               // "party/handle"
  std::optional<absl::Time> since;  // when his last prekey ended; absent: there never was one
};

// Each member once, sorted; the sender himself is not told.
std::vector<UnreachedMember> UnreachedBy(const envelope::SignalPlan& plan, const trust::Directory& directory,
                                         const trust::Member& sender);
// "party/handle (since when), …" for people.
std::string NamesOf(const std::vector<UnreachedMember>& unreached, Language language);

// kFailedPrecondition: one of the members has a device that a lost tail of the log revoked, and the directory
// does not say so yet: nothing may be sealed to it, and it may not be left out.
absl::Status CheckNoneRevoked(const envelope::SignalPlan& plan, const trust::Directory& directory,
                              const StateData& data, Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_REACH_H_
