// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_MAIL_SYNC_H_
#define SEINPOST_CLIENT_MAIL_SYNC_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/session/session.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// Session::SyncDirectory, then sends what waits: the outbox, and signatures for what was delivered. kDataLoss
// (exit 5): something does not verify. kFailedPrecondition: this device is not certified.
absl::Status Sync(Session& session);

// Signs for what has been taken in. kDataLoss: a receipt does not verify. Whatever else fails is tried again
// with the next command, which the user is told unless the broker is away.
absl::Status ConfirmWhatCame(Session& session);

// Session::Open, then Sync: how most commands of a member begin.
absl::StatusOr<std::unique_ptr<Session>> OpenOnline(const Context& context);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_MAIL_SYNC_H_
