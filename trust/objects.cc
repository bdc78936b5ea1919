// SPDX-License-Identifier: EUPL-1.2
#include "trust/objects.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::trust {

namespace pb = seinpost::v1;

namespace {

// None, or two notes with a convenant.
absl::Status CheckEvidence(const pb::SignedObject& object) {
  if (object.evidence().empty()) return absl::OkStatus();
  if (object.kind() != pb::OBJECT_KIND_CONVENANT) {
    return absl::InvalidArgumentError("evidence: only a convenant has any");
  }
  if (object.evidence_size() != 2) return absl::InvalidArgumentError("evidence: not two notes");
  for (const std::string& note : object.evidence()) {
    if (note.empty()) return absl::InvalidArgumentError("evidence: an empty note");
  }
  return absl::OkStatus();
}

}  // namespace

DeviceId DeviceIdOf(ByteView sig_pk) {
  return ToBytes(crypto::Sha256Concat({kDeviceIdLabel, sig_pk})).substr(0, kIdBytes);
}

absl::StatusOr<std::string> LabelOf(pb::ObjectKind kind) {
  switch (kind) {
    case pb::OBJECT_KIND_CONVENANT:
    case pb::OBJECT_KIND_PROPOSAL:  // the same file, signed once for both
      return kConvenantLabel;
    case pb::OBJECT_KIND_ISSUER_CERTIFICATE:
      return kIssuerCertificateLabel;
    case pb::OBJECT_KIND_DEVICE_CERTIFICATE:
      return kDeviceCertificateLabel;
    case pb::OBJECT_KIND_MANDATE:
      return kMandateLabel;
    case pb::OBJECT_KIND_REVOCATION:
      return kRevocationLabel;
    case pb::OBJECT_KIND_PREKEY:
      return kPrekeyLabel;
    case pb::OBJECT_KIND_TRUST_UPDATE:
      return kTrustUpdateLabel;
    case pb::OBJECT_KIND_RESTRICTION_ORDER:
      return kRestrictionOrderLabel;
    case pb::OBJECT_KIND_LOG_EPOCH:
      return kLogEpochLabel;
    default:
      return absl::InvalidArgumentError(absl::StrCat("kind: no kind of object has number ", kind));
  }
}

Bytes SignObject(pb::ObjectKind kind, ByteView body, absl::string_view signer,
                 const crypto::SigningKey& key) {
  pb::SignedObject object;
  object.set_kind(kind);
  object.set_body(Bytes(body));
  pb::ObjectSignature* signature = object.add_signatures();
  signature->set_signer(std::string(signer));
  signature->set_signature(crypto::Sign(key, LabelOf(kind).value(), body));
  return StrictSerialize(object);
}

bool TakesManySignatures(pb::ObjectKind kind) {
  switch (kind) {
    case pb::OBJECT_KIND_CONVENANT:
    case pb::OBJECT_KIND_PROPOSAL:
    case pb::OBJECT_KIND_TRUST_UPDATE:
    case pb::OBJECT_KIND_LOG_EPOCH:
      return true;
    default:
      return false;
  }
}

absl::StatusOr<pb::SignedObject> ParseSignedObject(ByteView bytes) {
  pb::SignedObject object;
  RETURN_IF_ERROR(StrictParse(bytes, kMaxObjectBytes, "object", object));
  RETURN_IF_ERROR(LabelOf(object.kind()).status());
  if (object.body().empty()) return absl::InvalidArgumentError("body: empty");
  if (object.signatures().empty()) return absl::InvalidArgumentError("signatures: none");
  if (!TakesManySignatures(object.kind()) && object.signatures_size() != 1) {
    return absl::InvalidArgumentError("signatures: more than one");
  }
  RETURN_IF_ERROR(CheckEvidence(object));
  for (int i = 0; i < object.signatures_size(); ++i) {
    const pb::ObjectSignature& signature = object.signatures(i);
    RETURN_IF_ERROR(CheckText(signature.signer(), "signatures.signer", kMaxSignerBytes));
    RETURN_IF_ERROR(CheckSize(signature.signature(), crypto::kSignatureBytes, "signatures.signature"));
    if (i > 0 && !(object.signatures(i - 1).signer() < signature.signer())) {
      return absl::InvalidArgumentError("signatures: not sorted by signer, or one signer twice");
    }
  }
  return object;
}

