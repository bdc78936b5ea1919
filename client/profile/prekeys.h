// SPDX-License-Identifier: EUPL-1.2
// Prekeys of this device: one per retention class and calendar month (UTC), published for the current month
// and four ahead, so that a device that stays off through a school holiday can still be sealed to. Their
// secrets are destroyed when delete_after has passed; that, not a deleted row, makes expired signals
// unreadable. One that was published and whose secret is not here (the profile was put back from a copy, or
// damaged) is replaced (docs/formats/directory.md): what is sealed to it cannot be opened here.
#ifndef SEINPOST_CLIENT_PROFILE_PREKEYS_H_
#define SEINPOST_CLIENT_PROFILE_PREKEYS_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/profile/profile.h"
#include "trust/directory.h"

namespace seinpost::client {

inline constexpr int kPrekeyMonths = 5;

// Makes the prekeys that `directory` lacks for this profile's device at `now`, and those that replace what
// has no secret here, stores their secrets in the profile first, and returns the signed objects to publish.
// Secrets made earlier that never were published are published now, not made again. Empty: nothing to do.
// kFailedPrecondition: the device is not certified in this directory.
absl::StatusOr<std::vector<Bytes>> RenewPrekeys(Profile& profile, const trust::Directory& directory,
                                                absl::Time now);

// Whether RenewPrekeys would publish something. False for a device that may not publish any.
bool PrekeysDue(const Profile& profile, const trust::Directory& directory, absl::Time now);

// Published prekeys of this profile's device whose secrets are not here.
struct PrekeysWithoutSecret {
  size_t sealed_to = 0;  // those that senders seal to, in this month and the ones ahead
  size_t for_good = 0;   // of those: replaced as often as is allowed
  size_t kept = 0;       // all whose delete_after is yet to come: signals may be sealed to them
};
PrekeysWithoutSecret FindPrekeysWithoutSecret(const Profile& profile, const trust::Directory& directory,
                                              absl::Time now);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_PROFILE_PREKEYS_H_
