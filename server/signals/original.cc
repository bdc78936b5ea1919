// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/original.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/checkpoint.h"
#include "crypto/hash.h"
#include "envelope/core.h"
#include "envelope/limits.h"
#include "envelope/vocabulary.h"
#include "trust/facts.h"
#include "trust/levels.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

// How often a signal may have been passed on; beyond that nobody follows where it came from.
constexpr size_t kMaxHistory = 16;

// The directory line of the sender's checkpoint, which was verified when the signal came in.
absl::StatusOr<trust::DirSize> DirectorySeenBy(const v1::Core& core) {
  ASSIGN_OR_RETURN(const audit::SignedNote note, audit::SignedNote::Parse(core.checkpoint()));
  ASSIGN_OR_RETURN(const audit::Checkpoint checkpoint, audit::ParseCheckpointText(note.text));
  if (!checkpoint.directory) return absl::DataLossError("a stored checkpoint has no directory line");
  return checkpoint.directory->seq;
}

}  // namespace

const Original::Part* Original::FindPart(uint32_t index) const {
  for (const Part& part : parts) {
    if (part.index == index) return &part;
  }
  return nullptr;
}

bool Original::IsDestroyed(uint32_t index) const {
  if (index > 0xff || FindPart(index) != nullptr) return false;
  return row.part_indexes.find(static_cast<char>(index)) != Bytes::npos;
}

bool Original::IsKnownTo(const trust::Directory& directory, ByteView member_ref) const {
  const trust::Member* member = directory.FindMember(member_ref);
  if (member == nullptr) return false;
  for (const trust::DeviceId& device : member->devices) {
    if (device == row.sender_device) return true;
    for (const Part& part : parts) {
      if (IsRecipient(part.descriptor, device)) return true;
    }
  }
  return false;
}

bool IsRecipient(const v1::PartDescriptor& descriptor, ByteView device) {
  for (const v1::Recipient& recipient : descriptor.recipients()) {
    if (recipient.device_id() == device) return true;
  }
  return false;
}

absl::StatusOr<std::optional<SignalRemains>> FindRemains(const Store& store, ByteView realm_prefix,
                                                         ByteView signal_id) {
  const absl::StatusOr<Bytes> row = store.Get(Family::kSignal, SignalKey(realm_prefix, signal_id));
  if (absl::IsNotFound(row.status())) return std::optional<SignalRemains>();
  RETURN_IF_ERROR(row.status());
  absl::StatusOr<SignalRemains> remains = SignalRemains::Decode(*row);
  if (absl::IsNotFound(remains.status())) return std::optional<SignalRemains>();
  RETURN_IF_ERROR(remains.status());
  return std::optional<SignalRemains>(*std::move(remains));
}

absl::StatusOr<v1::Core> CoreOf(ByteView header_bytes) {
  absl::StatusOr<v1::Core> core = envelope::ParseCore(header_bytes);
  if (!core.ok()) return absl::DataLossError("a stored header does not parse");
  return core;
}

Logged LoggedOf(const StoredSignal& signal) {
  return {signal.leaf_index, signal.leaf_hash, ToBytes(crypto::Sha256(signal.header)), signal.time};
}

absl::StatusOr<Original> LoadOriginal(const Store& store, ByteView realm_prefix, ByteView signal_id) {
  ASSIGN_OR_RETURN(const Bytes row, store.Get(Family::kSignal, SignalKey(realm_prefix, signal_id)));
  Original original;
  ASSIGN_OR_RETURN(original.row, StoredSignal::Decode(row));
  ASSIGN_OR_RETURN(original.core, CoreOf(original.row.header));
  for (const char place : original.row.part_indexes) {
    const uint32_t index = static_cast<uint8_t>(place);
    const absl::StatusOr<Bytes> part_row = store.Get(Family::kPart, PartKey(realm_prefix, signal_id, index));
    if (absl::IsNotFound(part_row.status())) continue;  // destroyed since
    RETURN_IF_ERROR(part_row.status());
    ASSIGN_OR_RETURN(const StoredPart stored, StoredPart::Decode(*part_row));
    Original::Part part{index, {}};
    if (!part.descriptor.ParseFromString(stored.descriptor)) {
      return absl::DataLossError("a stored descriptor does not parse");
    }
    original.parts.push_back(std::move(part));
  }
  return original;
}

absl::StatusOr<Holding> HoldingOf(const Store& store, ByteView realm_prefix, const Original& original,
                                  uint32_t index, ByteView device) {
  const Original::Part* part = original.FindPart(index);
  if (part == nullptr) return Holding{};
  const auto place = static_cast<size_t>(part - original.parts.data());
  if (IsRecipient(part->descriptor, device)) return Holding{place, std::nullopt};
  ASSIGN_OR_RETURN(
      std::optional<LoggedStatement> rewrap,
      FindStatement(store, RewrapKey(realm_prefix, {Bytes(device), original.core.signal_id(), index})));
  if (!rewrap) return Holding{};
  return Holding{place, std::move(rewrap)};
}