namespace {

bool BySigner(const pb::ObjectSignature& a, const pb::ObjectSignature& b) { return a.signer() < b.signer(); }

absl::StatusOr<Bytes> Encode(const pb::SignedObject& object) {
  Bytes encoded = StrictSerialize(object);
  if (encoded.size() > kMaxObjectBytes) {
    return absl::ResourceExhaustedError(absl::StrCat("the object has more than ", kMaxObjectBytes, " bytes"));
  }
  return encoded;
}

}  // namespace

absl::StatusOr<Bytes> AddSignature(ByteView object_so_far, absl::string_view signer,
                                   const crypto::SigningKey& key) {
  ASSIGN_OR_RETURN(pb::SignedObject object, ParseSignedObject(object_so_far));
  if (!TakesManySignatures(object.kind())) {
    return absl::InvalidArgumentError("kind: takes one signature only");
  }
  RETURN_IF_ERROR(CheckText(signer, "signer", kMaxSignerBytes));
  ASSIGN_OR_RETURN(const std::string label, LabelOf(object.kind()));
  auto* signatures = object.mutable_signatures();
  auto place = std::find_if(signatures->begin(), signatures->end(),
                            [&](const pb::ObjectSignature& have) { return have.signer() == signer; });
  pb::ObjectSignature& signature = place == signatures->end() ? *signatures->Add() : *place;
  signature.set_signer(std::string(signer));
  signature.set_signature(crypto::Sign(key, label, object.body()));
  std::sort(signatures->begin(), signatures->end(), BySigner);
  return Encode(object);
}

absl::StatusOr<Bytes> AddConvenantSignature(ByteView yaml, ByteView object_so_far, absl::string_view signer,
                                            const crypto::SigningKey& root) {
  if (object_so_far.empty()) {
    RETURN_IF_ERROR(CheckText(signer, "signer", kMaxSignerBytes));
    const Bytes object = SignObject(pb::OBJECT_KIND_CONVENANT, yaml, signer, root);
    ASSIGN_OR_RETURN(const pb::SignedObject parsed, ParseSignedObject(object));
    return Encode(parsed);
  }
  ASSIGN_OR_RETURN(const pb::SignedObject object, ParseSignedObject(object_so_far));
  if (object.kind() != pb::OBJECT_KIND_CONVENANT) {
    return absl::InvalidArgumentError("the signatures so far are not those of a convenant");
  }
  if (object.body() != yaml) {
    return absl::FailedPreconditionError("the signatures so far are those of another file");
  }
  return AddSignature(object_so_far, signer, root);
}

absl::StatusOr<Bytes> MergeSignatures(ByteView a, ByteView b) {
  ASSIGN_OR_RETURN(pb::SignedObject merged, ParseSignedObject(a));
  ASSIGN_OR_RETURN(const pb::SignedObject other, ParseSignedObject(b));
  if (merged.kind() != other.kind() || merged.body() != other.body() ||
      !std::equal(merged.evidence().begin(), merged.evidence().end(), other.evidence().begin(),
                  other.evidence().end())) {
    return absl::FailedPreconditionError("the signatures are not those of one object");
  }
  auto* signatures = merged.mutable_signatures();
  for (const pb::ObjectSignature& signature : other.signatures()) {
    const auto have = std::find_if(signatures->begin(), signatures->end(),
                                   [&](const auto& one) { return one.signer() == signature.signer(); });
    if (have == signatures->end()) {
      *signatures->Add() = signature;
    } else if (have->signature() != signature.signature()) {
      return absl::FailedPreconditionError(
          absl::StrCat("\"", signature.signer(), "\" signed this in two ways"));
    }
  }
  std::sort(signatures->begin(), signatures->end(), BySigner);
  if (!TakesManySignatures(merged.kind()) && signatures->size() > 1) {
    return absl::FailedPreconditionError("signers: two, of a kind that takes one signature only");
  }
  return Encode(merged);
}

