// SPDX-License-Identifier: EUPL-1.2
// The commands `signal …` and `may-i …`. Each prints its result and returns OK, or returns what went wrong
// (client/terminal/context.h). One thread.
#ifndef SEINPOST_CLIENT_SIGNAL_SIGNAL_COMMANDS_H_
#define SEINPOST_CLIENT_SIGNAL_SIGNAL_COMMANDS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/signal/send_args.h"
#include "client/terminal/context.h"

namespace seinpost::client {

struct OpenArgs {
  std::string signal_id;  // 32 hexadecimal digits
  std::string part;       // a kind ("identity"), a number 0–15, or empty: all
  std::string purpose;    // empty: the signal's own
  std::string out = ".";  // where attachments go
};

struct WatchArgs {
  uint64_t count = 0;  // end after that many; 0: no end
  absl::Duration timeout = absl::InfiniteDuration();
};

// Sends a signal: decides with the same rules as the broker, seals, shows whom it does not reach, submits and
// checks the receipt. A refusal that is found here is reported to the log, metadata only.
absl::Status SignalSend(Context& context, const SendArgs& args);
absl::Status SignalList(Context& context, bool unread_only);
absl::Status SignalWatch(Context& context, const WatchArgs& args);
// Opens the parts addressed to this device, one leaf for each, and shows them.
absl::Status SignalOpen(Context& context, const OpenArgs& args);
absl::Status OutboxList(Context& context);
absl::Status OutboxFlush(Context& context);

// What `signal send` or `signal open` would be answered. Changes nothing, leaves no leaf.
absl::Status MayISend(Context& context, const SendArgs& args);
absl::Status MayIOpen(Context& context, const OpenArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_SIGNAL_COMMANDS_H_
