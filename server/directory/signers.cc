// SPDX-License-Identifier: EUPL-1.2
#include "server/directory/signers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "crypto/sign.h"
#include "trust/labels.h"
#include "trust/object_fields.h"
#include "trust/objects.h"
#include "trust/strict.h"
#include "trust/vouching.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr int kMaxTries = 128;

// The body alone: what its fields may be the directory says.
template <typename Body>
absl::StatusOr<Body> ParseBody(const v1::SignedObject& object, absl::string_view name) {
  Body body;
  RETURN_IF_ERROR(trust::StrictParse(object.body(), trust::kMaxBodyBytes, name, body));
  return body;
}

}  // namespace

absl::StatusOr<std::string> FirstRootSigner(const v1::SignedObject& object, const trust::SignerKeys& roots,
                                            absl::string_view what) {
  ASSIGN_OR_RETURN(const std::string label, trust::LabelOf(object.kind()));
  for (const v1::ObjectSignature& signature : object.signatures()) {
    const auto root = roots.find(signature.signer());
    if (root == roots.end()) continue;
    if (crypto::Verify(root->second, label, object.body(), signature.signature()).ok()) return root->first;
    return absl::PermissionDeniedError(absl::StrCat(what, ": the signature of party \"", signature.signer(),
                                                    "\" does not fit its root key"));
  }
  return absl::PermissionDeniedError(
      absl::StrCat(what, ": signed by no party with a root key in the version in force"));
}

bool IsSignedBy(const v1::SignedObject& object, ByteView key) {
  const absl::StatusOr<std::string> label = trust::LabelOf(object.kind());
  if (!label.ok()) return false;
  const int tries = std::min(kMaxTries, object.signatures_size());
  for (int i = 0; i < tries; ++i) {
    if (crypto::Verify(key, *label, object.body(), object.signatures(i).signature()).ok()) return true;
  }
  return false;
}

absl::StatusOr<std::string> SignerCheck::Check(const v1::SignedObject& object) {
  const policies::Convenant& convenant = *directory_.convenant();
  switch (object.kind()) {
    case v1::OBJECT_KIND_ISSUER_CERTIFICATE:
      RETURN_IF_ERROR(CheckIssuerCertificate(object));
      break;
    case v1::OBJECT_KIND_DEVICE_CERTIFICATE:
      RETURN_IF_ERROR(CheckDeviceCertificate(object));
      break;
    case v1::OBJECT_KIND_MANDATE: {
      ASSIGN_OR_RETURN(const auto mandate, ParseBody<v1::Mandate>(object, "mandate"));
      RETURN_IF_ERROR(CheckByIssuer(object, mandate.organisation()));
      break;
    }
    case v1::OBJECT_KIND_REVOCATION: {
      ASSIGN_OR_RETURN(const auto revocation, ParseBody<v1::Revocation>(object, "revocation"));
      RETURN_IF_ERROR(CheckByIssuer(object, revocation.organisation()));
      break;
    }
    case v1::OBJECT_KIND_PREKEY:
      RETURN_IF_ERROR(CheckPrekey(object));
      break;
    case v1::OBJECT_KIND_RESTRICTION_ORDER:
      RETURN_IF_ERROR(
          trust::CheckSignatures(object, trust::ControllerKey(convenant), "restriction order").status());
      break;
    case v1::OBJECT_KIND_CONVENANT:
      return FirstRootSigner(object, trust::RootKeys(convenant), "convenant");
    case v1::OBJECT_KIND_PROPOSAL:
      return FirstRootSigner(object, trust::RootKeys(convenant), "proposal");
    case v1::OBJECT_KIND_TRUST_UPDATE:
      return FirstRootSigner(object, trust::RootKeys(convenant), "trust update");
    case v1::OBJECT_KIND_LOG_EPOCH:
      return FirstRootSigner(object, trust::RootKeys(convenant), "log epoch");
    default:
      return absl::InvalidArgumentError("kind: not one of a directory");
  }
  return object.signatures(0).signer();
}

absl::Status SignerCheck::CheckIssuerCertificate(const v1::SignedObject& object) {
  const policies::Convenant& convenant = *directory_.convenant();
  ASSIGN_OR_RETURN(const auto certificate, ParseBody<v1::IssuerCertificate>(object, "issuer certificate"));
  RETURN_IF_ERROR(trust::CheckParty(convenant, certificate.organisation()));
  RETURN_IF_ERROR(trust::CheckSignedByRoot(convenant, object, certificate.organisation()).status());
  issuers_[certificate.organisation()] = certificate.issuer_pk();
  return absl::OkStatus();
}

absl::Status SignerCheck::CheckDeviceCertificate(const v1::SignedObject& object) {
  ASSIGN_OR_RETURN(const auto certificate, ParseBody<v1::DeviceCertificate>(object, "device certificate"));
  RETURN_IF_ERROR(CheckByIssuer(object, certificate.organisation()));
  devices_[certificate.device_id()] = certificate.sig_pk();
  return absl::OkStatus();
}

absl::Status SignerCheck::CheckPrekey(const v1::SignedObject& object) const {
  ASSIGN_OR_RETURN(const auto prekey, ParseBody<v1::Prekey>(object, "prekey"));
  const trust::Device* known = directory_.FindDevice(prekey.device_id());
  const auto added = devices_.find(prekey.device_id());
  if (known == nullptr && added == devices_.end()) return absl::NotFoundError("device_id: no such device");
  if (object.signatures(0).signer() != ToHex(prekey.device_id())) {
    return absl::PermissionDeniedError("prekey: the signer is another device");
  }
  const ByteView key = known != nullptr ? known->sig_pk : added->second;
  if (!crypto::Verify(key, trust::kPrekeyLabel, object.body(), object.signatures(0).signature()).ok()) {
    return absl::PermissionDeniedError("prekey: the signature does not fit its device");
  }
  return absl::OkStatus();
}

absl::Status SignerCheck::CheckByIssuer(const v1::SignedObject& object,
                                        absl::string_view organisation) const {
  RETURN_IF_ERROR(trust::CheckParty(*directory_.convenant(), organisation));
  const absl::StatusOr<Bytes> known = directory_.IssuerKey(organisation);
  const auto added = issuers_.find(organisation);
  if (!known.ok() && added == issuers_.end()) {
    return absl::NotFoundError(absl::StrCat("organisation: \"", organisation, "\" has no issuer"));
  }
  return trust::CheckSignedByIssuer(object, organisation, added != issuers_.end() ? added->second : *known);
}

}  // namespace seinpost::server
