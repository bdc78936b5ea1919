// SPDX-License-Identifier: EUPL-1.2
#include "client/org/invitation.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/broker/connection.h"
#include "client/broker/in_force.h"
#include "client/org/store.h"
#include "client/terminal/fingerprint.h"
#include "client/terminal/json.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kInvitationFormat[] = "seinpost-invitation/1";
constexpr char kNoInvitation[] = "not an invitation";

}  // namespace

std::map<std::string, std::string> RootFingerprints(const policies::Convenant& convenant) {
  std::map<std::string, std::string> fingerprints;
  for (const auto& [id, party] : convenant.parties()) {
    if (party.root) fingerprints[id] = Fingerprint(*party.root);
  }
  return fingerprints;
}

std::string EncodeInvitation(const Invitation& invitation) {
  const Json object{{"format", kInvitationFormat},       {"organisation", invitation.organisation},
                    {"convenant", invitation.convenant}, {"version", invitation.version},
                    {"hash", ToHex(invitation.hash)},    {"broker", invitation.broker},
                    {"tls_ca", invitation.tls_ca_pem},   {"fingerprints", invitation.fingerprints}};
  return absl::StrCat(object.Dump(2), "\n");
}

absl::StatusOr<Invitation> DecodeInvitation(absl::string_view text) {
  const absl::StatusOr<Json> object = Json::Parse(text);
  if (!object.ok() || !object->is_object()) return absl::InvalidArgumentError(kNoInvitation);
  JsonFields fields(*object, kNoInvitation);
  const auto text_of = [&](absl::string_view name) {
    std::string value = fields.Text(name);
    if (value.empty()) fields.Fail(name);
    return value;
  };
  if (text_of("format") != kInvitationFormat) fields.Fail("format");
  RETURN_IF_ERROR(fields.status());
  Invitation invitation;
  invitation.organisation = text_of("organisation");
  invitation.convenant = text_of("convenant");
  RETURN_IF_ERROR(fields.status());
  for (const std::string& name : {invitation.organisation, invitation.convenant}) {
    RETURN_IF_ERROR(trust::CheckText(name, "invitation"));
  }
  const uint64_t version = fields.Number("version");
  if (version == 0 || version > UINT32_MAX) fields.Fail("version");
  invitation.version = static_cast<uint32_t>(version);
  invitation.hash = fields.Hash("hash");
  invitation.broker = text_of("broker");
  invitation.tls_ca_pem = text_of("tls_ca");
  for (const Json::Member& party : fields.Object("fingerprints").members()) {
    if (!party.value.is_text()) fields.Fail("fingerprints");
    invitation.fingerprints[party.name] = party.value.text();
  }
  RETURN_IF_ERROR(fields.status());
  return invitation;
}

absl::Status CheckInvitation(const Context& context, const Invitation& invitation) {
  Connection connection(invitation.broker, invitation.tls_ca_pem, context);
  absl::StatusOr<InForce> asked = AskInForce(connection, invitation.convenant);
  if (ExitCodeOf(asked.status()) == kUnreachable) {
    return UnreachableError(
        absl::StrCat(asked.status().message(),
                     "; or it shows a certificate of another authority than the invitation names"));
  }
  RETURN_IF_ERROR(asked.status());
  const InForce in_force = *std::move(asked);
  const policies::Convenant* const convenant = &in_force.file.convenant;
  if (convenant->version() < invitation.version) {
    return TamperedError(absl::StrCat("the broker gives version ", convenant->version(),
                                      " of the convenant, the invitation is for version ",
                                      invitation.version));
  }
  if (convenant->FindParty(invitation.organisation) == nullptr) {
    return UsageError("the organisation of the invitation is no party of the convenant");
  }
  if (convenant->version() > invitation.version) return absl::OkStatus();
  if (in_force.file.hash != invitation.hash) {
    return TamperedError("the broker gives another text of the convenant than the invitation names");
  }
  if (RootFingerprints(*convenant) != invitation.fingerprints) {
    return TamperedError("the invitation names other root keys than the convenant");
  }
  return absl::OkStatus();
}

bool IsFingerprint(absl::string_view typed, absl::string_view fingerprint) {
  const auto plain = [](absl::string_view text) {
    std::string digits;
    for (const char c : text) {
      if (c != ' ' && c != '-' && c != ':') {
        digits += absl::ascii_tolower(static_cast<unsigned char>(c));
      }
    }
    return digits;
  };
  return plain(typed) == plain(fingerprint);
}

}  // namespace seinpost::client
