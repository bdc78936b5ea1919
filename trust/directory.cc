// SPDX-License-Identifier: EUPL-1.2
#include "trust/directory.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
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

bool SaysWhoSigns(pb::ObjectKind kind) {
  return kind == pb::OBJECT_KIND_CONVENANT || kind == pb::OBJECT_KIND_PROPOSAL ||
         kind == pb::OBJECT_KIND_TRUST_UPDATE || kind == pb::OBJECT_KIND_LOG_EPOCH;
}

Digest Directory::ChainHash(uint64_t dir_seq, const Digest& previous, ByteView object) {
  return ChainHashOf(dir_seq, previous, crypto::Sha256(object));
}

Digest Directory::ChainHashOf(uint64_t dir_seq, const Digest& previous, const Digest& object_hash) {
  return crypto::Sha256Concat({U64(dir_seq), View(previous), View(object_hash)});
}

absl::Status Directory::SkipTo(DirSize size, const Digest& chain_hash) {
  if (size < seq_) return absl::InvalidArgumentError("the directory goes on before its end");
  if (size == seq_) {
    return chain_hash == chain_.back() ? absl::OkStatus()
                                       : absl::InvalidArgumentError("another directory before this object");
  }
  if (size > seq_ + 1) runs_.emplace_back(size, chain_.size());
  chain_.push_back(chain_hash);
  seq_ = size;
  return absl::OkStatus();
}

absl::Status Directory::Add(ByteView encoded, absl::Time now) {
  ASSIGN_OR_RETURN(const pb::SignedObject object, ParseSignedObject(encoded));
  const Digest hash = crypto::Sha256(encoded);
  if (seen_.Contains(View(hash))) return absl::AlreadyExistsError("this object is in the directory");
  if (object.kind() != pb::OBJECT_KIND_CONVENANT && versions_.empty()) {
    return absl::FailedPreconditionError("the directory has no convenant yet");
  }
  switch (object.kind()) {
    case pb::OBJECT_KIND_CONVENANT:
      RETURN_IF_ERROR(AddConvenant(object, encoded, now));
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
    case pb::OBJECT_KIND_PROPOSAL:
      RETURN_IF_ERROR(AddProposal(object));
      break;
    case pb::OBJECT_KIND_TRUST_UPDATE:
      RETURN_IF_ERROR(AddTrustUpdate(object));
      break;
    case pb::OBJECT_KIND_RESTRICTION_ORDER:
      RETURN_IF_ERROR(AddRestriction(object));
      break;
    case pb::OBJECT_KIND_LOG_EPOCH:
      RETURN_IF_ERROR(AddLogEpoch(object));
      break;
    default:
      return absl::InvalidArgumentError("kind: not one of a directory");
  }
  if (SaysWhoSigns(object.kind())) change_seqs_.push_back(seq_);
  seen_.Emplace(View(hash), seq_);
  chain_.push_back(ChainHash(seq_, chain_.back(), encoded));
  ++seq_;
  return absl::OkStatus();
}

bool Directory::Contains(ByteView object) const { return seen_.Contains(View(crypto::Sha256(object))); }

std::optional<uint64_t> Directory::SeqOf(ByteView object_hash) const {
  const uint64_t* seq = seen_.Find(object_hash);
  return seq == nullptr ? std::nullopt : std::make_optional(*seq);
}

const Digest* Directory::ChainHashAt(DirSize size) const {
  if (size > seq_) return nullptr;
  const auto next = std::upper_bound(runs_.begin(), runs_.end(), size,
                                     [](DirSize one, const auto& run) { return one < run.first; });
  const auto run = std::prev(next);
  const size_t place = run->second + (size - run->first);
  const size_t end = next == runs_.end() ? chain_.size() : next->second;
  return place < end ? &chain_[place] : nullptr;
}

absl::Status Directory::SetLeafIndex(uint64_t dir_seq, uint64_t leaf_index) {
  if (dir_seq != leaf_indexes_.size() || dir_seq >= seq_) {
    return absl::InvalidArgumentError(
        absl::StrCat("leaf index: of object ", dir_seq, " where ", leaf_indexes_.size(), " is next"));
  }
  if (!leaf_indexes_.empty() && leaf_index <= leaf_indexes_.back()) {
    return absl::InvalidArgumentError("leaf index: not above that of the object before");
  }
  for (const LostTail& lost : lost_tails_) {
    if (lost.seq == dir_seq && lost.first != leaf_index) {
      return absl::InvalidArgumentError(
          "leaf index: a log epoch is the first leaf after those that are left");
    }
  }
  leaf_indexes_.push_back(leaf_index);
  return absl::OkStatus();
}

