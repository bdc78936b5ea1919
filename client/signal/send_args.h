// SPDX-License-Identifier: EUPL-1.2
// The flags of `signal send` and `may-i` as a value: what parsing gives and what a refusal's alternatives are
// written back into.
#ifndef SEINPOST_CLIENT_SIGNAL_SEND_ARGS_H_
#define SEINPOST_CLIENT_SIGNAL_SEND_ARGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/terminal/context.h"
#include "policies/decide/request.h"
#include "seinpost/v1/common.pb.h"

namespace seinpost::client {

// Addresses are "party/handle", "party/handle@convenant" or "@channel"; files are paths; empty: flag not
// given.
struct SendArgs {
  std::string channel, level, category, purpose;
  std::vector<std::string> to;
  std::string text;                         // the text itself, or "-" for stdin
  std::string case_ref, reply_to, forward;  // hexadecimal
  std::string expires;
  bool queued = false;
  std::string identity;
  std::vector<std::string> identity_to;
  std::vector<std::string> justify;  // TEXT, or MEMBER=TEXT
  std::string informed;              // yes | no:CODE | not-yet
  std::string care;
  std::vector<std::string> care_to;
  std::string source;
  std::vector<std::string> source_to;
  std::vector<std::string> attach;
  std::vector<std::string> attach_to;
  std::string kept_identity;
};

// One address, taken apart. A member of this convenant has an empty `convenant`.
struct Address {
  bool whole_channel = false;
  policies::MemberId member;  // without ref
};
// "@channel" and "@" followed by the signal's own `channel` both mean everyone in it. kInvalidArgument
// otherwise.
absl::StatusOr<Address> ParseAddress(absl::string_view text, absl::string_view own_convenant,
                                     absl::string_view channel);

// `--justify`: TEXT for everyone (member empty), or MEMBER=TEXT. A text that begins with a word and "=" but
// no "party/handle" is a TEXT.
struct Justification {
  std::string member;  // "party/handle"
  std::string text;
};
Justification ParseJustification(absl::string_view flag);

// `--expires`: "12h", "30d" from `now`, "2026-12-31" (the end of that day, UTC) or RFC 3339.
// kInvalidArgument.
absl::StatusOr<absl::Time> ParseExpires(absl::string_view text, absl::Time now);

// "yes", "no:CODE", "not-yet"; empty is kNotStated. kInvalidArgument.
struct InformedArg {
  policies::Informed informed = policies::Informed::kNotStated;
  std::string code;
};
absl::StatusOr<InformedArg> ParseInformed(absl::string_view text);

// `args` changed as an alternative of a decision says. False: the alternative is no command (somebody else
// may send it), or speaks of a change this version does not know.
bool ApplyAlternative(const v1::Alternative& alternative, Language language, SendArgs& args);

// The command line that gives `args`: {"seinpost", "--profile", …, "signal", "send", …}.
std::vector<std::string> ToArgv(const Context& context, const SendArgs& args,
                                const std::vector<std::string>& command = {"signal", "send"});

// The command lines of all alternatives, in order; empty lists for those that are none.
std::vector<std::vector<std::string>> AlternativeArgvs(const Context& context, const v1::Decision& decision,
                                                       const SendArgs& args,
                                                       const std::vector<std::string>& command);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_SEND_ARGS_H_
