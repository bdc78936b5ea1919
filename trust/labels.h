// SPDX-License-Identifier: EUPL-1.2
// One label per kind of signed thing; a signature under one label means nothing under another
// (docs/formats/encoding.md).
#ifndef SEINPOST_TRUST_LABELS_H_
#define SEINPOST_TRUST_LABELS_H_

namespace seinpost::trust {

inline constexpr char kConvenantLabel[] = "seinpost/v1/convenant";
inline constexpr char kIssuerCertificateLabel[] = "seinpost/v1/issuer-certificate";
inline constexpr char kDeviceRequestLabel[] = "seinpost/v1/device-request";
inline constexpr char kDeviceCertificateLabel[] = "seinpost/v1/device-certificate";
inline constexpr char kMandateLabel[] = "seinpost/v1/mandate";
inline constexpr char kRevocationLabel[] = "seinpost/v1/revocation";
inline constexpr char kPrekeyLabel[] = "seinpost/v1/prekey";
inline constexpr char kSessionLabel[] = "seinpost/v1/session";
inline constexpr char kHeaderLabel[] = "seinpost/v1/header";
inline constexpr char kOpenLabel[] = "seinpost/v1/open";
inline constexpr char kDenialLabel[] = "seinpost/v1/denial";
inline constexpr char kAuditQueryLabel[] = "seinpost/v1/audit-query";
inline constexpr char kTrustUpdateLabel[] = "seinpost/v1/trust-update";
inline constexpr char kRestrictionOrderLabel[] = "seinpost/v1/restriction-order";
inline constexpr char kLogEpochLabel[] = "seinpost/v1/log-epoch";
inline constexpr char kDeliveredLabel[] = "seinpost/v1/delivered";
inline constexpr char kRewrapRequestLabel[] = "seinpost/v1/rewrap-request";
inline constexpr char kRewrapLabel[] = "seinpost/v1/rewrap";
inline constexpr char kDeviceIdLabel[] = "seinpost/v1/device-id";      // hashed, not signed
inline constexpr char kDeviceCodeLabel[] = "seinpost/v1/device-code";  // hashed, not signed

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_LABELS_H_
