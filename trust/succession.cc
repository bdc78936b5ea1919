// SPDX-License-Identifier: EUPL-1.2
#include "trust/succession.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "crypto/sign.h"
#include "trust/objects.h"
#include "util/status_macros.h"

namespace seinpost::trust {

namespace pb = seinpost::v1;

namespace {

std::string NewKeySigner(absl::string_view party) { return absl::StrCat(party, kNewKeySuffix); }

absl::Status Lacks(const std::vector<std::string>& missing) {
  return absl::PermissionDeniedError(absl::StrCat(
      "convenant: the signature of party \"", absl::StrJoin(missing, "\" and that of \""), "\" is missing"));
}

// How many of those who sign for `previous` also sign for its successor.
size_t Staying(const policies::Convenant& previous, const policies::Convenant& next) {
  const SignerKeys signers = ConvenantSigners(&previous, next);
  size_t staying = 0;
  for (const auto& [id, key] : RootKeys(previous)) {
    const auto signer = signers.find(id);
    if (signer != signers.end() && signer->second == key) ++staying;
  }
  return staying;
}

// Who leaves does not sign, so a few could leave all the others out.
absl::Status CheckEnoughStay(const policies::Convenant& previous, const policies::Convenant& next) {
  const size_t roots = RootKeys(previous).size();
  const size_t staying = Staying(previous, next);
  const size_t needed = std::max<size_t>(roots / 2 + 1, previous.trust()->change_quorum);
  if (staying >= needed) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("convenant: leaves out too many at once: of the ", roots,
                                                    " that signed version ", previous.version(), ", ",
                                                    staying, " stay, where ", needed, " must"));
}

}  // namespace

SignerKeys ConvenantSigners(const policies::Convenant* previous, const policies::Convenant& next) {
  SignerKeys signers;
  if (previous != nullptr) {
    for (const auto& [id, party] : previous->parties()) {
      if (party.guest || next.FindParty(id) == nullptr) continue;
      const policies::Party& signatory = previous->SignatoryOf(party);
      if (signatory.root) signers[signatory.id] = *signatory.root;
    }
  }
  SignerKeys with_new_keys;
  for (const auto& [id, party] : next.parties()) {
    if (!party.root) continue;
    const auto old = signers.find(id);
    if (old == signers.end()) {
      with_new_keys[id] = *party.root;
    } else if (old->second != *party.root) {
      with_new_keys[NewKeySigner(id)] = *party.root;
    }
  }
  signers.merge(with_new_keys);
  return signers;
}

SignerKeys RootKeys(const policies::Convenant& convenant) { return ConvenantSigners(nullptr, convenant); }

SignerKeys ControllerKey(const policies::Convenant& convenant) {
  const policies::Party& signatory = convenant.SignatoryOf(*convenant.FindParty(convenant.controller()));
  SignerKeys signers;
  if (signatory.root) signers[signatory.id] = *signatory.root;
  return signers;
}

absl::Status CheckSuccession(const Version& previous, const policies::Convenant& next) {
  const policies::Convenant& convenant = *previous.convenant;
  if (next.id() != convenant.id()) return absl::FailedPreconditionError("convenant: another convenant's id");
  if (next.version() != convenant.version() + 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("convenant: version ", next.version(), " where ", convenant.version() + 1, " is next"));
  }
  if (!next.previous() || *next.previous() != View(previous.hash)) {
    return absl::FailedPreconditionError("convenant: `previous` is not the hash of the version in force");
  }
  return CheckEnoughStay(convenant, next);
}

absl::StatusOr<std::vector<std::string>> CheckSignatures(const pb::SignedObject& object,
                                                         const SignerKeys& signers, absl::string_view what) {
  ASSIGN_OR_RETURN(const std::string label, LabelOf(object.kind()));
  std::vector<std::string> missing;
  for (const auto& entry : signers) missing.push_back(entry.first);
  for (const pb::ObjectSignature& signature : object.signatures()) {
    const auto signer = signers.find(signature.signer());
    if (signer == signers.end()) {
      return absl::PermissionDeniedError(
          absl::StrCat(what, ": signed by \"", signature.signer(), "\", whose signature has no place here"));
    }
    if (!crypto::Verify(signer->second, label, object.body(), signature.signature()).ok()) {
      return absl::PermissionDeniedError(absl::StrCat(what, ": the signature of party \"", signature.signer(),
                                                      "\" does not fit its root key"));
    }
    missing.erase(std::remove(missing.begin(), missing.end(), signature.signer()), missing.end());
  }
  return missing;
}

absl::StatusOr<std::string> LostKeyOf(const policies::Convenant* previous, const policies::Convenant& next,
                                      const std::vector<std::string>& missing) {
  if (missing.empty()) return std::string();
  const SignerKeys signers = ConvenantSigners(previous, next);
  const std::string& lost = missing.front();
  if (previous == nullptr || missing.size() > 1 || signers.count(NewKeySigner(lost)) == 0)
    return Lacks(missing);
  // All the others are to say that it is lost: there are some, and none of them is left out.
  const size_t roots = RootKeys(*previous).size();
  if (roots < 2 || Staying(*previous, next) < roots) return Lacks(missing);
  return lost;
}

absl::StatusOr<policies::Convenant> ParseConvenant(const pb::SignedObject& object,
                                                   absl::string_view filename) {
  if (object.kind() != pb::OBJECT_KIND_CONVENANT && object.kind() != pb::OBJECT_KIND_PROPOSAL) {
    return absl::InvalidArgumentError("kind: not a convenant");
  }
  ASSIGN_OR_RETURN(policies::Convenant convenant, policies::Convenant::Parse(object.body(), filename));
  if (!convenant.HasKeys()) {
    return absl::InvalidArgumentError(
        "the convenant is an example: it states no root keys or no trust section");
  }
  return convenant;
}

absl::StatusOr<policies::Convenant> VerifyConvenant(const pb::SignedObject& object,
                                                    absl::string_view filename) {
  if (object.kind() != pb::OBJECT_KIND_CONVENANT) return absl::InvalidArgumentError("kind: not a convenant");
  ASSIGN_OR_RETURN(policies::Convenant convenant, ParseConvenant(object, filename));
  ASSIGN_OR_RETURN(const std::vector<std::string> missing,
                   CheckSignatures(object, RootKeys(convenant), "convenant"));
  if (!missing.empty()) return Lacks({missing.front()});
  return convenant;
}

}  // namespace seinpost::trust
