// SPDX-License-Identifier: EUPL-1.2
#include "client/device/set_broker.h"

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "client/profile/profile.h"
#include "client/session/session.h"
#include "client/terminal/arguments.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// "host:port", as a connection takes it.
bool IsAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || colon == 0 || colon + 1 == text.size() || text.size() > 255) {
    return false;
  }
  for (const char letter : text) {
    if (letter <= ' ' || letter > '~' || letter == '/') return false;
  }
  return text.substr(colon + 1).find_first_not_of("0123456789") == absl::string_view::npos;
}

}  // namespace

absl::StatusOr<BrokerSet> SetBroker(const Context& context, const SetBrokerArgs& args) {
  if (!IsAddress(args.address)) return UsageError("ADDRESS: not host:port");
  Bytes ca;
  if (!args.ca.empty()) {
    ASSIGN_OR_RETURN(ca, ReadArgumentFile(args.ca, kMaxCaBytes));
    if (!absl::StrContains(ca, "-----BEGIN CERTIFICATE-----")) {
      return UsageError("--ca: no certificate in PEM");
    }
  }
  ASSIGN_OR_RETURN(const Profile before, Profile::Open(context));
  ASSIGN_OR_RETURN(ConvenantEntry entry, before.FindConvenant(context.convenant));
  BrokerSet set{.convenant = entry.id,
                .before = entry.broker,
                .now = args.address,
                .other_ca = !ca.empty() && ca != entry.tls_ca_pem};
  entry.broker = args.address;
  if (!ca.empty()) entry.tls_ca_pem = ca;
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Session> session,
      Session::OpenWith(context, std::make_unique<Connection>(entry.broker, entry.tls_ca_pem, context)));
  RETURN_IF_ERROR(session->SyncDirectory());
  entry.version = session->entry().version;
  entry.hash = session->entry().hash;
  RETURN_IF_ERROR(
      session->profile().Update([&](Profile& newest) { return newest.AddConvenant(std::move(entry)); }));
  return set;
}

}  // namespace seinpost::client
