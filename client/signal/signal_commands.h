// SPDX-License-Identifier: EUPL-1.2
// The commands `signal …` and `may-i …`: what is done is in send.h, read.h and client/mail/outbox.h. Each
// prints its result and returns OK, or returns what went wrong (client/terminal/context.h). One thread.
#ifndef SEINPOST_CLIENT_SIGNAL_SIGNAL_COMMANDS_H_
#define SEINPOST_CLIENT_SIGNAL_SIGNAL_COMMANDS_H_

#include "absl/status/status.h"
#include "client/signal/read.h"
#include "client/signal/send_args.h"
#include "client/terminal/context.h"

namespace seinpost::client {

absl::Status SignalSend(Context& context, const SendArgs& args);
absl::Status SignalList(Context& context, bool unread_only);
absl::Status SignalWatch(Context& context, const WatchArgs& args);
absl::Status SignalOpen(Context& context, const OpenArgs& args);
absl::Status OutboxList(Context& context);
absl::Status OutboxFlush(Context& context);
absl::Status MayISend(Context& context, const SendArgs& args);
absl::Status MayIOpen(Context& context, const OpenArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_SIGNAL_COMMANDS_H_
