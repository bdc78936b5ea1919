// SPDX-License-Identifier: EUPL-1.2
#include "client/org/keys.h"

#include "absl/strings/str_cat.h"
#include "client/broker/connection.h"
#include "client/broker/convenant_file.h"
#include "policies/document/convenant.h"
#include "trust/succession.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// Whether `file` states the next root key and is, as far as the broker can be asked, in force.
absl::Status CheckInForce(const Context& context, const OrgData& data, const std::string& file) {
  ASSIGN_OR_RETURN(const ConvenantFile stated, ReadConvenantFile(file));
  const policies::Party* party = stated.convenant.FindParty(data.organisation);
  if (party == nullptr || !party->root || data.next_root_key.empty() || *party->root != data.next_root_key) {
    return UsageError("--adopt: this file does not state the next root key of this organisation");
  }
  if (data.broker.empty()) return absl::OkStatus();
  Connection connection(data.broker, data.tls_ca_pem, context);
  // The key before is destroyed: by no less than what the parties signed and the log shows.
  PublishTrust trust = TrustOf(data);
  trust.convenant_id = stated.convenant.id();
  ASSIGN_OR_RETURN(const PublishedProof proof, ProvePublished(connection, trust, {}, {}));
  return proof.convenant_hash == stated.hash ? absl::OkStatus()
                                             : absl::FailedPreconditionError("that version is not in force");
}

absl::StatusOr<RootKeysListed> RootKeysOfConvenant(const std::string& file) {
  ASSIGN_OR_RETURN(const ConvenantFile read, ReadConvenantFile(file));
  RootKeysListed listed;
  for (const auto& [id, party] : read.convenant.parties()) {
    if (party.root) listed.keys.push_back({id, *party.root});
  }
  if (listed.keys.empty()) {
    return UsageError("the convenant names no root keys: it is an example, not a draft");
  }
  return listed;
}

}  // namespace

absl::StatusOr<KeyDirectoryMade> MakeKeyDirectory(const Context& context, const OrgInitArgs& args) {
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context, /*twice=*/true));
  {
    const crypto::SigningKey root = crypto::SigningKey::Generate();
    RETURN_IF_ERROR(
        OrgStore::Create(args.dir, args.party, args.no_root ? nullptr : &root, passphrase.ExposeSecretView())
            .status());
  }
  ASSIGN_OR_RETURN(const OrgStore store, OpenOrgStore(context, args));
  return KeyDirectoryMade{store.data().organisation, args.dir, store.data().root_key};
}

absl::StatusOr<IssuerMade> MakeIssuer(const Context& context, const OrgIssuerArgs& args) {
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
  ASSIGN_OR_RETURN(const crypto::SigningKey issuer,
                   store.MakeIssuer(signer, *root, context.clock.Now(), passphrase.ExposeSecretView(),
                                    crypto::PassphraseStrength::kModerate));
  const OrgData& data = store.data();
  ASSIGN_OR_RETURN(const bool published, PublishPending(context, store, issuer, {data.issuer_key}));
  return IssuerMade{data.organisation, data.issuer_key, data.issuer_serial, std::move(signer), published};
}

absl::StatusOr<RootChanged> ChangeRoot(const Context& context, const OrgRootArgs& args) {
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  if (args.adopt.empty()) {
    ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context, /*twice=*/true));
    RETURN_IF_ERROR(store.MakeNextRoot(passphrase.ExposeSecretView()));
    return RootChanged{store.data().organisation, store.data().next_root_key, /*in_force=*/false};
  }
  RETURN_IF_ERROR(CheckInForce(context, store.data(), args.adopt));
  RETURN_IF_ERROR(store.AdoptNextRoot());
  return RootChanged{store.data().organisation, store.data().root_key, /*in_force=*/true};
}

absl::StatusOr<RootKeysListed> ListRootKeys(const OrgFingerprintArgs& args) {
  if (!args.convenant_file.empty()) return RootKeysOfConvenant(args.convenant_file);
  if (args.dir.empty()) return UsageError("fingerprint: of what? Give --org or --convenant-file");
  ASSIGN_OR_RETURN(const OrgStore store, OrgStore::Open(args.dir));
  const OrgData& data = store.data();
  if (data.root_key.empty()) return absl::NotFoundError("this organisation has no root key");
  RootKeysListed listed;
  listed.keys.push_back({data.organisation, data.root_key});
  if (!data.next_root_key.empty()) {
    listed.keys.push_back({absl::StrCat(data.organisation, trust::kNewKeySuffix), data.next_root_key});
  }
  return listed;
}

}  // namespace seinpost::client
