// SPDX-License-Identifier: EUPL-1.2
#include "envelope/part_key.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "util/status_macros.h"

namespace seinpost::envelope {

namespace pb = seinpost::v1;

absl::Status DoesNotOpen(absl::string_view reason) {
  absl::Status status = absl::UnauthenticatedError("the part does not open");
  status.SetPayload(kOpenReason, absl::Cord(reason));
  return status;
}

absl::Status CheckIsPart(const VerifiedHeader& header, const VerifiedPart& part) {
  const VerifiedPart* verified = header.FindPart(part.index);
  if (verified != nullptr && verified->recipient_set_hash == part.recipient_set_hash &&
      verified->descriptor.ct_hash() == part.descriptor.ct_hash()) {
    return absl::OkStatus();
  }
  return DoesNotOpen("step 8: the part is not of this header");
}

WrapContext ContextFor(const VerifiedHeader& header, const VerifiedPart& part, ByteView device_id,
                       ByteView prekey_id) {
  WrapContext context;
  context.h = header.h();
  context.index = static_cast<uint16_t>(part.index);
  context.group = 0;
  context.device_id = Bytes(device_id);
  context.prekey_id = Bytes(prekey_id);
  // Both are 32 bytes: VerifyEnvelope saw to it.
  context.commit = ToFixed<32>(part.descriptor.commit(), "commit").value();
  context.ct_hash = ToFixed<32>(part.descriptor.ct_hash(), "ct_hash").value();
  context.recipient_set_hash = part.recipient_set_hash;
  return context;
}

absl::StatusOr<CommittedKey> OpenCommitted(const VerifiedHeader& header, const VerifiedPart& part,
                                           const WrapContext& context, const crypto::HpkeKeyPair& pair,
                                           ByteView wrap) {
  absl::StatusOr<crypto::Secret<32>> cek = OpenWrap(context, pair, wrap);
  if (!cek.ok()) return DoesNotOpen("step 9: the wrap does not open");
  PartKeys keys = DerivePartKeys(*cek, header.h(), context.index);
  if (!crypto::ConstantTimeEquals(View(keys.commit), part.descriptor.commit())) {
    return DoesNotOpen("step 9: the key is not the committed one");
  }
  return CommittedKey{*std::move(cek), std::move(keys)};
}

absl::StatusOr<CommittedKey> OpenOwnWrap(const VerifiedHeader& header, const VerifiedPart& part,
                                         ByteView own_device, const std::vector<Wrap>& wraps,
                                         PrekeyLookup prekeys) {
  RETURN_IF_ERROR(CheckIsPart(header, part));
  const pb::Recipient* own = nullptr;
  for (const pb::Recipient& recipient : part.descriptor.recipients()) {
    if (recipient.device_id() == own_device) own = &recipient;  // once per group, and group 0 only
  }
  if (own == nullptr) return DoesNotOpen("step 8: this device is not a recipient of the part");
  if (wraps.size() != 1) return DoesNotOpen("step 8: not exactly one wrap");
  const Wrap& wrap = wraps.front();
  if (wrap.group != own->group() || wrap.prekey_id != own->prekey_id()) {
    return DoesNotOpen("step 8: a wrap for another group or prekey");
  }
  if (wrap.bytes.size() != kWrapBytes) return DoesNotOpen("step 8: wrap size");
  if (View(crypto::Sha256(wrap.bytes)) != own->wrap_hash()) return DoesNotOpen("step 8: wrap_hash");
  const crypto::HpkeKeyPair* prekey = prekeys(own->prekey_id());
  if (prekey == nullptr) return absl::NotFoundError("the key for this part is gone: the part has expired");
  return OpenCommitted(header, part, ContextFor(header, part, own_device, own->prekey_id()), *prekey,
                       wrap.bytes);
}

absl::Status CheckSealed(const VerifiedHeader& header, const VerifiedPart& part, bool attachment,
                         ByteView ciphertext) {
  RETURN_IF_ERROR(CheckIsPart(header, part));
  if ((part.descriptor.kind() == pb::PART_KIND_ATTACHMENT) != attachment) {
    return DoesNotOpen(attachment ? "step 8: not an attachment" : "step 8: an attachment");
  }
  if (View(crypto::Sha256(ciphertext)) != part.descriptor.ct_hash()) return DoesNotOpen("step 8: ct_hash");
  return absl::OkStatus();
}

absl::StatusOr<Bytes> OpenWithKeys(const VerifiedHeader& header, const VerifiedPart& part,
                                   const PartKeys& keys, ByteView ciphertext) {
  absl::StatusOr<Bytes> content = OpenContent(keys, header.core_bytes(), static_cast<uint16_t>(part.index),
                                              header.core().signal_id(), part.descriptor.kind(), ciphertext);
  if (!content.ok()) return DoesNotOpen(absl::StrCat("step 10: ", content.status().message()));
  return content;
}

absl::StatusOr<AttachmentContent> OpenAttachmentWithKeys(const VerifiedHeader& header,
                                                         const VerifiedPart& part, const PartKeys& keys,
                                                         ByteView ciphertext) {
  absl::StatusOr<AttachmentContent> content = OpenAttachment(
      keys, header.h(), static_cast<uint16_t>(part.index), header.core().signal_id(), ciphertext);
  if (!content.ok()) return DoesNotOpen(absl::StrCat("step 10: ", content.status().message()));
  return content;
}

}  // namespace seinpost::envelope