absl::StatusOr<envelope::VerifiedHeader> VerifyAgain(const Store& store, const Realm& realm,
                                                     const Original& original,
                                                     const trust::Directory& directory) {
  const Bytes& signal_id = original.core.signal_id();
  // Without some of its parts it is verified as by a device that they were not addressed to.
  const bool all = original.parts.size() == original.row.part_indexes.size();
  v1::Envelope whole;
  whole.set_header(original.row.header);
  whole.set_header_sig(original.row.header_sig);
  for (const Original::Part& of : original.parts) {
    ASSIGN_OR_RETURN(const Bytes row, store.Get(Family::kPart, PartKey(realm.prefix(), signal_id, of.index)));
    ASSIGN_OR_RETURN(StoredPart stored, StoredPart::Decode(row));
    ASSIGN_OR_RETURN(const Bytes wraps,
                     store.Get(Family::kPart, WrapsKey(realm.prefix(), signal_id, of.index)));
    v1::Part& part = *whole.add_parts();
    part.set_index(of.index);
    part.set_descriptor_bytes(std::move(stored.descriptor));
    part.set_ciphertext(std::move(stored.ciphertext));
    for (size_t at = 0; all && at < wraps.size(); at += envelope::kWrapBytes) {
      part.add_wraps(wraps.substr(at, envelope::kWrapBytes));
    }
  }
  ASSIGN_OR_RETURN(const trust::DirSize keys, DirectorySeenBy(original.core));
  absl::StatusOr<envelope::VerifiedHeader> verified =
      envelope::VerifyEnvelope(whole, directory,
                               {all ? envelope::Verifier::kBroker : envelope::Verifier::kSuccessor,
                                {},
                                original.row.time,
                                {directory.SizeAtLeaf(original.row.leaf_index), keys}});
  if (verified.ok()) return verified;
  return absl::DataLossError(absl::StrCat("a stored signal: ", verified.status().message()));
}

absl::StatusOr<std::optional<v1::Delivery>> LoadDelivery(const Store& store, Realm& realm, ByteView signal_id,
                                                         ByteView part_indexes) {
  const absl::StatusOr<Bytes> row = store.Get(Family::kSignal, SignalKey(realm.prefix(), signal_id));
  if (absl::IsNotFound(row.status())) return std::optional<v1::Delivery>();
  RETURN_IF_ERROR(row.status());
  absl::StatusOr<StoredSignal> decoded = StoredSignal::Decode(*row);
  if (absl::IsNotFound(decoded.status())) return std::optional<v1::Delivery>();
  RETURN_IF_ERROR(decoded.status());
  StoredSignal& signal = *decoded;
  v1::Delivery delivery;
  for (const char place : part_indexes) {
    const uint32_t index = static_cast<uint8_t>(place);
    const absl::StatusOr<Bytes> part_row =
        store.Get(Family::kPart, PartKey(realm.prefix(), signal_id, index));
    if (absl::IsNotFound(part_row.status())) continue;
    RETURN_IF_ERROR(part_row.status());
    ASSIGN_OR_RETURN(StoredPart stored, StoredPart::Decode(*part_row));
    v1::Part& part = *delivery.add_parts();
    part.set_index(index);
    part.set_descriptor_bytes(std::move(stored.descriptor));
    part.set_ciphertext(std::move(stored.ciphertext));
  }
  if (delivery.parts().empty()) return std::optional<v1::Delivery>();
  *delivery.mutable_receipt() = MakeReceipt(realm, LoggedOf(signal), {});
  delivery.mutable_receipt()->set_request_proof(std::move(signal.request_proof));
  delivery.set_header(std::move(signal.header));
  delivery.set_header_sig(std::move(signal.header_sig));
  return std::optional<v1::Delivery>(std::move(delivery));
}

absl::StatusOr<History> LoadHistory(const Store& store, ByteView realm_prefix, const Original& original) {
  History history;
  Bytes before = original.core.forwards();
  while (!before.empty()) {
    if (history.channels.size() == kMaxHistory) {
      history.unknown = true;
      break;
    }
    const absl::StatusOr<Bytes> row = store.Get(Family::kSignal, SignalKey(realm_prefix, before));
    const absl::StatusOr<StoredSignal> signal = row.ok() ? StoredSignal::Decode(*row) : row.status();
    if (absl::IsNotFound(signal.status())) {
      history.unknown = true;
      break;
    }
    RETURN_IF_ERROR(signal.status());
    ASSIGN_OR_RETURN(const v1::Core core, CoreOf(signal->header));
    history.channels.push_back(core.channel());
    before = core.forwards();
  }
  return history;
}

policies::OriginalFacts ToFacts(const Original& original, const trust::Directory& directory,
                                const History& history) {
  const auto member_of = [&directory](ByteView device_id) -> const trust::Member* {
    const trust::Device* device = directory.FindDevice(device_id);
    return device == nullptr ? nullptr : directory.FindMember(device->member_ref);
  };
  policies::OriginalFacts facts;
  if (const trust::Member* sender = member_of(original.row.sender_device)) {
    facts.sender = trust::ToMemberId(*sender);
  }
  facts.channel = original.core.channel();
  facts.category = original.core.category();
  facts.purpose = original.core.purpose();
  facts.level = trust::LevelFromProto(original.core.level());
  facts.created = absl::FromUnixSeconds(original.core.created());
  facts.earlier_channels = history.channels;
  facts.earlier_unknown = history.unknown;
  for (const Original::Part& part : original.parts) {
    std::set<policies::MemberId> recipients;
    for (const v1::Recipient& recipient : part.descriptor.recipients()) {
      if (const trust::Member* member = member_of(recipient.device_id())) {
        recipients.insert(trust::ToMemberId(*member));
      }
    }
    facts.parts.push_back({envelope::PartKindFromProto(part.descriptor.kind()),
                           absl::FromUnixSeconds(part.descriptor.expires()),
                           {recipients.begin(), recipients.end()},
                           !part.descriptor.share_commits().empty()});
  }
  return facts;
}

}  // namespace seinpost::server
