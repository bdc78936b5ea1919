// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_SIGNAL_DRAFT_H_
#define SEINPOST_CLIENT_SIGNAL_DRAFT_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "client/signal/send_args.h"
#include "envelope/seal.h"
#include "policies/decide/decide.h"
#include "trust/directory.h"

namespace seinpost::client {

// What a file or stdin holds; the text of "-" is read once.
using FileReader = absl::FunctionRef<absl::StatusOr<Bytes>(const std::string& path, size_t max_bytes)>;

// A signal as it would be sent: the question for the rules, and, part by part in the same order, what would
// be sealed.
struct Draft {
  policies::SendRequest request;
  policies::Facts facts;
  std::vector<envelope::PartPlan> plans;  // contents filled in; members, class and expiry by FinishPlans
  Bytes case_ref, in_reply_to, forwards;  // 16 bytes or empty
  bool new_case = false;                  // case_ref was drawn for this signal
  absl::Time created;
  std::optional<absl::Time> expires;  // --expires
};

// What the author of a draft knows. Borrowed.
struct Desk {
  const trust::Directory& directory;
  const trust::Member& self;
  ByteView own_device;
  absl::Time now;
  bool dry_run;  // contents may be missing: only who gets what is asked
  FileReader read;
  // The signal that is forwarded, by its id. kNotFound: not in the mailbox.
  absl::FunctionRef<absl::StatusOr<policies::OriginalFacts>(ByteView signal_id)> original;
};

// Turns flags into a draft. Nothing is sent or stored.
// kInvalidArgument (exit 2): a flag, file or address is malformed, a flag without its other half, or an
// unknown channel, purpose, category, or handle of a known party; the text lists what exists. An unknown
// party is no error here.
absl::StatusOr<Draft> MakeDraft(const SendArgs& args, const Desk& desk);

// Asks the rules with the facts of the directory; on a denial with what is allowed instead.
policies::Decision Judge(const Draft& draft);

// The plan to seal an allowed draft: recipients' refs, retention class and expiry of each part.
// kInvalidArgument: a recipient without ref, which the rules would have refused.
absl::StatusOr<envelope::SignalPlan> ToPlan(const Draft& draft, const trust::Directory& directory,
                                            ByteView checkpoint_note);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_DRAFT_H_
