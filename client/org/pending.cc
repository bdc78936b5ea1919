// SPDX-License-Identifier: EUPL-1.2
// What an organisation has signed and the log does not hold yet: told apart, dropped, numbered anew.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/org/store.h"
#include "trust/fields.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

template <typename Body>
Body BodyOf(const v1::SignedObject& object) {
  Body body;
  return trust::StrictParse(object.body(), trust::kMaxObjectBytes, "object", body).ok() ? body : Body();
}

Bytes RevokedThing(const v1::Revocation& revocation) {
  return revocation.has_device_id() ? revocation.device_id() : revocation.mandate_id();
}

// What an administrator knows it by.
std::string NameOf(const OrgData& data, const v1::SignedObject& object) {
  const auto of_device = [&](ByteView id) {
    for (const OrgData::Device& device : data.devices) {
      if (device.id == id) return absl::StrCat("device of ", device.handle);
    }
    return std::string("device");
  };
  const auto of_mandate = [&](ByteView id) {
    for (const OrgData::Mandate& mandate : data.mandates) {
      if (mandate.id == id) return absl::StrCat("mandate of ", mandate.handle, " as ", mandate.function);
    }
    return std::string("mandate");
  };
  switch (object.kind()) {
    case v1::OBJECT_KIND_ISSUER_CERTIFICATE:
      return "issuer key";
    case v1::OBJECT_KIND_DEVICE_CERTIFICATE:
      return of_device(SubjectOf(object));
    case v1::OBJECT_KIND_MANDATE:
      return of_mandate(SubjectOf(object));
    case v1::OBJECT_KIND_REVOCATION: {
      const auto revocation = BodyOf<v1::Revocation>(object);
      return absl::StrCat("end of ", revocation.has_device_id() ? of_device(revocation.device_id())
                                                                : of_mandate(revocation.mandate_id()));
    }
    default:
      return "object";
  }
}

// Undoes in `data` what the object would have done.
void Undo(const v1::SignedObject& object, absl::string_view reason, OrgData& data) {
  const Bytes id = SubjectOf(object);
  if (object.kind() == v1::OBJECT_KIND_DEVICE_CERTIFICATE) {
    std::erase_if(data.devices, [&](const auto& device) { return device.id == id; });
  } else if (object.kind() == v1::OBJECT_KIND_MANDATE) {
    for (OrgData::Mandate& mandate : data.mandates) {
      if (mandate.id == id) mandate.refused = std::string(reason);
    }
  } else if (object.kind() == v1::OBJECT_KIND_REVOCATION) {
    // Later numbers are given out already; RenumberPending closes the gap.
    if (BodyOf<v1::Revocation>(object).number() == data.revocation_number) --data.revocation_number;
    for (OrgData::Device& device : data.devices) {
      if (device.id == id) device.revoked = false;
    }
    for (OrgData::Mandate& mandate : data.mandates) {
      if (mandate.id == id) mandate.ended = false;
    }
  }
}

}  // namespace

Bytes SubjectOf(const v1::SignedObject& object) {
  switch (object.kind()) {
    case v1::OBJECT_KIND_ISSUER_CERTIFICATE:
      return BodyOf<v1::IssuerCertificate>(object).issuer_pk();
    case v1::OBJECT_KIND_DEVICE_CERTIFICATE:
      return BodyOf<v1::DeviceCertificate>(object).device_id();
    case v1::OBJECT_KIND_MANDATE:
      return BodyOf<v1::Mandate>(object).mandate_id();
    case v1::OBJECT_KIND_REVOCATION:
      return RevokedThing(BodyOf<v1::Revocation>(object));
    default:
      return "";
  }
}

bool OrgData::Waits(v1::ObjectKind kind, ByteView id) const {
  return std::any_of(pending.begin(), pending.end(), [&](const Bytes& bytes) {
    const absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(bytes);
    return object.ok() && object->kind() == kind && SubjectOf(*object) == id;
  });
}

absl::Status OrgStore::MarkPublished(size_t count, ByteView convenant_hash) {
  OrgData changed = data_;
  count = std::min(count, changed.pending.size());
  changed.pending.erase(changed.pending.begin(), changed.pending.begin() + static_cast<ptrdiff_t>(count));
  if (!convenant_hash.empty()) changed.convenant_hash = Bytes(convenant_hash);
  return Save(std::move(changed));
}

absl::Status OrgStore::DropPending(size_t index, absl::string_view reason, absl::Time now) {
  if (index >= data_.pending.size()) return absl::NotFoundError("no such pending object");
  OrgData changed = data_;
  ASSIGN_OR_RETURN(const v1::SignedObject object, trust::ParseSignedObject(changed.pending[index]));
  changed.refused.push_back({NameOf(changed, object), SubjectOf(object), std::string(reason), now});
  if (changed.refused.size() > OrgData::kMaxRefused) changed.refused.erase(changed.refused.begin());
  changed.pending.erase(changed.pending.begin() + static_cast<ptrdiff_t>(index));
  Undo(object, reason, changed);
  return Save(std::move(changed));
}

absl::Status OrgStore::RenumberPending(uint64_t next, const crypto::SigningKey& issuer) {
  OrgData changed = data_;
  changed.revocation_number = next - 1;
  for (Bytes& bytes : changed.pending) {
    ASSIGN_OR_RETURN(const v1::SignedObject object, trust::ParseSignedObject(bytes));
    if (object.kind() != v1::OBJECT_KIND_REVOCATION) continue;
    auto revocation = BodyOf<v1::Revocation>(object);
    revocation.set_number(++changed.revocation_number);
    bytes =
        trust::SignObject(object.kind(), trust::StrictSerialize(revocation), changed.organisation, issuer);
  }
  return Save(std::move(changed));
}

absl::Status OrgStore::ReissuePending(size_t index, const crypto::SigningKey& issuer) {
  if (index >= data_.pending.size()) return absl::NotFoundError("no such pending object");
  OrgData changed = data_;
  ASSIGN_OR_RETURN(const v1::SignedObject object, trust::ParseSignedObject(changed.pending[index]));
  if (object.kind() != v1::OBJECT_KIND_DEVICE_CERTIFICATE) {
    return absl::FailedPreconditionError("only a device certificate is issued again");
  }
  auto certificate = BodyOf<v1::DeviceCertificate>(object);
  certificate.set_serial(++changed.certificate_serial);
  for (OrgData::Device& device : changed.devices) {
    if (device.id == certificate.device_id()) device.serial = certificate.serial();
  }
  changed.pending[index] =
      trust::SignObject(object.kind(), trust::StrictSerialize(certificate), changed.organisation, issuer);
  return Save(std::move(changed));
}

}  // namespace seinpost::client
