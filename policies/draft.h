// SPDX-License-Identifier: EUPL-1.2
// Turns an example convenant, which carries no keys, into the file that the parties sign.
#ifndef SEINPOST_POLICIES_DRAFT_H_
#define SEINPOST_POLICIES_DRAFT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "util/bytes.h"

namespace seinpost::policies {

// Public keys only, each 32 raw bytes.
struct DraftKeys {
  std::map<std::string, Bytes>
      party_roots;  // exactly the parties that sign for themselves (SignatoryParties)
  Bytes broker_key;
  Bytes log_key;
  Bytes voprf_broker_key;  // empty: no blind matching yet
  Bytes voprf_steward_key;
};

// The parties of `yaml` that need a root key, sorted: neither `under` another nor a guest. kInvalidArgument
// as Convenant::Parse.
absl::StatusOr<std::vector<std::string>> SignatoryParties(absl::string_view yaml, absl::string_view filename);

// `yaml` with a `root:` line in each signatory party and a `trust:` section at the end; every other byte,
// comments included, stays. The result parses and HasKeys(). kInvalidArgument: `yaml` does not parse, writes
// a party in one line ({…}), has keys already, or `keys` lacks a party, names another, or holds a key that is
// not 32 bytes.
absl::StatusOr<std::string> Instantiate(absl::string_view yaml, absl::string_view filename,
                                        const DraftKeys& keys);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DRAFT_H_
