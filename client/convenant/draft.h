// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_CONVENANT_DRAFT_H_
#define SEINPOST_CLIENT_CONVENANT_DRAFT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
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
  std::string out;          // empty: no file is written
  std::string previous;     // file of the version in force
  std::string log_key;      // hexadecimal, of the log now, if a trust update changed it
};
struct ConvenantDrafted {
  std::string convenant;  // id
  uint32_t version = 0;
  std::string text;  // YAML
  Digest hash{};     // of it
  std::string file;  // empty: none was written
  size_t signatories = 0;
  std::vector<std::string> remarks;  // sentences, in the caller's language
};
// Offline. Remarks are noted on stderr before a file is written.
absl::StatusOr<ConvenantDrafted> DraftConvenant(const Context& context, const ConvenantDraftArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_DRAFT_H_
