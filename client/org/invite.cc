// SPDX-License-Identifier: EUPL-1.2
#include "client/org/invite.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "client/broker/connection.h"
#include "client/broker/convenant_file.h"
#include "client/broker/in_force.h"
#include "trust/labels.h"
#include "trust/succession.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// Whether a root key of this organisation has signed the convenant: then its administrator had this very text
// before him. Nothing: another party signs for this one.
std::optional<bool> SignedByOneself(const OrgData& data, const v1::SignedObject& object) {
  if (data.root_key.empty()) return std::nullopt;
  for (const v1::ObjectSignature& signature : object.signatures()) {
    if (signature.signer() != data.organisation &&
        signature.signer() != absl::StrCat(data.organisation, trust::kNewKeySuffix)) {
      continue;
    }
    for (const Bytes& key : {data.root_key, data.next_root_key}) {
      if (!key.empty() &&
          crypto::Verify(key, trust::kConvenantLabel, object.body(), signature.signature()).ok()) {
        return true;
      }
    }
  }
  return false;
}

// What is to be joined, and whether our own key has signed it.
struct Joined {
  ConvenantFile file;
  std::optional<bool> signed_by_oneself;
};

absl::StatusOr<Joined> AskWhatToJoin(const Context& context, const OrgData& data) {
  Connection connection(data.broker, data.tls_ca_pem, context);
  ASSIGN_OR_RETURN(InForce in_force, AskInForce(connection, data.convenant));
  const std::optional<bool> own = SignedByOneself(data, in_force.object);
  if (own == false) {
    return TamperedError(
        "the broker gives a convenant that the root key of this organisation has not signed; if it should "
        "have, "
        "name the file with --convenant-file");
  }
  return Joined{std::move(in_force.file), own};
}

absl::StatusOr<Joined> ReadWhatToJoin(const std::string& path) {
  ASSIGN_OR_RETURN(ConvenantFile file, ReadSignableConvenant(path));
  return Joined{std::move(file), true};
}

}  // namespace

absl::StatusOr<InvitationWritten> WriteInvitation(const Context& context, const OrgInviteArgs& args) {
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  if (store.data().broker.empty() || store.data().tls_ca_pem.empty()) {
    return UsageError(
        "--broker and --tls-ca: an invitation says where the broker is, and this directory does not know");
  }
  absl::StatusOr<Joined> joined = args.convenant_file.empty() ? AskWhatToJoin(context, store.data())
                                                              : ReadWhatToJoin(args.convenant_file);
  RETURN_IF_ERROR(joined.status());
  const policies::Convenant& convenant = joined->file.convenant;
  if (convenant.FindParty(store.data().organisation) == nullptr) {
    return UsageError("this organisation is no party of the convenant");
  }
  if (store.data().convenant.empty()) RETURN_IF_ERROR(store.SetBroker(convenant.id(), "", ""));
  if (convenant.id() != store.data().convenant)
    return UsageError("--convenant-file: another convenant than --convenant");
  InvitationWritten written;
  written.file = args.out;
  written.invitation = Invitation{store.data().organisation,  convenant.id(),      convenant.version(),
                                  joined->file.hash,          store.data().broker, store.data().tls_ca_pem,
                                  RootFingerprints(convenant)};
  written.signed_by_own_key = joined->signed_by_oneself.has_value();
  RETURN_IF_ERROR(WriteFileAtomically(args.out, EncodeInvitation(written.invitation)));
  return written;
}

}  // namespace seinpost::client
