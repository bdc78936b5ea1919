// SPDX-License-Identifier: EUPL-1.2
// What the body of a directory object says by itself, before any signature is looked at: the strict encoding
// and the bounds of each field. For use by directory.h. Pure; thread-safe.
//   kInvalidArgument   malformed, or a field out of its bounds; the text begins with the field
//   kPermissionDenied  the organisation is no party of the convenant
#ifndef SEINPOST_TRUST_OBJECT_FIELDS_H_
#define SEINPOST_TRUST_OBJECT_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/document/convenant.h"
#include "seinpost/v1/trust.pb.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::trust {

inline constexpr size_t kMaxBodyBytes = 16 * 1024;  // but of what several parties sign

struct IssuerFields {
  std::string organisation;
  Bytes public_key;
  absl::Time not_before, not_after;
  uint64_t serial = 0;
};

absl::Status CheckParty(const policies::Convenant& convenant, absl::string_view organisation);

absl::StatusOr<IssuerFields> CheckIssuerFields(const policies::Convenant& convenant, ByteView body);
// All of Device but cert_hash; `certificate` is what was parsed.
absl::StatusOr<Device> CheckDeviceFields(ByteView body, v1::DeviceCertificate& certificate);
absl::StatusOr<MandateEntry> CheckMandateFields(const policies::Convenant& convenant, ByteView body);
absl::StatusOr<v1::Revocation> CheckRevocationFields(ByteView body);
// All of PrekeyEntry but prekey_id and seq.
absl::StatusOr<PrekeyEntry> CheckPrekeyFields(const policies::Convenant& convenant, ByteView body);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_OBJECT_FIELDS_H_
