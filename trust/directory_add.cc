// SPDX-License-Identifier: EUPL-1.2
// The links of the chain root -> issuer -> certificate -> mandate/prekey, one function per kind of object.
// Each checks everything before it changes anything.
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "trust/directory.h"
#include "trust/labels.h"
#include "trust/object_fields.h"
#include "trust/vouching.h"
#include "util/status_macros.h"

namespace seinpost::trust {

namespace pb = seinpost::v1;

namespace {

// Whether `now` lies in the span, give or take a clock's error. InfinitePast asks nothing.
bool Holds(absl::Time from, absl::Time until, absl::Time now) {
  return now == absl::InfinitePast() || (from - kClockSkew <= now && now < until + kClockSkew);
}

// How many of `by_time` lie in the calendar month (UTC) of `at`; the walk is bounded by the rule that asks.
template <typename Map>
size_t CountInMonth(const Map& by_time, absl::Time at) {
  const absl::CivilMonth month = absl::ToCivilMonth(at, absl::UTCTimeZone());
  const auto first = by_time.lower_bound(absl::FromCivil(month, absl::UTCTimeZone()));
  const auto end = by_time.lower_bound(absl::FromCivil(month + 1, absl::UTCTimeZone()));
  return static_cast<size_t>(std::distance(first, end));
}

}  // namespace

bool Directory::Issuer::HoldsAt(absl::Time at) const { return Holds(not_before, not_after, at); }

// root -> issuer
absl::Status Directory::AddIssuer(const pb::SignedObject& object, absl::Time now) {
  ASSIGN_OR_RETURN(const IssuerFields fields, CheckIssuerFields(*convenant(), object.body()));
  ASSIGN_OR_RETURN(const Bytes root, CheckSignedByRoot(*convenant(), object, fields.organisation));
  if (!Holds(fields.not_before, fields.not_after, now)) {
    return absl::FailedPreconditionError("issuer certificate: not valid now");
  }
  if (fields.serial < NextIssuerSerial(fields.organisation)) {
    return absl::FailedPreconditionError("serial: not higher than that of the issuer in force");
  }
  issuers_[fields.organisation] =
      Issuer{fields.public_key, fields.not_before, fields.not_after, fields.serial, root};
  return absl::OkStatus();
}

// issuer -> everything an organisation says
absl::Status Directory::VerifyByIssuer(const pb::SignedObject& object, absl::string_view organisation,
                                       absl::Time now) const {
  RETURN_IF_ERROR(CheckParty(*convenant(), organisation));
  const auto issuer = issuers_.find(organisation);
  if (issuer == issuers_.end()) {
    return absl::NotFoundError(absl::StrCat("organisation: \"", organisation, "\" has no issuer"));
  }
  if (!issuer->second.HoldsAt(now)) {
    return absl::PermissionDeniedError(absl::StrCat("the issuer of \"", organisation, "\" is not valid now"));
  }
  return CheckSignedByIssuer(object, organisation, issuer->second.public_key);
}

// issuer -> certificate
absl::Status Directory::AddDevice(const pb::SignedObject& object, absl::Time now) {
  pb::DeviceCertificate certificate;
  ASSIGN_OR_RETURN(Device device, CheckDeviceFields(object.body(), certificate));
  RETURN_IF_ERROR(VerifyByIssuer(object, device.organisation, now));
  if (!Holds(device.not_before, device.not_after, now)) {
    return absl::FailedPreconditionError("device certificate: not valid now");
  }
  if (devices_.count(device.id) > 0) {
    return absl::FailedPreconditionError("device_id: certified already; a new certificate needs a new key");
  }
  RETURN_IF_ERROR(CheckNewMember(certificate));
  if (!serials_[device.organisation].insert(certificate.serial()).second) {
    return absl::FailedPreconditionError("serial: taken by another certificate of this organisation");
  }

  device.seq = seq_;
  device.cert_hash = ToBytes(crypto::Sha256(object.body()));
  Member& member = members_[device.member_ref];
  member.ref = device.member_ref;
  member.organisation = device.organisation;
  member.handle = device.handle;
  member.devices.push_back(device.id);
  handles_[{device.organisation, device.handle}] = device.member_ref;
  const DeviceId id = device.id;
  devices_.emplace(id, std::move(device));
  return absl::OkStatus();
}

// A member keeps his organisation and handle, and a handle its member.
absl::Status Directory::CheckNewMember(const pb::DeviceCertificate& certificate) const {
  if (const Member* known = FindMember(certificate.member_ref())) {
    if (known->organisation != certificate.organisation()) {
      return absl::FailedPreconditionError("member_ref: a member of another organisation");
    }
    if (known->handle != certificate.handle()) {
      return absl::FailedPreconditionError("handle: this member has another");
    }
    return absl::OkStatus();
  }
  if (FindMember(certificate.organisation(), certificate.handle()) != nullptr) {
    return absl::FailedPreconditionError("handle: taken by another member of this organisation");
  }
  return absl::OkStatus();
}

// certificate -> mandate
absl::Status Directory::AddMandate(const pb::SignedObject& object, absl::Time now) {
  ASSIGN_OR_RETURN(MandateEntry entry, CheckMandateFields(*convenant(), object.body()));
  RETURN_IF_ERROR(VerifyByIssuer(object, entry.organisation, now));
  const Member* member = FindMember(entry.member_ref);
  if (member == nullptr) return absl::NotFoundError("member_ref: no such member");
  if (member->organisation != entry.organisation) {
    return absl::PermissionDeniedError("mandate: for a member of another organisation");
  }
  if (entry.deputy_for) {
    const Member* principal = FindMember(*entry.deputy_for);
    if (principal == nullptr) return absl::NotFoundError("deputy_for: no such member");
    if (principal->organisation != entry.organisation) {
      return absl::PermissionDeniedError("deputy_for: a member of another organisation");
    }
  }
  if (mandates_.count(entry.mandate_id) > 0) return absl::FailedPreconditionError("mandate_id: taken");

  entry.seq = seq_;
  if (entry.function == policies::kPrivacyOfficer) officers_.insert(entry.member_ref);
  mandates_by_member_[entry.member_ref].push_back(entry.mandate_id);
  const Bytes id = entry.mandate_id;
  mandates_.emplace(id, std::move(entry));
  return absl::OkStatus();
}

absl::Status Directory::AddRevocation(const pb::SignedObject& object, absl::Time now) {
  ASSIGN_OR_RETURN(const pb::Revocation revocation, CheckRevocationFields(object.body()));
  RETURN_IF_ERROR(VerifyByIssuer(object, revocation.organisation(), now));
  if (revocation.number() != NextRevocationNumber(revocation.organisation())) {
    return absl::FailedPreconditionError(absl::StrCat("number: ", revocation.number(), " where ",
                                                      NextRevocationNumber(revocation.organisation()),
                                                      " is next"));
  }
  switch (revocation.subject_case()) {
    case pb::Revocation::kDeviceId:
      RETURN_IF_ERROR(RevokeDevice(revocation));
      break;
    case pb::Revocation::kMandateId:
      RETURN_IF_ERROR(RevokeMandate(revocation));
      break;
    default:
      return absl::InvalidArgumentError("subject: none");
  }
  revocation_numbers_[revocation.organisation()] = revocation.number();
  return absl::OkStatus();
}

absl::Status Directory::RevokeDevice(const pb::Revocation& revocation) {
  const auto device = devices_.find(revocation.device_id());
  if (device == devices_.end()) return absl::NotFoundError("device_id: no such device");
  if (device->second.organisation != revocation.organisation()) {
    return absl::PermissionDeniedError("revocation: of a device of another organisation");
  }
  if (device->second.revoked_at_seq) return absl::FailedPreconditionError("device_id: revoked already");
  device->second.revoked_at_seq = seq_;
  return absl::OkStatus();
}

absl::Status Directory::RevokeMandate(const pb::Revocation& revocation) {
  const auto mandate = mandates_.find(revocation.mandate_id());
  if (mandate == mandates_.end()) return absl::NotFoundError("mandate_id: no such mandate");
  if (mandate->second.organisation != revocation.organisation()) {
    return absl::PermissionDeniedError("revocation: of a mandate of another organisation");
  }
  if (mandate->second.revoked_at_seq) return absl::FailedPreconditionError("mandate_id: revoked already");
  mandate->second.revoked_at_seq = seq_;
  return absl::OkStatus();
}

// certificate -> prekey
absl::Status Directory::AddPrekey(const pb::SignedObject& object, absl::Time now) {
  ASSIGN_OR_RETURN(PrekeyEntry entry, CheckPrekeyFields(*convenant(), object.body()));
  RETURN_IF_ERROR(VerifyByDevice(object, entry.device_id, now));
  if (now != absl::InfinitePast() && entry.seal_until <= now) {
    return absl::FailedPreconditionError("seal_until: past");
  }
  if (hpke_keys_.Contains(entry.hpke_pk)) return absl::FailedPreconditionError("hpke_pk: used before");
  if (HasPrekey(entry.device_id, entry.retention_class, entry.seal_from)) {
    return absl::FailedPreconditionError("seal_from: this device has a prekey of this class from then on");
  }
  const PrekeysOfClass* others = FindPrekeys(entry.device_id, entry.retention_class);
  if (others != nullptr && CountInMonth(*others, entry.seal_from) >= kMaxPrekeysPerMonth) {
    return absl::FailedPreconditionError(absl::StrCat("seal_from: this device has ", kMaxPrekeysPerMonth,
                                                      " prekeys of this class that month"));
  }

  entry.seq = seq_;
  entry.prekey_id = ToBytes(crypto::Sha256(object.body()));
  hpke_keys_.Emplace(entry.hpke_pk, seq_);
  const auto shared = std::make_shared<const PrekeyEntry>(std::move(entry));
  prekeys_.Emplace(shared->prekey_id, shared);
  prekeys_by_device_.Mutable(shared->device_id)[shared->retention_class].emplace(shared->seal_from, shared);
  return absl::OkStatus();
}

absl::Status Directory::VerifyByDevice(const pb::SignedObject& object, ByteView device_id,
                                       absl::Time now) const {
  const Device* device = FindDevice(device_id);
  if (device == nullptr) return absl::NotFoundError("device_id: no such device");
  if (object.signatures(0).signer() != ToHex(device->id)) {
    return absl::PermissionDeniedError("prekey: the signer is another device");
  }
  if (!crypto::Verify(device->sig_pk, kPrekeyLabel, object.body(), object.signatures(0).signature()).ok()) {
    return absl::PermissionDeniedError("prekey: the signature does not fit its device");
  }
  if (device->revoked_at_seq) return absl::PermissionDeniedError("prekey: its device is revoked");
  if (!Holds(device->not_before, device->not_after, now)) {
    return absl::PermissionDeniedError("prekey: the certificate of its device is not valid now");
  }
  return absl::OkStatus();
}

}  // namespace seinpost::trust
