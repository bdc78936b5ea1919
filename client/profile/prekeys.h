// SPDX-License-Identifier: EUPL-1.2
// Prekeys of this device: one per retention class and calendar month (UTC), published for the current month
// and four ahead, so that a device that stays off through a school holiday can still be sealed to. Their
// secrets are destroyed when delete_after has passed; that, not a deleted row, makes expired signals
// unreadable.
#ifndef SEINPOST_CLIENT_PROFILE_PREKEYS_H_
#define SEINPOST_CLIENT_PROFILE_PREKEYS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/profile/profile.h"
#include "trust/directory.h"

namespace seinpost::client {

inline constexpr int kPrekeyMonths = 5;

// Makes the prekeys that `directory` lacks for this profile's device at `now`, stores their secrets in the
// profile first, destroys secrets that are past delete_after, and returns the signed objects to publish.
// Secrets made earlier that never were published are published now, not made again. Empty: nothing to do.
// kFailedPrecondition: the device is not certified in this directory.
absl::StatusOr<std::vector<Bytes>> RenewPrekeys(Profile& profile, const trust::Directory& directory,
                                                absl::Time now);

// Whether `directory` lacks prekeys of this device at `now`. False for a device that may not publish any.
bool PrekeysDue(const trust::Directory& directory, ByteView device_id, absl::Time now);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_PROFILE_PREKEYS_H_
