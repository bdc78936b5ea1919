// SPDX-License-Identifier: EUPL-1.2
#include "trust/vouching.h"

#include "absl/strings/str_cat.h"
#include "crypto/sign.h"
#include "trust/labels.h"
#include "trust/objects.h"
#include "util/status_macros.h"

namespace seinpost::trust {

absl::StatusOr<Bytes> CheckSignedByRoot(const policies::Convenant& convenant, const v1::SignedObject& object,
                                        absl::string_view organisation) {
  const policies::Party& root = convenant.SignatoryOf(*convenant.FindParty(organisation));
  if (!root.root) {
    return absl::PermissionDeniedError(
        "issuer certificate: no root key in the convenant vouches for this organisation");
  }
  if (object.signatures(0).signer() != root.id) {
    return absl::PermissionDeniedError(absl::StrCat("issuer certificate: signed by another party than \"",
                                                    root.id, "\", whose root vouches for it"));
  }
  const ByteView signature = object.signatures(0).signature();
  if (!crypto::Verify(*root.root, kIssuerCertificateLabel, object.body(), signature).ok()) {
    return absl::PermissionDeniedError(
        absl::StrCat("issuer certificate: the signature does not fit the root key of \"", root.id, "\""));
  }
  return *root.root;
}

absl::Status CheckSignedByIssuer(const v1::SignedObject& object, absl::string_view organisation,
                                 ByteView issuer_key) {
  if (object.signatures(0).signer() != organisation) {
    return absl::PermissionDeniedError("signer: another party than the organisation that it speaks for");
  }
  ASSIGN_OR_RETURN(const std::string label, LabelOf(object.kind()));
  if (!crypto::Verify(issuer_key, label, object.body(), object.signatures(0).signature()).ok()) {
    return absl::PermissionDeniedError(
        absl::StrCat("the signature does not fit the issuer of \"", organisation, "\""));
  }
  return absl::OkStatus();
}

}  // namespace seinpost::trust
