// SPDX-License-Identifier: EUPL-1.2
#include "client/org/publish.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "client/broker/connection.h"
#include "client/terminal/arguments.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// Whether the broker has judged the object, and will say the same tomorrow. Whatever else is the matter, busy
// or broken, is no reason to drop what was signed.
bool IsForGood(const absl::Status& status) {
  if (ExitCodeOf(status) == kUnreachable) return false;
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return true;
    default:
      return false;
  }
}

// Publishes one by one up to the object that the broker refuses.
absl::Status DropRefused(OrgStore& store, Connection& connection) {
  while (!store.data().pending.empty()) {
    const absl::Status status =
        connection.Publish(store.data().convenant, {store.data().pending[0]}).status();
    if (status.ok()) {
      RETURN_IF_ERROR(store.MarkPublished(1));
      continue;
    }
    if (!IsForGood(status)) return status;
    RETURN_IF_ERROR(store.DropPending(0));
    return absl::FailedPreconditionError(absl::StrCat("the broker refuses it: ", status.message()));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsSameDirectory(const std::string& a, const std::string& b) {
  struct stat first{}, second{};
  return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

absl::StatusOr<OrgStore> OpenOrgStore(const Context& context, const OrgArgs& args) {
  absl::StatusOr<OrgStore> store = OrgStore::Open(args.dir);
  RETURN_IF_ERROR(store.status());
  Bytes tls_ca;
  if (!args.tls_ca.empty()) {
    ASSIGN_OR_RETURN(tls_ca, ReadArgumentFile(args.tls_ca, kMaxCaBytes));
  }
  if (!context.convenant.empty() || !args.broker.empty() || !tls_ca.empty()) {
    RETURN_IF_ERROR(store->SetBroker(context.convenant, args.broker, tls_ca));
  }
  return store;
}

absl::StatusOr<crypto::SigningKey> UnlockIssuer(const Context& context, const OrgStore& store) {
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context));
  return store.Issuer(passphrase.ExposeSecretView());
}

absl::StatusOr<bool> PublishPending(const Context& context, OrgStore& store) {
  const OrgData& data = store.data();
  if (data.broker.empty() || data.tls_ca_pem.empty() || data.convenant.empty()) return false;
  if (data.pending.empty()) return true;
  Connection connection(data.broker, data.tls_ca_pem, context);
  const absl::Status status = connection.Publish(data.convenant, data.pending).status();
  if (status.ok()) {
    RETURN_IF_ERROR(store.MarkPublished(data.pending.size()));
  } else if (!IsForGood(status)) {
    return status;
  } else {
    RETURN_IF_ERROR(DropRefused(store, connection));
  }
  return true;
}

}  // namespace seinpost::client
