// SPDX-License-Identifier: EUPL-1.2
// Sending a signal, and asking whether one may. One thread.
#ifndef SEINPOST_CLIENT_SIGNAL_SEND_H_
#define SEINPOST_CLIENT_SIGNAL_SEND_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "audit/receipt.h"
#include "client/signal/reach.h"
#include "client/signal/send_args.h"
#include "client/terminal/context.h"
#include "util/bytes.h"

namespace seinpost::client {

// A signal that was sealed, and then sent or kept in the outbox.
struct SendOutcome {
  Bytes signal_id;
  Bytes case_ref;  // empty at L0
  std::vector<UnreachedMember> unreached;
  std::optional<audit::ReceiptBody> receipt;  // absent: it waits in the outbox
  bool uncertain = false;  // the answer got lost: it may have been sent, and is offered again as it is
};

// Sends a signal: decides with the same rules as the broker, notes on stderr whom it does not reach, seals,
// submits and checks the receipt; if the broker is away and args.queued, keeps it in the outbox. If the
// answer of the broker gets lost the sealed bytes are kept there too, with or without args.queued. A refusal
// that is found here is reported to the log, metadata only. kPermissionDenied as a refusal (exit 3), with the
// command lines of what is allowed instead. kInvalidArgument (exit 2) as MakeDraft. kUnavailable (exit 4): no
// broker. kDataLoss (exit 5): what the broker says does not verify. kFailedPrecondition: the last contact is
// too long ago to seal, or a recipient's device was revoked in a tail that the log lost.
absl::StatusOr<SendOutcome> SendSignal(const Context& context, const SendArgs& args);

// The yes to a signal that was only asked about.
struct SendAllowed {
  std::vector<std::string> duties;
};
// What SendSignal would be answered; contents may be missing. Changes nothing, leaves no leaf. Errors as
// there; a refusal found here needs no broker, a yes does.
absl::StatusOr<SendAllowed> AskToSend(const Context& context, const SendArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_SEND_H_
