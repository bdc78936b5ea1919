// SPDX-License-Identifier: EUPL-1.2
// What every command of the client gets: where to print, what time it is, which profile. And how it says what
// went wrong: the exit codes and JSON shapes of docs/formats/json.md.
//
// Commands are functions `absl::Status F(Context&, const Args&)`. They print their result themselves
// (output.h) and return OK, or return an error made with the functions below, which Report() prints. One
// thread at a time.
#ifndef SEINPOST_CLIENT_TERMINAL_CONTEXT_H_
#define SEINPOST_CLIENT_TERMINAL_CONTEXT_H_

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/terminal/interrupt.h"
#include "crypto/wiped.h"
#include "policies/decide/decide.h"
#include "seinpost/v1/common.pb.h"
#include "util/bytes.h"
#include "util/clock.h"

namespace seinpost::client {

enum ExitCode : int {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kRefused = 3,
  kUnreachable = 4,
  kTampered = 5,
  // 128 + the number of the signal that ended it: 130 after Ctrl-C, 143 after SIGTERM.
  kInterruptedBase = 128,
};

using policies::Language;

// Where the passphrase of a profile comes from: the file if one is named, else the environment variable
// SEINPOST_PASSPHRASE, else a prompt on the terminal.
struct PassphraseSource {
  std::string file;
  bool prompt = true;  // false: never ask, fail instead
};

struct Context {
  bool json = false;
  Language language = Language::kDutch;
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  const Clock& clock;
  std::string profile_dir;
  PassphraseSource passphrase;
  std::string convenant;  // empty: the profile's only one
  // Where profiles on one machine compare what they are shown of the log (client/session/gossip.h); empty:
  // the environment variable SEINPOST_GOSSIP, or nowhere.
  std::string gossip_dir;
  // Raised when the command is to end now. May be null.
  const Interrupt* stop = nullptr;
  bool progress = false;  // stderr is a terminal

  bool Stopped() const { return stop != nullptr && stop->raised(); }
};

// The passphrase of a profile, without the line end of its file. kUnauthenticated: there is none to be had,
// or it is empty. kCancelled: interrupted. `twice` asks for a new one, two times alike.
absl::StatusOr<crypto::WipedBytes> ReadPassphrase(const Context& context, bool twice = false);

// Errors by what the caller should do about them. Texts go to the user: no secrets, no names.
absl::Status UsageError(absl::string_view text);        // 2: a flag, a file or a name is wrong
absl::Status UnreachableError(absl::string_view text);  // 4
// 4: the broker is there and can store nothing now; what is there can be read.
absl::Status ReadOnlyError();
bool IsReadOnly(const absl::Status& status);
absl::Status TamperedError(absl::string_view text);  // 5: what was received does not verify
// The same error with another exit code than its own.
absl::Status WithExit(absl::Status status, ExitCode code);

// The command has printed its result, and it is a bad one: Report() adds nothing and only gives the exit
// code.
absl::Status PrintedError(ExitCode code);

// 3: refused by the rules. `argvs[i]` is the command line of decision.instead(i); may be shorter, or empty
// lists.
absl::Status RefusedError(const v1::Decision& decision,
                          const std::vector<std::vector<std::string>>& argvs = {});
bool IsRefusal(const absl::Status& status);
// The decision of a refusal; an empty one for any other status.
v1::Decision RefusalOf(const absl::Status& status);

// The code a status leads to: what WithExit said, else kInvalidArgument 2, kUnavailable and kDeadlineExceeded
// 4, kDataLoss 5, any other error 1.
ExitCode ExitCodeOf(const absl::Status& status);

// Prints an error (a JSON value on stdout with --json, else sentences on stderr) and returns its exit code.
// Prints nothing for OK. A refusal is printed as refusals are, with code, clause and what is allowed instead.
ExitCode Report(const Context& context, const absl::Status& status);

// How a command ends, of which `status` came: what it printed must have been written, and what failed because
// it was interrupted gets the code of that. Reports, and returns the exit code.
int End(const Context& context, absl::Status status);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_CONTEXT_H_
