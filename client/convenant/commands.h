// SPDX-License-Identifier: EUPL-1.2
// `seinpost convenant`: the agreement as a file, from example to active. Everything but `show` is for those
// who draw it up.
#ifndef SEINPOST_CLIENT_CONVENANT_COMMANDS_H_
#define SEINPOST_CLIENT_CONVENANT_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/org/commands.h"
#include "client/terminal/context.h"
#include "policies/document/draft.h"
#include "util/bytes.h"

namespace seinpost::client {

// Fills keys into an example: roots from `keys_dir` (a directory of key directories) or from "PARTY=HEX"
// words, the broker's from what `seinpostd init` printed. With `previous`, makes version n+1 out of an edited
// copy of version n: roots are then needed for new parties and those that change theirs only, and the
// broker's keys not at all.
struct ConvenantDraftArgs {
  std::string file;
  std::string keys_dir;
  std::vector<std::string> roots;
  std::string broker_keys;  // file; not with `previous`
  std::string out;          // empty: stdout
  std::string previous;     // file of the version in force
  std::string log_key;      // hexadecimal, of the log now, if a trust update changed it
};
absl::Status ConvenantDraft(Context& context, const ConvenantDraftArgs& args);

// convenant_analysis.cc: what a file means. Offline, without a profile; progress goes to stderr on a
// terminal.
//
// Prints every problem as "file:line:column: sentence"; exit 2 if there is one. Otherwise what is odd about
// it (policies/analysis/findings.h); with `strict`, exit 1 if there is a warning among it.
absl::Status ConvenantCheck(Context& context, const std::string& file, bool strict = false);

// Who may tell whom what (policies/analysis/matrix.h), to `out` or stdout.
struct ConvenantMatrixArgs {
  std::string file;
  std::string format = "text";    // text | csv | html
  std::string out;                // empty: stdout
  std::vector<std::string> with;  // convenants at the other end of bridges
};
absl::Status ConvenantMatrix(Context& context, const ConvenantMatrixArgs& args);

// What changes between two versions (policies/analysis/compare.h). With `no_widening`, exit 3 if the new one
// widens.
struct ConvenantDiffArgs {
  std::string old_file, new_file;
  bool no_widening = false;
};
absl::Status ConvenantDiff(Context& context, const ConvenantDiffArgs& args);

// What a clause says, and whom it lets and stops (policies/analysis/explain.h).
struct ConvenantExplainArgs {
  std::string file;
  std::string clause;  // "channels.case.ceiling", or a line number
};
absl::Status ConvenantExplain(Context& context, const ConvenantExplainArgs& args);

// Runs the questions beside FILE (FILE without .yaml, then .expect.yaml) with the members of its .lab.yaml,
// and the peers it names in the same folder; exit 1 if an answer is not the expected one.
absl::Status ConvenantTest(Context& context, const std::string& file);

// The rest speaks of a FILE that parties sign, client/convenant/bundle.h: a convenant or an act.

// Signs with every key with which the party of this key directory must sign FILE, into FILE.sig, and says who
// is missing. Everything offline.
struct ConvenantSignArgs {
  std::string file;
  std::string org_dir;
  std::string previous;    // version n, for version n+1; the version in force, for an act
  std::string new_root;    // key directory with the new root key, if it is another
  bool lost_root = false;  // the key in force is lost: only the new one signs
};
absl::Status ConvenantSign(Context& context, const ConvenantSignArgs& args);

// Adds to FILE.sig the signatures of other files like it, if every one fits; without others only says who is
// missing.
struct ConvenantBundleArgs {
  std::string file;
  std::vector<std::string> signatures;
  std::string previous;
};
absl::Status ConvenantBundle(Context& context, const ConvenantBundleArgs& args);

// Sends FILE with FILE.sig, checked before, to the broker: a version that is to come into force, or an act.
// Where the root key of a party is lost, with the evidence that it was proposed 72 hours ago
// (ConvenantPropose); until then it says how long that still lasts, exit 1.
struct ConvenantActivateArgs {
  std::string file;
  std::string broker;
  std::string tls_ca;
};
absl::Status ConvenantActivate(Context& context, const ConvenantActivateArgs& args);
// Publishes FILE as a proposal, and keeps the first checkpoint with it as FILE.proposed.
absl::Status ConvenantPropose(Context& context, const ConvenantActivateArgs& args);

// R31: the controller's order, signed and published. Exactly one of channel and party is given.
struct ConvenantRestrictArgs : OrgArgs {
  std::string convenant_file;  // the version in force
  std::string channel, party;
  std::string ceiling;
};
absl::Status ConvenantRestrict(Context& context, const ConvenantRestrictArgs& args);

// Acts that several parties sign: make `out`, to be signed by `convenant sign`. The number follows from the
// profile, or is given.
struct ConvenantTrustUpdateArgs {
  std::string convenant_file;
  std::string log_key;                 // hexadecimal; empty: stays
  std::vector<std::string> witnesses;  // NAME=KEY
  bool no_witnesses = false;
  uint32_t witness_quorum = 0;
  uint64_t number = 0;  // 0: as the profile knows it
  std::string out;
};
absl::Status ConvenantTrustUpdate(Context& context, const ConvenantTrustUpdateArgs& args);
struct ConvenantEpochArgs {
  std::string check_file;  // what `seinpostd check --json` printed
  std::string
      checkpoint;  // file: the last note that witnesses signed; empty: the anchor's, for a log without them
  std::string convenant_file;
  std::string out;
};
absl::Status ConvenantEpoch(Context& context, const ConvenantEpochArgs& args);

// The convenant of the profile in words, or as JSON: with its history, the orders in force, what the log lost
// and what is proposed.
absl::Status ConvenantShow(Context& context);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_COMMANDS_H_
