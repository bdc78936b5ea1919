// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/sign.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/org/publish.h"
#include "client/org/store.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

absl::StatusOr<std::optional<ConvenantFile>> ReadPrevious(const std::string& path) {
  if (path.empty()) return std::optional<ConvenantFile>();
  ASSIGN_OR_RETURN(ConvenantFile file, ReadSignableConvenant(path));
  return std::optional<ConvenantFile>(std::move(file));
}

const ConvenantFile* Borrow(const std::optional<ConvenantFile>& file) { return file ? &*file : nullptr; }

// What this party signs, out of what is needed: signer and public key.
trust::SignerKeys PartOf(const Needed& needed, const std::string& organisation) {
  trust::SignerKeys mine;
  for (const std::string& signer : {organisation, organisation + trust::kNewKeySuffix}) {
    if (const auto found = needed.keys.find(signer); found != needed.keys.end()) mine.insert(*found);
  }
  return mine;
}

// The key of `signer`, from `store` or from `elsewhere`, which may be null.
absl::StatusOr<crypto::SigningKey> FindKey(const OrgStore& store, const OrgStore* elsewhere,
                                           ByteView passphrase, const std::string& signer,
                                           ByteView public_key, bool replaced) {
  absl::StatusOr<crypto::SigningKey> key = store.RootFor(public_key, passphrase);
  if (absl::IsNotFound(key.status()) && elsewhere != nullptr)
    key = elsewhere->RootFor(public_key, passphrase);
  if (!absl::IsNotFound(key.status())) return key;
  return UsageError(absl::StrCat("the convenant names another root key for ", signer,
                                 " than this key directory holds",
                                 replaced ? "; if that key is lost: --lost-root" : ""));
}

}  // namespace

absl::StatusOr<DocumentSigned> SignDocument(const Context& context, const ConvenantSignArgs& args) {
  ASSIGN_OR_RETURN(Document document, ReadDocument(args.file));
  ASSIGN_OR_RETURN(const std::optional<ConvenantFile> previous, ReadPrevious(args.previous));
  ASSIGN_OR_RETURN(const Needed needed, NeededFor(document, Borrow(previous)));
  ASSIGN_OR_RETURN(const OrgStore store, OrgStore::Open(args.org_dir));
  const std::string& id = store.data().organisation;
  const trust::SignerKeys mine = PartOf(needed, id);
  if (mine.empty()) return UsageError(absl::StrCat(id, " has nothing to sign in this text"));
  std::optional<OrgStore> elsewhere;
  if (!args.new_root.empty() && !IsSameDirectory(args.new_root, args.org_dir)) {
    ASSIGN_OR_RETURN(OrgStore other, OrgStore::Open(args.new_root));
    if (other.data().organisation != id)
      return UsageError("--new-root: the key directory of another organisation");
    elsewhere.emplace(std::move(other));
  }
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context));
  ASSIGN_OR_RETURN(const FileLock lock, FileLock::AcquireBlocking(document.SignatureFile() + ".lock"));
  ASSIGN_OR_RETURN(Bytes object, ReadSignatures(document));
  std::vector<std::string> signers;
  for (const auto& [signer, public_key] : mine) {
    const bool replaced = IsReplaced(needed, signer);
    if (replaced && args.lost_root) continue;
    ASSIGN_OR_RETURN(const crypto::SigningKey key,
                     FindKey(store, elsewhere ? &*elsewhere : nullptr, passphrase.ExposeSecretView(), signer,
                             public_key, replaced));
    ASSIGN_OR_RETURN(object, AddSignature(object, document, signer, key));
    signers.push_back(signer);
  }
  ASSIGN_OR_RETURN(Standing standing, CheckSignatures(object, document, needed));
  RETURN_IF_ERROR(WriteFileAtomically(document.SignatureFile(), object));
  return DocumentSigned{std::move(document), std::move(standing), id, std::move(signers)};
}

absl::StatusOr<SignaturesBundled> BundleSignatures(const ConvenantBundleArgs& args) {
  ASSIGN_OR_RETURN(Document document, ReadDocument(args.file));
  ASSIGN_OR_RETURN(const std::optional<ConvenantFile> previous, ReadPrevious(args.previous));
  ASSIGN_OR_RETURN(const Needed needed, NeededFor(document, Borrow(previous)));
  ASSIGN_OR_RETURN(const FileLock lock, FileLock::AcquireBlocking(document.SignatureFile() + ".lock"));
  ASSIGN_OR_RETURN(Bytes object, ReadSignatures(document));
  for (const std::string& path : args.signatures) {
    ASSIGN_OR_RETURN(const Bytes more, ReadSignaturesFrom(path, document));
    const absl::Status good = CheckSignatures(more, document, needed).status();
    if (!good.ok()) return absl::Status(good.code(), absl::StrCat(path, ": ", good.message()));
    if (object.empty()) {
      object = more;
    } else {
      ASSIGN_OR_RETURN(object, trust::MergeSignatures(object, more));
    }
  }
  ASSIGN_OR_RETURN(Standing standing, CheckSignatures(object, document, needed));
  if (!args.signatures.empty()) RETURN_IF_ERROR(WriteFileAtomically(document.SignatureFile(), object));
  return SignaturesBundled{std::move(document), std::move(standing)};
}

}  // namespace seinpost::client
