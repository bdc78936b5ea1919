// SPDX-License-Identifier: EUPL-1.2
// Who must have signed what an organisation says: its root vouches for its issuer, its issuer for all else.
// One place, for the directory that adds an object and for the broker that asks who signed it before that.
// Whether a key is valid at a time the caller says. Pure; thread-safe.
//   kPermissionDenied  signed in another's name, or with another key
#ifndef SEINPOST_TRUST_VOUCHING_H_
#define SEINPOST_TRUST_VOUCHING_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policies/document/convenant.h"
#include "seinpost/v1/trust.pb.h"
#include "util/bytes.h"

namespace seinpost::trust {

// Whether the issuer certificate `object` of `organisation`, a party of the convenant, is signed by the party
// whose root vouches for it: itself, or the signatory that it stands under. Returns that root key.
absl::StatusOr<Bytes> CheckSignedByRoot(const policies::Convenant& convenant, const v1::SignedObject& object,
                                        absl::string_view organisation);

// Whether `object` is signed in the name of `organisation` with the key of its issuer.
absl::Status CheckSignedByIssuer(const v1::SignedObject& object, absl::string_view organisation,
                                 ByteView issuer_key);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_VOUCHING_H_
