// SPDX-License-Identifier: EUPL-1.2
#include "envelope/verify_part.h"

#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
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

absl::Status CheckKeptUntil(const pb::PartDescriptor& descriptor, const pb::Core& core,
                            const policies::Convenant& convenant) {
  RETURN_IF_ERROR(trust::CheckText(descriptor.retention_class(), "retention_class"));
  const policies::RetentionClass* retention = convenant.FindRetention(descriptor.retention_class());
  if (retention == nullptr)
    return absl::PermissionDeniedError("retention_class: the convenant has no such class");
  ASSIGN_OR_RETURN(const absl::Time expires, trust::CheckTime(descriptor.expires(), "expires"));
  const absl::Time created = absl::FromUnixSeconds(core.created());
  if (expires <= created) return absl::PermissionDeniedError("expires: not after created");
  if (expires > created + retention->cap) {
    return absl::PermissionDeniedError("expires: later than the cap of its retention class");
  }
  return absl::OkStatus();
}

// One recipient: a device that was certified when the part was sealed, by a prekey of its own.
absl::Status CheckRecipient(const pb::Recipient& recipient, const pb::PartDescriptor& descriptor,
                            absl::Time created, const trust::Directory& directory) {
  RETURN_IF_ERROR(trust::CheckSize(recipient.device_id(), trust::kIdBytes, "recipients.device_id"));
  RETURN_IF_ERROR(trust::CheckSize(recipient.prekey_id(), trust::kHashBytes, "recipients.prekey_id"));
  RETURN_IF_ERROR(trust::CheckSize(recipient.wrap_hash(), trust::kHashBytes, "recipients.wrap_hash"));
  if (recipient.group() != 0)
    return absl::PermissionDeniedError("recipients.group: shared keys are not in use");
  const trust::Device* device = directory.FindDevice(recipient.device_id());
  if (device == nullptr) return absl::PermissionDeniedError("recipients.device_id: not certified");
  if (created < device->not_before || created >= device->not_after) {
    return absl::PermissionDeniedError("recipients.device_id: not certified at that time");
  }
  const trust::PrekeyEntry* prekey = directory.FindPrekey(recipient.prekey_id());
  if (prekey == nullptr) return absl::PermissionDeniedError("recipients.prekey_id: not in the directory");
  if (prekey->device_id != device->id)
    return absl::PermissionDeniedError("recipients.prekey_id: of another device");
  if (prekey->retention_class != descriptor.retention_class()) {
    return absl::PermissionDeniedError("recipients.prekey_id: of another retention class");
  }
  if (!prekey->OpenAt(created)) {
    return absl::PermissionDeniedError("recipients.prekey_id: not open for sealing at that time");
  }
  return absl::OkStatus();
}

absl::Status CheckRecipients(const pb::PartDescriptor& descriptor, absl::Time created,
                             const trust::Directory& directory) {
  if (descriptor.recipients().empty()) return absl::InvalidArgumentError("recipients: none");
  if (static_cast<size_t>(descriptor.recipients_size()) > kMaxRecipientsPerPart) {
    return absl::ResourceExhaustedError("recipients: more than 400");
  }
  std::set<std::pair<uint32_t, ByteView>> seen;
  for (int i = 0; i < descriptor.recipients_size(); ++i) {
    const pb::Recipient& recipient = descriptor.recipients(i);
    RETURN_IF_ERROR(CheckRecipient(recipient, descriptor, created, directory));
    if (!seen.emplace(recipient.group(), recipient.device_id()).second) {
      return absl::PermissionDeniedError("recipients: one device twice in a group");
    }
    if (i == 0) continue;
    const pb::Recipient& before = descriptor.recipients(i - 1);
    if (std::make_tuple(before.group(), ByteView(before.device_id()), ByteView(before.prekey_id())) >=
        std::make_tuple(recipient.group(), ByteView(recipient.device_id()),
                        ByteView(recipient.prekey_id()))) {
      return absl::InvalidArgumentError("recipients: not sorted");
    }
  }
  return absl::OkStatus();
}

// The members whose devices are reached or listed as unreached.
absl::StatusOr<std::set<ByteView>> ChosenMembers(const pb::PartDescriptor& descriptor,
                                                 const trust::Directory& directory) {
  std::set<ByteView> chosen;
  std::set<ByteView> reached;
  for (const pb::Recipient& recipient : descriptor.recipients()) {
    reached.insert(recipient.device_id());
    chosen.insert(directory.FindDevice(recipient.device_id())->member_ref);
  }
  for (const std::string& id : descriptor.unreached()) {
    const trust::Device* device = directory.FindDevice(id);
    if (device == nullptr) return absl::PermissionDeniedError("unreached: not certified");
    if (reached.count(id) > 0) return absl::PermissionDeniedError("unreached: a device that is a recipient");
    chosen.insert(device->member_ref);
  }
  return chosen;
}

absl::Status CheckTies(const pb::PartDescriptor& descriptor, const std::set<ByteView>& chosen) {
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
    if (chosen.count(tie.member_ref()) == 0) {
      return absl::PermissionDeniedError("ties.member_ref: not a recipient of this part");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckDescriptor(const pb::PartDescriptor& descriptor, const pb::Core& core,
                             const trust::Directory& directory) {
  if (!IsKnown(descriptor.kind())) return absl::InvalidArgumentError("descriptor.kind: unknown value");
  RETURN_IF_ERROR(trust::CheckSize(descriptor.ct_hash(), trust::kHashBytes, "ct_hash"));
  RETURN_IF_ERROR(trust::CheckSize(descriptor.commit(), trust::kHashBytes, "commit"));
  if (!IsPaddedLength(descriptor.kind(), descriptor.padded_len())) {
    return absl::PermissionDeniedError("padded_len: not a size of its kind");
  }
  if (!descriptor.share_commits().empty()) {
    return absl::PermissionDeniedError("share_commits: shared keys are not in use");
  }
  RETURN_IF_ERROR(CheckKeptUntil(descriptor, core, *directory.convenant()));
  RETURN_IF_ERROR(CheckRecipients(descriptor, absl::FromUnixSeconds(core.created()), directory));
  RETURN_IF_ERROR(CheckSortedIds(descriptor.unreached(), "unreached"));
  RETURN_IF_ERROR(CheckSortedIds(descriptor.justifies(), "justifies"));
  if (descriptor.kind() != pb::PART_KIND_JUSTIFICATION && !descriptor.justifies().empty()) {
    return absl::PermissionDeniedError("justifies: in a part that is no justification");
  }
  ASSIGN_OR_RETURN(const std::set<ByteView> chosen, ChosenMembers(descriptor, directory));
  return CheckTies(descriptor, chosen);
}

absl::Status CheckAddressedTo(const pb::PartDescriptor& descriptor, ByteView own_device) {
  for (const pb::Recipient& recipient : descriptor.recipients()) {
    // CheckRecipients saw to it that it stands there once at most.
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
