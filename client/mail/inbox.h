// SPDX-License-Identifier: EUPL-1.2
// Mail of a device: what was delivered, verified before it is kept (docs/formats/envelope.md, the recipient's
// steps), and kept sealed until it is opened.
#ifndef SEINPOST_CLIENT_MAIL_INBOX_H_
#define SEINPOST_CLIENT_MAIL_INBOX_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/session/session.h"
#include "envelope/verify.h"
#include "policies/decide/request.h"

namespace seinpost::client {

// A stored signal, as far as it can be told without opening it.
struct Letter {
  struct Part {
    uint32_t index = 0;
    v1::PartKind kind = v1::PART_KIND_UNSPECIFIED;
    absl::Time expires;
    bool read = false;
  };
  Bytes signal_id;
  v1::Core core;
  std::string sender;  // "party/handle"
  bool own = false;    // sent by this member
  bool unread = false;
  uint64_t cursor = 0;
  std::vector<Part> parts;  // addressed to this device, by index
};

// Takes a delivery in: steps 1 to 8 (client/mail/examine.h), then stores it, moves the cursor and notes that
// it is to be signed for. A delivery that does not verify is not stored, is logged locally and moves the
// cursor too, so that it cannot stop the mail behind it. kDataLoss (exit 5): it does not verify, one sentence
// for all reasons; or its sender saw another log (client/broker/log_view.h). kOutOfRange: all of it has
// expired.
absl::StatusOr<Letter> Accept(Session& session, const v1::Delivery& delivery);

// The same of parts that are for other devices, whose keys this one asks for (client/device/keys.h): they go
// into the inbox beside what is there of the signal, and nothing is signed for. Returns what was verified.
absl::StatusOr<envelope::VerifiedHeader> AcceptRestorable(Session& session, const v1::Delivery& delivery);

// Takes in everything up to now. kDataLoss: something did not verify; the rest was taken in.
absl::Status FetchMail(Session& session);

// Whether the signal was taken in: its file lies in the inbox and the state speaks of it. One without the
// other is what a crash left, and is delivered again. kNotFound: it was not.
absl::Status CheckTakenIn(Session& session, ByteView signal_id);

// Every stored signal that is not expired, oldest first; deletes those whose time is over beyond doubt
// (Session::settled), and what need not be remembered of them, or of what was sent.
absl::StatusOr<std::vector<Letter>> ReadInbox(Session& session);

// One stored signal, verified anew, ready to be opened. kNotFound: no such signal.
struct OpenableLetter {
  Letter letter;
  v1::Delivery delivery;
  envelope::VerifiedHeader header;
};
absl::StatusOr<OpenableLetter> FindLetter(Session& session, ByteView signal_id);

// What the rules ask about a stored signal that is passed on. kNotFound as above.
absl::StatusOr<policies::OriginalFacts> OriginalOf(Session& session, ByteView signal_id);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_MAIL_INBOX_H_
