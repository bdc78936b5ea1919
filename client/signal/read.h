// SPDX-License-Identifier: EUPL-1.2
// Reading signals: which there are, which come, and what is in them. One thread.
#ifndef SEINPOST_CLIENT_SIGNAL_READ_H_
#define SEINPOST_CLIENT_SIGNAL_READ_H_

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/mail/inbox.h"
#include "client/terminal/context.h"
#include "seinpost/v1/envelope.pb.h"
#include "util/bytes.h"

namespace seinpost::client {

struct ListedSignals {
  std::vector<Letter> letters;  // oldest first, one's own among them
};
// Fetches mail and lists what is in the mailbox. kUnavailable (exit 4): no broker. kDataLoss (exit 5):
// something of it does not verify.
absl::StatusOr<ListedSignals> ListSignals(const Context& context, bool unread_only);

struct WatchArgs {
  uint64_t count = 0;  // end after that many; 0: no end
  absl::Duration timeout = absl::InfiniteDuration();
};
// Calls `each` for every signal of somebody else as it comes, until there were as many as asked for, the time
// is over, the context is stopped, or `each` fails. What it survives: client/mail/watch.h. Errors of its
// beginning as ListSignals.
absl::Status WatchSignals(const Context& context, const WatchArgs& args,
                          absl::FunctionRef<absl::Status(const Letter&)> each);

struct OpenArgs {
  std::string signal_id;  // 32 hexadecimal digits
  std::string part;       // a kind ("identity"), a number 0–15, or empty: all
  std::string purpose;    // empty: the signal's own
  std::string out = ".";  // where attachments go
};

// A photo, written to a new file.
struct OpenedFile {
  std::string path;
  std::string content_type;  // image/jpeg or image/png
};
// Why a part is not shown, in words that stay the same: the codes of a refusal, EXPIRED or KEY_GONE.
struct Withheld {
  std::vector<std::string> reasons;
};
struct OpenedPart {
  v1::PartKind kind;
  std::variant<std::string, v1::Identity, OpenedFile, Withheld> content;  // std::string: the text
};
struct OpenedSignal {
  Bytes signal_id;
  std::vector<OpenedPart> parts;  // in the order to show them
};

// Where opened parts are shown; OK means that somebody can see them. One of the two: each part as soon as it
// is open, or all of them together.
struct Showing {
  std::function<absl::Status(const OpenedPart&)> part;
  std::function<absl::Status(const OpenedSignal&)> whole;
};

// Opens the parts addressed to this device, one leaf for each, writes attachments to files, shows what was
// opened, and then marks it as read: what could not be shown stays unread, though that it was asked for is in
// the log, and stderr says so. kInvalidArgument (exit 2): no id, part or purpose of that name, or args.out
// cannot be written in, of which the broker hears nothing. kNotFound: no such signal. kPermissionDenied as a
// refusal (exit 3): the rules keep all of it shut. kDataLoss (exit 5): a part does not verify; what was shown
// before it stays marked as read. IsKeyGone (exit 1), after all else was shown: the key of a part is not here
// any more.
absl::Status OpenSignal(const Context& context, const OpenArgs& args, const Showing& showing);

// The yes to a reading that was only asked about.
struct OpenAllowed {
  std::vector<std::string> duties;  // of one part after the other
};
// What OpenSignal would be answered. Changes nothing at the broker, leaves no leaf. Errors as there.
absl::StatusOr<OpenAllowed> AskToOpen(const Context& context, const OpenArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_READ_H_
