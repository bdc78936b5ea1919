// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_MAIL_OUTBOX_H_
#define SEINPOST_CLIENT_MAIL_OUTBOX_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/mail/delivered.h"
#include "client/profile/state.h"
#include "client/session/session.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// How long a signal that was not queued can still be taken: the broker allows its clock this much.
inline constexpr absl::Duration kDirectLife = absl::Minutes(5);
// How long a queued signal about a person waits unsent before it is deleted; the broker takes none older
// either.
inline constexpr absl::Duration kQueuedLife = absl::Hours(24);

// What became of one signal of the outbox.
struct OutboxResult {
  Bytes signal_id;
  enum class Outcome { kSent, kExpired, kRefused } outcome;
  bool queued = true;       // sent with --queued; otherwise its answer was lost
  uint64_t leaf_index = 0;  // kSent
  std::string detail;       // kRefused
};

// Whether a signal in the outbox was sent with --queued. One that was not is there because the answer to it
// got lost, so it may have been sent.
bool IsQueued(const Queued& queued);

// Sends what waits, oldest first; deletes what was sent, refused for good, or has expired: the same bytes
// again give the same receipt, so nothing is sent twice, and what the broker has it answers for however late.
// Notes each on stderr. Nothing if another command is sending. kUnavailable: the broker went away; what is
// not sent yet stays.
absl::StatusOr<std::vector<OutboxResult>> FlushOutbox(Session& session);

struct OutboxContents {
  std::vector<Queued> waiting;           // for the broker, oldest first
  std::vector<Unconfirmed> unconfirmed;  // sent, and a device has not signed for it
};
// What waits, and what of the signals sent has not arrived. What was delivered is asked anew; without the
// broker it is told from what was known.
absl::StatusOr<OutboxContents> ListOutbox(const Context& context);

struct FlushedOutbox {
  std::vector<OutboxResult> results;  // in the order of sending
};
// FlushOutbox for a member who asks for it. kUnavailable (exit 4): the broker is away.
absl::StatusOr<FlushedOutbox> SendOutbox(const Context& context);

// Sends one sealed signal: attachments first, then the envelope, which is put into the outbox before it
// leaves; checks the receipt and that the logged event says what was sent; remembers who should sign for it
// (client/mail/delivered.h). The same bytes again give the same receipt. On an error it is in the outbox
// (State::HasQueued) as long as it is not known whether the broker has it, or if it waited there before and
// may still be taken.
absl::StatusOr<CheckedReceipt> SubmitSealed(Session& session, const Queued& sealed);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_MAIL_OUTBOX_H_
