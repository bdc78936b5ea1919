// SPDX-License-Identifier: EUPL-1.2
// `seinpost convenant`: the agreement as a file, from example to active. Everything but `show` is for those
// who draw it up.
#ifndef SEINPOST_CLIENT_CONVENANT_COMMANDS_H_
#define SEINPOST_CLIENT_CONVENANT_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/context.h"
#include "policies/draft.h"
#include "util/bytes.h"

namespace seinpost::client {

// Fills keys into an example: roots from `keys_dir` (a directory of key directories) or from "PARTY=HEX"
// words, the broker's from what `seinpostd init` printed.
struct ConvenantDraftArgs {
  std::string file;
  std::string keys_dir;
  std::vector<std::string> roots;
  std::string broker_keys;  // file
  std::string out;          // empty: stdout
};
absl::Status ConvenantDraft(Context& context, const ConvenantDraftArgs& args);

// Prints every problem as "file:line:column: sentence"; exit 2 if there is one.
absl::Status ConvenantCheck(Context& context, const std::string& file);

// Runs the questions beside FILE (FILE without .yaml, then .expect.yaml) with the members of its .lab.yaml;
// exit 1 if an answer is not the expected one.
absl::Status ConvenantTest(Context& context, const std::string& file);

// Adds the signature of the party whose key directory this is to FILE.sig.
struct ConvenantSignArgs {
  std::string file;
  std::string org_dir;
};
absl::Status ConvenantSign(Context& context, const ConvenantSignArgs& args);

// Sends FILE and FILE.sig, checked before, to the broker.
struct ConvenantActivateArgs {
  std::string file;
  std::string broker;
  std::string tls_ca;
};
absl::Status ConvenantActivate(Context& context, const ConvenantActivateArgs& args);

// The convenant of the profile in words, or as JSON.
absl::Status ConvenantShow(Context& context);

// "DIR/arnhem.expect.yaml" for "DIR/arnhem.yaml" and ".expect.yaml".
std::string BesideConvenant(absl::string_view file, absl::string_view suffix);

// The keys that `seinpostd init` prints. kInvalidArgument: not its JSON.
struct BrokerKeys {
  Bytes broker_key;  // 32 bytes
  Bytes log_key;     // 32 bytes
};
absl::StatusOr<BrokerKeys> ParseBrokerKeys(absl::string_view json, absl::string_view convenant);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_COMMANDS_H_
