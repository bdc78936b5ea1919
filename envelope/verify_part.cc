// SPDX-License-Identifier: EUPL-1.2
#include "envelope/verify_part.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "envelope/audience.h"
#include "envelope/limits.h"
#include "envelope/padding.h"
#include "envelope/vocabulary.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::envelope {

namespace pb = seinpost::v1;

namespace {

// Sorted, unique, each `size` bytes.
absl::Status CheckSortedIds(const google::protobuf::RepeatedPtrField<std::string>& ids,
                            absl::string_view field) {
  for (int i = 0; i < ids.size(); ++i) {
    RETURN_IF_ERROR(trust::CheckSize(ids[i], trust::kIdBytes, field));
    if (i > 0 && !(ids[i - 1] < ids[i])) {
      return absl::InvalidArgumentError(absl::StrCat(field, ": not sorted, or one twice"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckKeptUntil(const pb::PartDescriptor& descriptor, absl::Time created,
                            const policies::Convenant& convenant) {
  RETURN_IF_ERROR(trust::CheckText(descriptor.retention_class(), "retention_class"));
  const policies::RetentionClass* retention = convenant.FindRetention(descriptor.retention_class());
  if (retention == nullptr)
    return absl::PermissionDeniedError("retention_class: the convenant has no such class");
  ASSIGN_OR_RETURN(const absl::Time expires, trust::CheckTime(descriptor.expires(), "expires"));
  if (expires <= created) return absl::PermissionDeniedError("expires: not after created");
  if (expires > created + retention->cap) {
    return absl::PermissionDeniedError("expires: later than the cap of its retention class");
  }
  return absl::OkStatus();
}

absl::Status CheckRecipientFields(const pb::PartDescriptor& descriptor) {
  if (descriptor.recipients().empty()) return absl::InvalidArgumentError("recipients: none");
  if (static_cast<size_t>(descriptor.recipients_size()) > kMaxRecipientsPerPart) {
    return absl::ResourceExhaustedError("recipients: more than 400");
  }
  for (int i = 0; i < descriptor.recipients_size(); ++i) {
    const pb::Recipient& recipient = descriptor.recipients(i);
    RETURN_IF_ERROR(trust::CheckSize(recipient.device_id(), trust::kIdBytes, "recipients.device_id"));
    RETURN_IF_ERROR(trust::CheckSize(recipient.prekey_id(), trust::kHashBytes, "recipients.prekey_id"));
    RETURN_IF_ERROR(trust::CheckSize(recipient.wrap_hash(), trust::kHashBytes, "recipients.wrap_hash"));
    if (recipient.group() != 0)
      return absl::PermissionDeniedError("recipients.group: shared keys are not in use");
    if (i == 0) continue;
    const int order = descriptor.recipients(i - 1).device_id().compare(recipient.device_id());
    if (order == 0) return absl::PermissionDeniedError("recipients: one device twice in a group");
    if (order > 0) return absl::InvalidArgumentError("recipients: not sorted");
  }
  return absl::OkStatus();
}

// The sender and everybody one of whose devices is named, each once, sorted by address in memory.
absl::StatusOr<std::vector<const trust::Member*>> ChosenMembers(const pb::PartDescriptor& descriptor,
                                                                const PartContext& context) {
  std::vector<const trust::Member*> chosen{context.sender};
  const auto choose = [&](ByteView device_id) {
    const trust::Device* device = context.directory.FindDevice(device_id);
    if (device == nullptr || device->seq >= context.keys) return false;
    chosen.push_back(context.directory.FindMember(device->member_ref));
    return true;
  };
  for (const pb::Recipient& recipient : descriptor.recipients()) {
    if (!choose(recipient.device_id())) {
      return absl::PermissionDeniedError("recipients.device_id: not certified");
    }
  }
  for (const std::string& id : descriptor.unreached()) {
    if (!choose(id)) return absl::PermissionDeniedError("unreached: not certified");
  }
  std::sort(chosen.begin(), chosen.end(), std::less<>());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

// Why a prekey is not the one that the device had for this part.
absl::Status WrongPrekey(const pb::Recipient& recipient, const pb::PartDescriptor& descriptor,
                         const PartContext& context) {
  const trust::PrekeyEntry* prekey = context.directory.FindPrekey(recipient.prekey_id());
  if (prekey == nullptr || prekey->seq >= context.keys) {
    return absl::PermissionDeniedError("recipients.prekey_id: not in the directory");
  }
  if (prekey->device_id != recipient.device_id())
    return absl::PermissionDeniedError("recipients.prekey_id: of another device");
  if (prekey->retention_class != descriptor.retention_class()) {
    return absl::PermissionDeniedError("recipients.prekey_id: of another retention class");
  }
  if (!prekey->OpenAt(context.created)) {
    return absl::PermissionDeniedError("recipients.prekey_id: not open for sealing at that time");
  }
  return absl::PermissionDeniedError("recipients.prekey_id: not the newest of its device");
}

absl::Status CheckTies(const pb::PartDescriptor& descriptor, const std::vector<const trust::Member*>& chosen,
                       const trust::Directory& directory) {
  const bool named = descriptor.kind() == pb::PART_KIND_IDENTITY || descriptor.kind() == pb::PART_KIND_CARE ||
                     descriptor.kind() == pb::PART_KIND_ATTACHMENT;
  if (!named && !descriptor.ties().empty()) {
    return absl::PermissionDeniedError("ties: in a part that is not judged at L2");
  }
  for (int i = 0; i < descriptor.ties_size(); ++i) {
    const pb::Tie& tie = descriptor.ties(i);
    RETURN_IF_ERROR(trust::CheckSize(tie.member_ref(), trust::kIdBytes, "ties.member_ref"));
    if (i > 0 && !(descriptor.ties(i - 1).member_ref() < tie.member_ref())) {
      return absl::InvalidArgumentError("ties: not sorted, or one member twice");
    }
    if (!IsTie(tie.tie())) return absl::InvalidArgumentError("ties.tie: unknown word");
    if (!std::binary_search(chosen.begin(), chosen.end(), directory.FindMember(tie.member_ref()),
                            std::less<>())) {
      return absl::PermissionDeniedError("ties.member_ref: not a recipient of this part");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckDescriptor(const pb::PartDescriptor& descriptor, const PartContext& context) {
  if (!IsKnown(descriptor.kind())) return absl::InvalidArgumentError("descriptor.kind: unknown value");
  RETURN_IF_ERROR(trust::CheckSize(descriptor.ct_hash(), trust::kHashBytes, "ct_hash"));
  RETURN_IF_ERROR(trust::CheckSize(descriptor.commit(), trust::kHashBytes, "commit"));
  if (!IsPaddedLength(descriptor.kind(), descriptor.padded_len())) {
    return absl::PermissionDeniedError("padded_len: not a size of its kind");
  }
  if (!descriptor.share_commits().empty()) {
    return absl::PermissionDeniedError("share_commits: shared keys are not in use");
  }
  RETURN_IF_ERROR(CheckKeptUntil(descriptor, context.created, context.convenant));
  RETURN_IF_ERROR(CheckRecipientFields(descriptor));
  RETURN_IF_ERROR(CheckSortedIds(descriptor.unreached(), "unreached"));
  RETURN_IF_ERROR(CheckSortedIds(descriptor.justifies(), "justifies"));
  if (descriptor.kind() != pb::PART_KIND_JUSTIFICATION && !descriptor.justifies().empty()) {
    return absl::PermissionDeniedError("justifies: in a part that is no justification");
  }
  ASSIGN_OR_RETURN(const std::vector<const trust::Member*> chosen, ChosenMembers(descriptor, context));
  return CheckTies(descriptor, chosen, context.directory);
}

// The key set: the devices of the chosen members as the sender could know them, each in `recipients` with its
// prekey or, if it has none, in `unreached`; nobody else in either. All three lists are sorted.
absl::Status CheckKeySet(const pb::PartDescriptor& descriptor, const PartContext& context) {
  ASSIGN_OR_RETURN(const std::vector<const trust::Member*> chosen, ChosenMembers(descriptor, context));
  const std::vector<Reached> audience =
      AudienceOf(chosen, descriptor.retention_class(), context.created, context.directory, context.keys);
  int recipient = 0, unreached = 0;
  for (const Reached& expected : audience) {
    const bool is_recipient = recipient < descriptor.recipients_size() &&
                              descriptor.recipients(recipient).device_id() == expected.device->id;
    const bool is_unreached =
        unreached < descriptor.unreached_size() && descriptor.unreached(unreached) == expected.device->id;
    if (is_recipient && is_unreached)
      return absl::PermissionDeniedError("unreached: a device that is a recipient");
    if (is_recipient) {
      const pb::Recipient& found = descriptor.recipients(recipient++);
      if (expected.prekey == nullptr || expected.prekey->prekey_id != found.prekey_id()) {
        return WrongPrekey(found, descriptor, context);
      }
    } else if (is_unreached) {
      if (expected.prekey != nullptr)
        return absl::PermissionDeniedError("unreached: a device that has a prekey");
      ++unreached;
    } else if (recipient < descriptor.recipients_size() &&
               descriptor.recipients(recipient).device_id() < expected.device->id) {
      break;  // a recipient that is not expected
    } else {
      return absl::PermissionDeniedError("recipients: a device of a chosen member is missing");
    }
  }
  if (recipient < descriptor.recipients_size()) {
    return absl::PermissionDeniedError("recipients.device_id: not valid at that time");
  }
  if (unreached < descriptor.unreached_size()) {
    return absl::PermissionDeniedError("unreached: not valid at that time");
  }
  return absl::OkStatus();
}

absl::Status CheckAddressedTo(const pb::PartDescriptor& descriptor, ByteView own_device) {
  for (const pb::Recipient& recipient : descriptor.recipients()) {
    // CheckRecipientFields saw to it that it stands there once at most.
    if (recipient.device_id() == own_device) return absl::OkStatus();
  }
  return absl::PermissionDeniedError("recipients: not this device");
}

absl::Status CheckCiphertext(const pb::Part& part, const pb::PartDescriptor& descriptor) {
  if (descriptor.kind() == pb::PART_KIND_ATTACHMENT) {
    if (part.ciphertext().empty()) return absl::OkStatus();
    return absl::PermissionDeniedError("ciphertext: an attachment's travels by itself");
  }
  if (part.ciphertext().size() != descriptor.padded_len() + crypto::kAeadTagBytes) {
    return absl::PermissionDeniedError("ciphertext: not of the length that the descriptor states");
  }
  if (View(crypto::Sha256(part.ciphertext())) != descriptor.ct_hash()) {
    return absl::PermissionDeniedError("ct_hash: not that of the ciphertext");
  }
  return absl::OkStatus();
}

absl::Status CheckWraps(const pb::Part& part, const pb::PartDescriptor& descriptor) {
  if (part.wraps_size() != descriptor.recipients_size()) {
    return absl::PermissionDeniedError("wraps: not one per recipient");
  }
  for (int i = 0; i < part.wraps_size(); ++i) {
    if (View(crypto::Sha256(part.wraps(i))) != descriptor.recipients(i).wrap_hash()) {
      return absl::PermissionDeniedError("wrap_hash: not that of the wrap in this place");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckNoWraps(const pb::Part& part) {
  if (part.wraps().empty()) return absl::OkStatus();
  return absl::PermissionDeniedError("wraps: delivered before the part was opened");
}

}  // namespace seinpost::envelope
