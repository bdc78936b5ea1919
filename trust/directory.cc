// SPDX-License-Identifier: EUPL-1.2
#include "trust/directory.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "trust/labels.h"
#include "util/status_macros.h"

namespace seinpost::trust {

namespace pb = seinpost::v1;

namespace {

template <typename Map, typename Key>
auto FindIn(const Map& map, const Key& key) -> decltype(&map.begin()->second) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

absl::StatusOr<policies::Convenant> VerifyConvenant(const pb::SignedObject& object,
                                                    absl::string_view filename) {
  if (object.kind() != pb::OBJECT_KIND_CONVENANT) return absl::InvalidArgumentError("kind: not a convenant");
  ASSIGN_OR_RETURN(policies::Convenant convenant, policies::Convenant::Parse(object.body(), filename));
  if (!convenant.HasKeys()) {
    return absl::InvalidArgumentError(
        "the convenant is an example: it states no root keys or no trust section");
  }
  std::map<std::string, const pb::ObjectSignature*> by_signer;
  for (const pb::ObjectSignature& signature : object.signatures()) by_signer[signature.signer()] = &signature;
  for (const auto& [id, party] : convenant.parties()) {
    if (!party.root) continue;
    const auto found = by_signer.find(id);
    if (found == by_signer.end()) {
      return absl::PermissionDeniedError(
          absl::StrCat("convenant: the signature of party \"", id, "\" is missing"));
    }
    if (!crypto::Verify(*party.root, kConvenantLabel, object.body(), found->second->signature()).ok()) {
      return absl::PermissionDeniedError(
          absl::StrCat("convenant: the signature of party \"", id, "\" does not fit its root key"));
    }
    by_signer.erase(found);
  }
  if (!by_signer.empty()) {
    return absl::PermissionDeniedError(absl::StrCat("convenant: signed by \"", by_signer.begin()->first,
                                                    "\", which states no root key in it"));
  }
  return convenant;
}

Digest Directory::ChainHash(uint64_t dir_seq, const Digest& previous, ByteView object) {
  return crypto::Sha256Concat({U64(dir_seq), View(previous), View(crypto::Sha256(object))});
}

absl::Status Directory::Add(ByteView encoded, absl::Time now) {
  ASSIGN_OR_RETURN(const pb::SignedObject object, ParseSignedObject(encoded));
  const Digest hash = crypto::Sha256(encoded);
  if (seen_.count(hash) > 0) return absl::AlreadyExistsError("this object is in the directory");
  if (object.kind() != pb::OBJECT_KIND_CONVENANT && convenant_ == nullptr) {
    return absl::FailedPreconditionError("the directory has no convenant yet");
  }
  switch (object.kind()) {
    case pb::OBJECT_KIND_CONVENANT:
      RETURN_IF_ERROR(AddConvenant(object, encoded));
      break;
    case pb::OBJECT_KIND_ISSUER_CERTIFICATE:
      RETURN_IF_ERROR(AddIssuer(object, now));
      break;
    case pb::OBJECT_KIND_DEVICE_CERTIFICATE:
      RETURN_IF_ERROR(AddDevice(object, now));
      break;
    case pb::OBJECT_KIND_MANDATE:
      RETURN_IF_ERROR(AddMandate(object, now));
      break;
    case pb::OBJECT_KIND_REVOCATION:
      RETURN_IF_ERROR(AddRevocation(object, now));
      break;
    case pb::OBJECT_KIND_PREKEY:
      RETURN_IF_ERROR(AddPrekey(object, now));
      break;
    default:
      return absl::InvalidArgumentError("kind: not one of a directory");
  }
  seen_.insert(hash);
  chain_ = ChainHash(seq_, chain_, encoded);
  ++seq_;
  return absl::OkStatus();
}

absl::Status Directory::AddConvenant(const pb::SignedObject& object, ByteView encoded) {
  if (convenant_ != nullptr) return absl::FailedPreconditionError("the directory has a convenant");
  const Digest hash = crypto::Sha256(object.body());
  if (pinned_ && *pinned_ != hash) {
    return absl::FailedPreconditionError("the convenant is not the pinned one: its file hashes differently");
  }
  ASSIGN_OR_RETURN(policies::Convenant convenant, VerifyConvenant(object, convenant_file_));
  convenant_ = std::make_shared<const policies::Convenant>(std::move(convenant));
  convenant_hash_ = hash;
  convenant_object_ = Bytes(encoded);
  return absl::OkStatus();
}

const Device* Directory::FindDevice(ByteView device_id) const { return FindIn(devices_, device_id); }

const Member* Directory::FindMember(ByteView member_ref) const { return FindIn(members_, member_ref); }

const Member* Directory::FindMember(absl::string_view organisation, absl::string_view handle) const {
  const MemberRef* ref = FindIn(handles_, std::make_pair(std::string(organisation), std::string(handle)));
  return ref == nullptr ? nullptr : FindMember(*ref);
}

std::vector<const Member*> Directory::Members() const {
  std::vector<const Member*> members;
  members.reserve(handles_.size());
  for (const auto& entry : handles_) members.push_back(FindMember(entry.second));
  return members;
}

std::vector<const Member*> Directory::MembersOf(absl::string_view organisation) const {
  std::vector<const Member*> members;
  for (auto at = handles_.lower_bound(std::make_pair(std::string(organisation), std::string()));
       at != handles_.end() && at->first.first == organisation; ++at) {
    members.push_back(FindMember(at->second));
  }
  return members;
}

std::vector<const MandateEntry*> Directory::MandatesOf(ByteView member_ref) const {
  std::vector<const MandateEntry*> mandates;
  if (const std::vector<Bytes>* ids = FindIn(mandates_by_member_, member_ref)) {
    for (const Bytes& id : *ids) mandates.push_back(FindMandate(id));
  }
  return mandates;
}

const MandateEntry* Directory::FindMandate(ByteView mandate_id) const {
  return FindIn(mandates_, mandate_id);
}

std::vector<const Member*> Directory::Officers() const {
  std::vector<const Member*> officers;
  officers.reserve(officers_.size());
  for (const MemberRef& ref : officers_) officers.push_back(FindMember(ref));
  return officers;
}

const PrekeyEntry* Directory::PrekeyFor(ByteView device_id, absl::string_view retention_class,
                                        absl::Time at) const {
  const PrekeyEntry* best = nullptr;
  if (const std::vector<PrekeyPointer>* entries = FindIn(prekeys_by_device_, device_id)) {
    for (const PrekeyPointer& entry : *entries) {
      const PrekeyEntry* prekey = entry.get();
      if (prekey->retention_class != retention_class || !prekey->OpenAt(at)) continue;
      if (best == nullptr || best->seal_from < prekey->seal_from) best = prekey;
    }
  }
  return best;
}

const PrekeyEntry* Directory::FindPrekey(ByteView prekey_id) const {
  const PrekeyPointer* entry = FindIn(prekeys_, prekey_id);
  return entry == nullptr ? nullptr : entry->get();
}

std::vector<const PrekeyEntry*> Directory::PrekeysOf(ByteView device_id) const {
  std::vector<const PrekeyEntry*> prekeys;
  if (const std::vector<PrekeyPointer>* entries = FindIn(prekeys_by_device_, device_id)) {
    prekeys.reserve(entries->size());
    for (const PrekeyPointer& entry : *entries) prekeys.push_back(entry.get());
  }
  return prekeys;
}

uint64_t Directory::NextIssuerSerial(absl::string_view organisation) const {
  const Issuer* issuer = FindIn(issuers_, organisation);
  return issuer == nullptr ? 1 : issuer->serial + 1;
}

uint64_t Directory::NextCertificateSerial(absl::string_view organisation) const {
  const std::set<uint64_t>* serials = FindIn(serials_, organisation);
  return serials == nullptr || serials->empty() ? 1 : *serials->rbegin() + 1;
}

uint64_t Directory::NextRevocationNumber(absl::string_view organisation) const {
  const uint64_t* last = FindIn(revocation_numbers_, organisation);
  return last == nullptr ? 1 : *last + 1;
}

absl::StatusOr<Bytes> Directory::IssuerKey(absl::string_view organisation) const {
  const Issuer* issuer = FindIn(issuers_, organisation);
  if (issuer == nullptr) return absl::NotFoundError("the organisation has no issuer");
  return issuer->public_key;
}

}  // namespace seinpost::trust