absl::StatusOr<Bytes> MakeProposal(ByteView convenant) {
  ASSIGN_OR_RETURN(pb::SignedObject object, ParseSignedObject(convenant));
  if (object.kind() != pb::OBJECT_KIND_CONVENANT && object.kind() != pb::OBJECT_KIND_PROPOSAL) {
    return absl::InvalidArgumentError("kind: not a convenant");
  }
  object.set_kind(pb::OBJECT_KIND_PROPOSAL);
  object.clear_evidence();
  return Encode(object);
}

absl::StatusOr<Bytes> MakeActivation(ByteView proposal, ByteView first_note, ByteView second_note) {
  ASSIGN_OR_RETURN(const Bytes same, MakeProposal(proposal));
  ASSIGN_OR_RETURN(pb::SignedObject object, ParseSignedObject(same));
  object.set_kind(pb::OBJECT_KIND_CONVENANT);
  object.add_evidence(Bytes(first_note));
  object.add_evidence(Bytes(second_note));
  RETURN_IF_ERROR(CheckEvidence(object));
  return Encode(object);
}

SignedDeviceRequest MakeDeviceRequest(absl::string_view organisation, absl::string_view handle,
                                      absl::Time now, const crypto::SigningKey& device) {
  pb::DeviceRequest request;
  request.set_version(1);
  request.set_organisation(std::string(organisation));
  request.set_handle(std::string(handle));
  request.set_sig_pk(ToBytes(device.public_key()));
  request.set_time(absl::ToUnixSeconds(now));
  SignedDeviceRequest made;
  made.request = StrictSerialize(request);
  made.signature = crypto::Sign(device, kDeviceRequestLabel, made.request);
  return made;
}

absl::StatusOr<pb::DeviceRequest> CheckDeviceRequest(const SignedDeviceRequest& signed_request) {
  pb::DeviceRequest request;
  RETURN_IF_ERROR(StrictParse(signed_request.request, kMaxRequestBytes, "request", request));
  RETURN_IF_ERROR(CheckVersion(request.version()));
  RETURN_IF_ERROR(CheckText(request.organisation(), "organisation"));
  RETURN_IF_ERROR(CheckHandle(request.handle()));
  RETURN_IF_ERROR(CheckSize(request.sig_pk(), kKeyBytes, "sig_pk"));
  RETURN_IF_ERROR(CheckTime(request.time(), "time").status());
  if (absl::Status status = crypto::Verify(request.sig_pk(), kDeviceRequestLabel, signed_request.request,
                                           signed_request.signature);
      !status.ok()) {
    return absl::PermissionDeniedError("the request is not signed by the key it names");
  }
  return request;
}

absl::StatusOr<Bytes> IssueDeviceCertificate(const SignedDeviceRequest& signed_request, ByteView member_ref,
                                             uint64_t serial, absl::Time from, absl::Time until,
                                             const crypto::SigningKey& issuer) {
  ASSIGN_OR_RETURN(const pb::DeviceRequest request, CheckDeviceRequest(signed_request));
  RETURN_IF_ERROR(CheckSize(member_ref, kIdBytes, "member_ref"));
  pb::DeviceCertificate certificate;
  certificate.set_version(1);
  certificate.set_organisation(request.organisation());
  certificate.set_member_ref(Bytes(member_ref));
  certificate.set_handle(request.handle());
  certificate.set_device_id(DeviceIdOf(request.sig_pk()));
  certificate.set_sig_pk(request.sig_pk());
  certificate.set_not_before(absl::ToUnixSeconds(from));
  certificate.set_not_after(absl::ToUnixSeconds(until));
  certificate.set_serial(serial);
  certificate.set_request_hash(ToBytes(crypto::Sha256(signed_request.request)));
  return SignObject(pb::OBJECT_KIND_DEVICE_CERTIFICATE, StrictSerialize(certificate), request.organisation(),
                    issuer);
}

}  // namespace seinpost::trust
