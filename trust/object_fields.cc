// SPDX-License-Identifier: EUPL-1.2
#include "trust/object_fields.h"

#include "absl/strings/str_cat.h"
#include "crypto/x25519.h"
#include "trust/fields.h"
#include "trust/levels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::trust {

namespace pb = seinpost::v1;

namespace {

constexpr int kMaxScopes = 64;

struct Span {
  absl::Time from, until;
};

absl::StatusOr<Span> CheckSpan(int64_t from, int64_t until, absl::string_view from_field,
                               absl::string_view until_field) {
  Span span;
  ASSIGN_OR_RETURN(span.from, CheckTime(from, from_field));
  ASSIGN_OR_RETURN(span.until, CheckTime(until, until_field));
  if (span.until <= span.from) {
    return absl::InvalidArgumentError(absl::StrCat(until_field, ": not after ", from_field));
  }
  return span;
}

absl::StatusOr<Span> CheckCertificateLife(int64_t not_before, int64_t not_after) {
  ASSIGN_OR_RETURN(const Span span, CheckSpan(not_before, not_after, "not_before", "not_after"));
  if (span.until - span.from > kMaxCertificateLife) {
    return absl::InvalidArgumentError("not_after: more than 366 days after not_before");
  }
  return span;
}

absl::Status CheckScopes(const policies::Convenant& convenant, const pb::Mandate& mandate) {
  if (mandate.scopes().empty()) return absl::InvalidArgumentError("scopes: none");
  if (mandate.scopes_size() > kMaxScopes) return absl::InvalidArgumentError("scopes: more than 64");
  for (int i = 0; i < mandate.scopes_size(); ++i) {
    const std::string& scope = mandate.scopes(i);
    RETURN_IF_ERROR(CheckText(scope, "scopes"));
    if (i > 0 && !(mandate.scopes(i - 1) < scope)) {
      return absl::InvalidArgumentError("scopes: not sorted, or one twice");
    }
    if (scope != "*" && convenant.scopes().count(scope) == 0) {
      return absl::InvalidArgumentError(absl::StrCat("scopes: the convenant has no scope \"", scope, "\""));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFunction(const policies::Convenant& convenant, absl::string_view organisation,
                           const std::string& function) {
  RETURN_IF_ERROR(CheckText(function, "function"));
  if (function == policies::kPrivacyOfficer) return absl::OkStatus();
  const policies::Party* party = convenant.FindParty(organisation);
  const policies::KindLevels* levels = party == nullptr ? nullptr : convenant.FindLevels(party->kind);
  if (levels == nullptr || levels->functions.count(function) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("function: the convenant declares no \"", function, "\" for this kind of party"));
  }
  return absl::OkStatus();
}

absl::Status CheckConvenantId(const policies::Convenant& convenant, absl::string_view id) {
  if (id == convenant.id()) return absl::OkStatus();
  return absl::InvalidArgumentError("convenant_id: another convenant");
}

}  // namespace

absl::Status CheckParty(const policies::Convenant& convenant, absl::string_view organisation) {
  RETURN_IF_ERROR(CheckText(organisation, "organisation"));
  if (convenant.FindParty(organisation) == nullptr) {
    return absl::PermissionDeniedError(
        absl::StrCat("organisation: \"", organisation, "\" is no party of the convenant"));
  }
  return absl::OkStatus();
}

absl::StatusOr<IssuerFields> CheckIssuerFields(const policies::Convenant& convenant, ByteView body) {
  pb::IssuerCertificate certificate;
  RETURN_IF_ERROR(StrictParse(body, kMaxBodyBytes, "issuer certificate", certificate));
  RETURN_IF_ERROR(CheckVersion(certificate.version()));
  RETURN_IF_ERROR(CheckParty(convenant, certificate.organisation()));
  RETURN_IF_ERROR(CheckSize(certificate.issuer_pk(), kKeyBytes, "issuer_pk"));
  ASSIGN_OR_RETURN(const Span life, CheckCertificateLife(certificate.not_before(), certificate.not_after()));
  if (certificate.serial() == 0) return absl::InvalidArgumentError("serial: 0");
  return IssuerFields{certificate.organisation(), certificate.issuer_pk(), life.from, life.until,
                      certificate.serial()};
}

absl::StatusOr<Device> CheckDeviceFields(ByteView body, pb::DeviceCertificate& certificate) {
  RETURN_IF_ERROR(StrictParse(body, kMaxBodyBytes, "device certificate", certificate));
  RETURN_IF_ERROR(CheckVersion(certificate.version()));
  RETURN_IF_ERROR(CheckSize(certificate.member_ref(), kIdBytes, "member_ref"));
  RETURN_IF_ERROR(CheckHandle(certificate.handle()));
  RETURN_IF_ERROR(CheckSize(certificate.device_id(), kIdBytes, "device_id"));
  RETURN_IF_ERROR(CheckSize(certificate.sig_pk(), kKeyBytes, "sig_pk"));
  RETURN_IF_ERROR(CheckSize(certificate.request_hash(), kHashBytes, "request_hash"));
  ASSIGN_OR_RETURN(const Span life, CheckCertificateLife(certificate.not_before(), certificate.not_after()));
  if (certificate.serial() == 0) return absl::InvalidArgumentError("serial: 0");
  if (certificate.device_id() != DeviceIdOf(certificate.sig_pk())) {
    return absl::InvalidArgumentError("device_id: not the one of sig_pk");
  }
  Device device;
  device.id = certificate.device_id();
  device.sig_pk = certificate.sig_pk();
  device.organisation = certificate.organisation();
  device.member_ref = certificate.member_ref();
  device.handle = certificate.handle();
  device.not_before = life.from;
  device.not_after = life.until;
  return device;
}

absl::StatusOr<MandateEntry> CheckMandateFields(const policies::Convenant& convenant, ByteView body) {
  pb::Mandate mandate;
  RETURN_IF_ERROR(StrictParse(body, kMaxBodyBytes, "mandate", mandate));
  RETURN_IF_ERROR(CheckVersion(mandate.version()));
  RETURN_IF_ERROR(CheckConvenantId(convenant, mandate.convenant_id()));
  RETURN_IF_ERROR(CheckSize(mandate.member_ref(), kIdBytes, "member_ref"));
  RETURN_IF_ERROR(CheckSize(mandate.mandate_id(), kIdBytes, "mandate_id"));
  ASSIGN_OR_RETURN(const Span span, CheckSpan(mandate.from(), mandate.until(), "from", "until"));
  if (mandate.max_level() < pb::LEVEL_L0 || mandate.max_level() > pb::LEVEL_L2) {
    return absl::InvalidArgumentError("max_level: not a level");
  }
  RETURN_IF_ERROR(CheckParty(convenant, mandate.organisation()));
  RETURN_IF_ERROR(CheckFunction(convenant, mandate.organisation(), mandate.function()));
  RETURN_IF_ERROR(CheckScopes(convenant, mandate));
  MandateEntry entry;
  entry.mandate_id = mandate.mandate_id();
  entry.member_ref = mandate.member_ref();
  entry.organisation = mandate.organisation();
  entry.function = mandate.function();
  entry.scopes.assign(mandate.scopes().begin(), mandate.scopes().end());
  entry.max_level = LevelFromProto(mandate.max_level());
  entry.from = span.from;
  entry.until = span.until;
  RETURN_IF_ERROR(CheckSizeOrEmpty(mandate.deputy_for(), kIdBytes, "deputy_for"));
  if (mandate.deputy_for() == mandate.member_ref()) {
    return absl::InvalidArgumentError("deputy_for: the member himself");
  }
  if (!mandate.deputy_for().empty()) entry.deputy_for = mandate.deputy_for();
  return entry;
}

absl::StatusOr<pb::Revocation> CheckRevocationFields(ByteView body) {
  pb::Revocation revocation;
  RETURN_IF_ERROR(StrictParse(body, kMaxBodyBytes, "revocation", revocation));
  RETURN_IF_ERROR(CheckVersion(revocation.version()));
  RETURN_IF_ERROR(CheckTime(revocation.time(), "time").status());
  return revocation;
}

absl::StatusOr<PrekeyEntry> CheckPrekeyFields(const policies::Convenant& convenant, ByteView body) {
  pb::Prekey prekey;
  RETURN_IF_ERROR(StrictParse(body, kMaxBodyBytes, "prekey", prekey));
  RETURN_IF_ERROR(CheckVersion(prekey.version()));
  if (prekey.suite_id() != convenant.trust()->suite) {
    return absl::InvalidArgumentError("suite_id: not the one of the convenant");
  }
  RETURN_IF_ERROR(CheckConvenantId(convenant, prekey.convenant_id()));
  RETURN_IF_ERROR(CheckSize(prekey.device_id(), kIdBytes, "device_id"));
  RETURN_IF_ERROR(CheckSize(prekey.hpke_pk(), kKeyBytes, "hpke_pk"));
  if (crypto::IsLowOrder(prekey.hpke_pk()))
    return absl::InvalidArgumentError("hpke_pk: a point of low order");
  RETURN_IF_ERROR(CheckText(prekey.retention_class(), "retention_class"));
  const policies::RetentionClass* retention = convenant.FindRetention(prekey.retention_class());
  if (retention == nullptr)
    return absl::InvalidArgumentError("retention_class: the convenant has no such class");
  ASSIGN_OR_RETURN(const Span window,
                   CheckSpan(prekey.seal_from(), prekey.seal_until(), "seal_from", "seal_until"));
  if (window.until - window.from > kMaxSealingWindow) {
    return absl::InvalidArgumentError("seal_until: more than 62 days after seal_from");
  }
  ASSIGN_OR_RETURN(const absl::Time delete_after, CheckTime(prekey.delete_after(), "delete_after"));
  if (delete_after != window.until + retention->cap) {
    return absl::InvalidArgumentError("delete_after: not seal_until and the cap of the class");
  }
  if (!prekey.header_hash().empty()) {
    return absl::InvalidArgumentError("header_hash: given in a prekey for everybody");
  }
  PrekeyEntry entry;
  entry.device_id = prekey.device_id();
  entry.hpke_pk = prekey.hpke_pk();
  entry.retention_class = prekey.retention_class();
  entry.seal_from = window.from;
  entry.seal_until = window.until;
  entry.delete_after = delete_after;
  return entry;
}

}  // namespace seinpost::trust
