// SPDX-License-Identifier: EUPL-1.2
#include "client/org/commands.h"

#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/broker/connection.h"
#include "client/broker/in_force.h"
#include "client/terminal/arguments.h"
#include "client/terminal/fingerprint.h"
#include "client/terminal/output.h"
#include "policies/document/convenant.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// Publishes one by one up to the object that the broker refuses.
absl::Status DropRefused(OrgStore& store, Connection& connection) {
  while (!store.data().pending.empty()) {
    const absl::Status status =
        connection.Publish(store.data().convenant, {store.data().pending[0]}).status();
    if (status.ok()) {
      RETURN_IF_ERROR(store.MarkPublished(1));
      continue;
    }
    if (ExitCodeOf(status) == kUnreachable) return status;
    RETURN_IF_ERROR(store.DropPending(0));
    return absl::FailedPreconditionError(absl::StrCat("the broker refuses it: ", status.message()));
  }
  return absl::OkStatus();
}

// Whether `file` states the next root key and is, as far as the broker can be asked, in force.
absl::Status CheckInForce(const Context& context, const OrgData& data, const std::string& file) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadArgumentFile(file, policies::kMaxConvenantBytes));
  ASSIGN_OR_RETURN(const policies::Convenant convenant, policies::Convenant::Parse(yaml, file));
  const policies::Party* party = convenant.FindParty(data.organisation);
  if (party == nullptr || !party->root || data.next_root_key.empty() || *party->root != data.next_root_key) {
    return UsageError("--adopt: this file does not state the next root key of this organisation");
  }
  if (data.broker.empty()) return absl::OkStatus();
  Connection connection(data.broker, data.tls_ca_pem, context.clock);
  ASSIGN_OR_RETURN(const InForce in_force, AskInForce(connection, convenant.id()));
  if (in_force.file.yaml != yaml) return absl::FailedPreconditionError("that version is not in force");
  return absl::OkStatus();
}

}  // namespace

std::string PublishedText(bool published) {
  return published ? "published\n" : "not published yet: give --broker and --tls-ca with the next command\n";
}

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

absl::StatusOr<bool> PublishPending(const Context& context, OrgStore& store) {
  const OrgData& data = store.data();
  if (data.broker.empty() || data.tls_ca_pem.empty() || data.convenant.empty()) return false;
  if (data.pending.empty()) return true;
  Connection connection(data.broker, data.tls_ca_pem, context.clock);
  const absl::Status status = connection.Publish(data.convenant, data.pending).status();
  if (ExitCodeOf(status) == kUnreachable) return status;
  if (status.ok()) {
    RETURN_IF_ERROR(store.MarkPublished(data.pending.size()));
  } else {
    RETURN_IF_ERROR(DropRefused(store, connection));
  }
  return true;
}

absl::Status OrgInit(Context& context, const OrgInitArgs& args) {
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context, /*twice=*/true));
  {
    const crypto::SigningKey root = crypto::SigningKey::Generate();
    RETURN_IF_ERROR(
        OrgStore::Create(args.dir, args.party, args.no_root ? nullptr : &root, passphrase.ExposeSecretView())
            .status());
  }
  ASSIGN_OR_RETURN(const OrgStore store, OpenOrgStore(context, args));
  const OrgData& data = store.data();
  Json result{{"organisation", data.organisation}, {"root_key", nullptr}, {"fingerprint", nullptr}};
  std::string text = absl::StrCat("key directory of ", data.organisation, ": ", args.dir, "\n");
  if (!data.root_key.empty()) {
    result["root_key"] = ToHex(data.root_key);
    result["fingerprint"] = Fingerprint(data.root_key);
    absl::StrAppend(&text, "root key:    ", ToHex(data.root_key),
                    "\nfingerprint: ", Fingerprint(data.root_key), "\n");
  }
  Print(context, result, text);
  return absl::OkStatus();
}

