// SPDX-License-Identifier: EUPL-1.2
// Mail that is taken in as it comes, for as long as somebody watches.
#ifndef SEINPOST_CLIENT_MAIL_WATCH_H_
#define SEINPOST_CLIENT_MAIL_WATCH_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/mail/inbox.h"
#include "client/session/session.h"

namespace seinpost::client {

// Takes mail in as it comes, calls `each` for what was taken in until it returns false, and signs for it.
// Ends with OK then, when `until` has passed, or when the context is stopped. A delivery that does not verify
// is told on stderr, and does not end it.
//
// While the broker is away, busy or does not answer it is tried again, after one second, then ever later up
// to half a minute; what came meanwhile is taken in from where the mailbox was left, once directory and log
// have been verified anew. That is done every hour as well, so that this device stays reachable. If the
// broker is away when `until` comes: kUnavailable (exit 4). What `each` fails with, and every other error,
// ends it: kDataLoss (exit 5), the broker shows what cannot be; kPermissionDenied, this device was revoked.
absl::Status WatchMail(Session& session, absl::Time until,
                       absl::FunctionRef<absl::StatusOr<bool>(const Letter&)> each);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_MAIL_WATCH_H_
