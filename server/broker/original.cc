// SPDX-License-Identifier: EUPL-1.2
#include "server/broker/original.h"

#include <set>
#include <utility>

#include "envelope/vocabulary.h"
#include "trust/facts.h"
#include "trust/levels.h"
#include "util/status_macros.h"

namespace seinpost::server {

const Original::Part* Original::FindPart(uint32_t index) const {
  for (const Part& part : parts) {
    if (part.index == index) return &part;
  }
  return nullptr;
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

absl::StatusOr<v1::Core> CoreOf(ByteView header_bytes) {
  v1::Header header;
  v1::Core core;
  if (!header.ParseFromArray(header_bytes.data(), static_cast<int>(header_bytes.size())) ||
      !core.ParseFromString(header.core())) {
    return absl::DataLossError("a stored header does not parse");
  }
  return core;
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

policies::OriginalFacts ToFacts(const Original& original, const trust::Directory& directory) {
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
  for (const Original::Part& part : original.parts) {
    std::set<policies::MemberId> recipients;
    for (const v1::Recipient& recipient : part.descriptor.recipients()) {
      if (const trust::Member* member = member_of(recipient.device_id())) {
        recipients.insert(trust::ToMemberId(*member));
      }
    }
    facts.parts.push_back({envelope::PartKindFromProto(part.descriptor.kind()),
                           absl::FromUnixSeconds(part.descriptor.expires()),
                           {recipients.begin(), recipients.end()}});
  }
  return facts;
}

}  // namespace seinpost::server
