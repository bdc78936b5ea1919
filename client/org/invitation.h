// SPDX-License-Identifier: EUPL-1.2
// What an administrator gives to somebody who is to join: which convenant, which broker, which certificate
// authority. Nothing in it is secret. Format: docs/formats/invitation.md.
#ifndef SEINPOST_CLIENT_ORG_INVITATION_H_
#define SEINPOST_CLIENT_ORG_INVITATION_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/terminal/context.h"
#include "policies/document/convenant.h"
#include "util/bytes.h"

namespace seinpost::client {

struct Invitation {
  std::string organisation;  // party id of whoever invites
  std::string convenant;     // id
  uint32_t version = 0;
  Digest hash{};       // SHA-256 of the file of that version
  std::string broker;  // "host:port"
  std::string tls_ca_pem;
  std::map<std::string, std::string> fingerprints;  // of the root keys, by party
};

std::string EncodeInvitation(const Invitation& invitation);
// kInvalidArgument: not an invitation; the text names the field.
absl::StatusOr<Invitation> DecodeInvitation(absl::string_view text);

// What Invitation::fingerprints holds for a convenant.
std::map<std::string, std::string> RootFingerprints(const policies::Convenant& convenant);

// Asks the broker whether it serves this convenant. kUnavailable (exit 4): it is not there, or shows a
// certificate of another authority. kDataLoss (exit 5): it gives an older version, or another text or other
// root keys at this one. A newer version is fine: the device checks how one follows from the other when it
// connects. kInvalidArgument: the organisation is no party of it.
absl::Status CheckInvitation(const Context& context, const Invitation& invitation);

// Whether `typed` is `fingerprint`: capitals, spaces, hyphens and colons do not matter.
bool IsFingerprint(absl::string_view typed, absl::string_view fingerprint);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_INVITATION_H_