DirSize Directory::SizeAtLeaf(uint64_t leaf_index) const {
  const auto found = std::lower_bound(leaf_indexes_.begin(), leaf_indexes_.end(), leaf_index);
  return found == leaf_indexes_.end() ? seq_ : found - leaf_indexes_.begin();
}

const policies::Convenant* Directory::convenant() const {
  return versions_.empty() ? nullptr : versions_.back().convenant.get();
}

const Digest& Directory::convenant_hash() const {
  static const Digest none{};
  return versions_.empty() ? none : versions_.back().hash;
}

const Bytes& Directory::convenant_object() const {
  static const auto* const none = new Bytes();
  return versions_.empty() ? *none : versions_.back().object;
}

const Version* Directory::VersionAsOf(DirSize as_of) const {
  const Version* found = nullptr;
  for (const Version& version : versions_) {
    if (version.seq < as_of) found = &version;
  }
  return found;
}

const Version* Directory::FindVersion(ByteView hash) const {
  for (const Version& version : versions_) {
    if (View(version.hash) == hash) return &version;
  }
  return nullptr;
}

const LogIdentity& Directory::LogIdentityAsOf(DirSize as_of) const {
  const LogIdentity* found = &log_identities_.front();
  for (const LogIdentity& identity : log_identities_) {
    if (identity.seq < as_of) found = &identity;
  }
  return *found;
}

bool Directory::MayAct(const Device& device, absl::Time now, DirSize as_of) const {
  const Version* version = VersionAsOf(as_of);
  return version != nullptr && version->convenant->FindParty(device.organisation) != nullptr &&
         device.ValidAt(now, as_of);
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

const Directory::PrekeysOfDevice* Directory::FindPrekeys(ByteView device_id) const {
  return prekeys_by_device_.Find(device_id);
}

const Directory::PrekeysOfClass* Directory::FindPrekeys(ByteView device_id,
                                                        absl::string_view retention_class) const {
  const PrekeysOfDevice* classes = FindPrekeys(device_id);
  return classes == nullptr ? nullptr : FindIn(*classes, retention_class);
}

// From the latest that has begun back to where no window is long enough.
const PrekeyEntry* Directory::OpenIn(const PrekeysOfClass& prekeys, absl::Time at, DirSize as_of) {
  for (auto next = prekeys.upper_bound(at); next != prekeys.begin();) {
    const PrekeyEntry& prekey = *(--next)->second;
    if (prekey.seal_from + kMaxSealingWindow <= at) break;
    if (prekey.seq < as_of && prekey.OpenAt(at)) return &prekey;
  }
  return nullptr;
}

const PrekeyEntry* Directory::PrekeyFor(ByteView device_id, absl::string_view retention_class, absl::Time at,
                                        DirSize as_of) const {
  const PrekeysOfClass* prekeys = FindPrekeys(device_id, retention_class);
  return prekeys == nullptr ? nullptr : OpenIn(*prekeys, at, as_of);
}

std::vector<std::string> Directory::PrekeyClasses(ByteView device_id, absl::Time at, DirSize as_of) const {
  std::vector<std::string> classes;
  if (const PrekeysOfDevice* prekeys = FindPrekeys(device_id)) {
    for (const auto& [name, entries] : *prekeys) {
      if (OpenIn(entries, at, as_of) != nullptr) classes.push_back(name);
    }
  }
  return classes;
}

bool Directory::HasPrekey(ByteView device_id, absl::string_view retention_class, absl::Time seal_from) const {
  const PrekeysOfClass* prekeys = FindPrekeys(device_id, retention_class);
  return prekeys != nullptr && prekeys->count(seal_from) > 0;
}

const PrekeyEntry* Directory::FindPrekey(ByteView prekey_id) const {
  const PrekeyPointer* entry = prekeys_.Find(prekey_id);
  return entry == nullptr ? nullptr : entry->get();
}

std::vector<const PrekeyEntry*> Directory::PrekeysOf(ByteView device_id) const {
  std::vector<const PrekeyEntry*> prekeys;
  if (const PrekeysOfDevice* classes = FindPrekeys(device_id)) {
    for (const auto& [name, entries] : *classes) {
      for (const auto& [seal_from, entry] : entries) prekeys.push_back(entry.get());
    }
  }
  return prekeys;
}

Bytes Directory::RootOf(absl::string_view organisation) const {
  const policies::Party* party = convenant()->FindParty(organisation);
  return party == nullptr ? Bytes() : convenant()->SignatoryOf(*party).root.value_or(Bytes());
}

uint64_t Directory::NextIssuerSerial(absl::string_view organisation) const {
  const Issuer* issuer = FindIn(issuers_, organisation);
  return issuer == nullptr || issuer->root != RootOf(organisation) ? 1 : issuer->serial + 1;
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
