// SPDX-License-Identifier: EUPL-1.2
// How this device gets at the key of a part: it asks the broker, who logs the reading first.
#ifndef SEINPOST_CLIENT_MAIL_KEY_RELEASE_H_
#define SEINPOST_CLIENT_MAIL_KEY_RELEASE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "client/profile/profile.h"
#include "client/session/session.h"
#include "envelope/open.h"
#include "envelope/rewrap.h"
#include "envelope/verify.h"
#include "seinpost/v1/signal.pb.h"

namespace seinpost::client {

struct ReleasedKeys {
  std::vector<envelope::Wrap> wraps;        // made by the sender for this device
  std::vector<v1::ReleasedRewrap> rewraps;  // passed on to this device
};

// Whether the sender wrapped the part's key for this device.
bool IsAddressedTo(const v1::PartDescriptor& descriptor, ByteView device_id);

// The secret of the prekey that a part was sealed to is not on this device, though the part has not expired:
// the profile was put back from a copy, or lost it. kFailedPrecondition, exit 1. IsKeyGone knows it again.
absl::Status KeyGoneError(Language language);
bool IsKeyGone(const absl::Status& status);

// Signs that this device wants to read the part for `purpose` (empty: the signal's own) and returns what the
// broker releases for it. The receipt must show that the reading was logged. kPermissionDenied as a refusal:
// the rules keep it shut. KeyGoneError: nothing was asked, and so nothing logged as read. kDataLoss (exit 5):
// the log does not say what was opened.
absl::StatusOr<ReleasedKeys> ReleaseKeys(Session& session, const envelope::VerifiedHeader& header,
                                         uint32_t part, const std::string& purpose);

// What this device has asked about the part, lapsed or not. Borrowed: lives as long as the profile is not
// updated.
std::vector<const PrekeySecret*> OwnRewrapRequests(const Profile& profile,
                                                   const envelope::VerifiedHeader& header, uint32_t part);
// Such a request as it was signed.
envelope::SignedStatement SignedAgain(const Profile& profile, const PrekeySecret& request);

// The key that was passed on to this device, if it answers a request of its own, which may have lapsed since;
// `pair` is the profile's and lives as long as that is not updated. KeyGoneError: it does not know (any more)
// that it asked. kUnauthenticated: no rewrap that holds was released; the text carries the step, for the
// local log.
struct PassedOn {
  v1::Rewrap rewrap;
  const crypto::HpkeKeyPair* pair;
};
absl::StatusOr<PassedOn> FindPassedOn(const Session& session, const envelope::VerifiedHeader& header,
                                      const envelope::VerifiedPart& part, const ReleasedKeys& keys);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_MAIL_KEY_RELEASE_H_
