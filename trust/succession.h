// SPDX-License-Identifier: EUPL-1.2
// Who signs what: the signatures that a convenant, its successor and every other object of several parties
// need (docs/formats/convenant_signatures.md). Everything here works on files, without a directory and
// offline. Pure; thread-safe.
#ifndef SEINPOST_TRUST_SUCCESSION_H_
#define SEINPOST_TRUST_SUCCESSION_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policies/document/convenant.h"
#include "seinpost/v1/trust.pb.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::trust {

// In a successor a party whose root key changes signs as "PARTY" with the old key and as "PARTY/new" with the
// new one.
inline constexpr char kNewKeySuffix[] = "/new";

// Signer -> public key, 32 bytes.
using SignerKeys = std::map<std::string, Bytes, std::less<>>;

// Everybody who signs `next`, as the successor of `previous` or, with nullptr, as the first version: each
// party of `previous` that is still one, or the party that signs for it, with the key that `previous` states;
// each party with a root key that is new in `next`; and, as "PARTY/new", each party whose key changes. Guests
// do not sign, and neither does a party that leaves.
SignerKeys ConvenantSigners(const policies::Convenant* previous, const policies::Convenant& next);

// All parties with a root key: of them the change quorum is made.
SignerKeys RootKeys(const policies::Convenant& convenant);
// The controller, or the party that signs for it: of it the restriction orders are.
SignerKeys ControllerKey(const policies::Convenant& convenant);

// Parses the text in an object of kind CONVENANT or PROPOSAL. kInvalidArgument: another kind, text that does
// not parse, or an example without keys.
absl::StatusOr<policies::Convenant> ParseConvenant(const v1::SignedObject& object,
                                                   absl::string_view filename);

// Whether `next` may follow `previous`, leaving signatures aside: the same id, the next version, the hash of
// `previous` as its previous, and of those who signed `previous` more than half, and no fewer
// than its change quorum, among those who sign `next`. kFailedPrecondition.
absl::Status CheckSuccession(const Version& previous, const policies::Convenant& next);

// Checks those signatures of `object` that are there: each by one of `signers` and right. Returns the signers
// that have not signed. kPermissionDenied names the signer; `what` begins the text.
absl::StatusOr<std::vector<std::string>> CheckSignatures(const v1::SignedObject& object,
                                                         const SignerKeys& signers, absl::string_view what);

// The party whose root key is replaced without its old signature: of `missing`, all that lack in a successor
// of `previous`, the only one, and it signed with a new key. Empty: nothing lacks. kPermissionDenied names
// what lacks, if it is more than that, if a party leaves in the same version, if nobody else signed with a
// key of `previous`, or if that is nullptr.
absl::StatusOr<std::string> LostKeyOf(const policies::Convenant* previous, const policies::Convenant& next,
                                      const std::vector<std::string>& missing);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_SUCCESSION_H_
