// SPDX-License-Identifier: EUPL-1.2
// Turns an example convenant, which carries no keys, or an edited copy of the version in force into the file
// that the parties sign.
#ifndef SEINPOST_POLICIES_DOCUMENT_DRAFT_H_
#define SEINPOST_POLICIES_DOCUMENT_DRAFT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policies/document/convenant.h"
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
  uint32_t change_quorum = 0;  // 0: more than half of the parties that sign
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

// What version n+1 takes over from version n and from what was logged since.
struct SuccessorKeys {
  Bytes previous_hash;  // SHA-256 of the file of version n, 32 bytes
  // Root keys of parties that are new or change theirs; the others keep the key that version n states.
  std::map<std::string, Bytes> party_roots;
  // Version n's, with the log key and the witnesses that are in force: trust updates may have changed them.
  Trust trust;
};

// The file of version n+1 out of `yaml`: an edited copy of the file of version n (`previous`), or an edited
// example without keys. Fills in `version`, `previous`, the root keys, and the trust section if there is
// none; in one that is there only `log_key` is set to the key in force. Every other byte stays. The result
// parses and HasKeys(). kInvalidArgument: `yaml` does not parse (`version` and `previous` may be out of
// date), is another convenant, writes what must be filled in within one line ({…}), states a root key that is
// neither version n's nor in `keys`, still names the witnesses of version n where others are in force, or
// `keys` lacks the key of a new party, names one that does not sign for itself, or holds a key that is not 32
// bytes.
absl::StatusOr<std::string> InstantiateSuccessor(absl::string_view yaml, absl::string_view filename,
                                                 const Convenant& previous, const SuccessorKeys& keys);

// One sentence for whoever drafts, where `convenant` provides for matching and lacks the match keys, so that
// every match tag is refused (R20); otherwise empty.
std::string MatchKeysRemark(const Convenant& convenant, Language language);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DOCUMENT_DRAFT_H_