absl::Status OrgIssuer(Context& context, const OrgIssuerArgs& args) {
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context));
  std::string signer = store.data().organisation;
  absl::StatusOr<crypto::SigningKey> root = absl::UnknownError("not loaded");
  if (args.root_dir.empty() || IsSameDirectory(args.root_dir, args.dir)) {
    root = store.Root(passphrase.ExposeSecretView());
  } else {
    ASSIGN_OR_RETURN(const OrgStore above, OrgStore::Open(args.root_dir));
    signer = above.data().organisation;
    root = above.Root(passphrase.ExposeSecretView());
  }
  RETURN_IF_ERROR(root.status());
  RETURN_IF_ERROR(store
                      .MakeIssuer(signer, *root, context.clock.Now(), passphrase.ExposeSecretView(),
                                  crypto::PassphraseStrength::kModerate)
                      .status());
  ASSIGN_OR_RETURN(const bool published, PublishPending(context, store));
  Print(context,
        Json{{"organisation", store.data().organisation},
             {"issuer_key", ToHex(store.data().issuer_key)},
             {"serial", store.data().issuer_serial},
             {"published", published}},
        absl::StrCat("issuer key ", store.data().issuer_serial, " of ", store.data().organisation,
                     ", certified by ", signer, "\n", PublishedText(published)));
  return absl::OkStatus();
}

absl::Status OrgRoot(Context& context, const OrgRootArgs& args) {
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  if (args.adopt.empty()) {
    ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context, /*twice=*/true));
    RETURN_IF_ERROR(store.MakeNextRoot(passphrase.ExposeSecretView()));
  } else {
    RETURN_IF_ERROR(CheckInForce(context, store.data(), args.adopt));
    RETURN_IF_ERROR(store.AdoptNextRoot());
  }
  const OrgData& data = store.data();
  const Bytes& key = args.adopt.empty() ? data.next_root_key : data.root_key;
  Print(context,
        Json{{"organisation", data.organisation},
             {"root_key", ToHex(key)},
             {"fingerprint", Fingerprint(key)},
             {"in_force", !args.adopt.empty()}},
        absl::StrCat(args.adopt.empty() ? "next root key of " : "root key of ", data.organisation, ": ",
                     ToHex(key), "\nfingerprint: ", Fingerprint(key), "\n"));
  return absl::OkStatus();
}

absl::Status OrgFingerprint(Context& context, const OrgFingerprintArgs& args) {
  std::vector<std::pair<std::string, Bytes>> keys;
  if (!args.convenant_file.empty()) {
    ASSIGN_OR_RETURN(const Bytes yaml, ReadArgumentFile(args.convenant_file, policies::kMaxConvenantBytes));
    ASSIGN_OR_RETURN(const policies::Convenant convenant,
                     policies::Convenant::Parse(yaml, args.convenant_file));
    for (const auto& [id, party] : convenant.parties()) {
      if (party.root) keys.emplace_back(id, *party.root);
    }
    if (keys.empty()) return UsageError("the convenant names no root keys: it is an example, not a draft");
  } else {
    if (args.dir.empty()) return UsageError("fingerprint: of what? Give --org or --convenant-file");
    ASSIGN_OR_RETURN(const OrgStore store, OrgStore::Open(args.dir));
    if (store.data().root_key.empty()) return absl::NotFoundError("this organisation has no root key");
    keys.emplace_back(store.data().organisation, store.data().root_key);
    if (!store.data().next_root_key.empty()) {
      keys.emplace_back(store.data().organisation + "/new", store.data().next_root_key);
    }
  }
  Json result = Json::object();
  std::vector<std::vector<std::string>> rows{{"party", "fingerprint"}};
  for (const auto& [party, key] : keys) {
    result[party] = Fingerprint(key);
    rows.push_back({party, Fingerprint(key)});
  }
  Print(context, result, Table(rows));
  return absl::OkStatus();
}

}  // namespace seinpost::client
