// SPDX-License-Identifier: EUPL-1.2
#include "client/org/invitation.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/broker/connection.h"
#include "client/broker/in_force.h"
#include "client/org/store.h"
#include "client/terminal/output.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kFormat[] = "seinpost-invitation/1";

absl::Status Bad(absl::string_view field) {
  return absl::InvalidArgumentError(
      absl::StrCat("not an invitation: field \"", field, "\" is missing or wrong"));
}

absl::StatusOr<std::string> TextIn(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().empty()) {
    return Bad(name);
  }
  return found->get<std::string>();
}

}  // namespace

std::map<std::string, std::string> RootFingerprints(const policies::Convenant& convenant) {
  std::map<std::string, std::string> fingerprints;
  for (const auto& [id, party] : convenant.parties()) {
    if (party.root) fingerprints[id] = Fingerprint(*party.root);
  }
  return fingerprints;
}

std::string EncodeInvitation(const Invitation& invitation) {
  const Json object{{"format", kFormat},
                    {"organisation", invitation.organisation},
                    {"convenant", invitation.convenant},
                    {"version", invitation.version},
                    {"hash", ToHex(invitation.hash)},
                    {"broker", invitation.broker},
                    {"tls_ca", invitation.tls_ca_pem},
                    {"fingerprints", invitation.fingerprints}};
  return absl::StrCat(object.dump(2, ' ', false, Json::error_handler_t::replace), "\n");
}

absl::StatusOr<Invitation> DecodeInvitation(absl::string_view text) {
  const Json object = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!object.is_object()) return absl::InvalidArgumentError("not an invitation");
  ASSIGN_OR_RETURN(const std::string format, TextIn(object, "format"));
  if (format != kFormat) return Bad("format");
  Invitation invitation;
  ASSIGN_OR_RETURN(invitation.organisation, TextIn(object, "organisation"));
  ASSIGN_OR_RETURN(invitation.convenant, TextIn(object, "convenant"));
  for (const std::string& name : {invitation.organisation, invitation.convenant}) {
    RETURN_IF_ERROR(trust::CheckText(name, "invitation"));
  }
  const auto version = object.find("version");
  if (version == object.end() || !version->is_number_unsigned() || version->get<uint64_t>() == 0 ||
      version->get<uint64_t>() > UINT32_MAX) {
    return Bad("version");
  }
  invitation.version = version->get<uint32_t>();
  ASSIGN_OR_RETURN(const std::string hash, TextIn(object, "hash"));
  const absl::StatusOr<Bytes> raw = FromHex(hash);
  const absl::StatusOr<Digest> digest = ToFixed<32>(raw.ok() ? *raw : Bytes(), "hash");
  if (!digest.ok()) return Bad("hash");
  invitation.hash = *digest;
  ASSIGN_OR_RETURN(invitation.broker, TextIn(object, "broker"));
  ASSIGN_OR_RETURN(invitation.tls_ca_pem, TextIn(object, "tls_ca"));
  const auto fingerprints = object.find("fingerprints");
  if (fingerprints == object.end() || !fingerprints->is_object()) return Bad("fingerprints");
  for (const auto& [party, fingerprint] : fingerprints->items()) {
    if (!fingerprint.is_string()) return Bad("fingerprints");
    invitation.fingerprints[party] = fingerprint.get<std::string>();
  }
  return invitation;
}

absl::Status CheckInvitation(const Context& context, const Invitation& invitation) {
  Connection connection(invitation.broker, invitation.tls_ca_pem, context.clock);
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
