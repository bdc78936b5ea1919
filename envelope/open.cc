// SPDX-License-Identifier: EUPL-1.2
#include "envelope/open.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "util/status_macros.h"

namespace seinpost::envelope {

namespace pb = seinpost::v1;

namespace {

// What the caller sees is the same whatever was wrong; the reason is for the local log.
absl::Status DoesNotOpen(absl::string_view reason) {
  absl::Status status = absl::UnauthenticatedError("the part does not open");
  status.SetPayload(kOpenReason, absl::Cord(reason));
  return status;
}

// The recipient entry of `own_device`, and its place in the list. Nullptr: none, or not exactly one.
const pb::Recipient* OwnRecipient(const VerifiedPart& part, ByteView own_device) {
  const pb::Recipient* own = nullptr;
  for (const pb::Recipient& recipient : part.descriptor.recipients()) {
    if (recipient.device_id() != own_device) continue;
    if (own != nullptr) return nullptr;
    own = &recipient;
  }
  return own;
}

absl::StatusOr<PartKeys> OpenKeys(const VerifiedHeader& header, const VerifiedPart& part, ByteView own_device,
                                  const std::vector<Wrap>& wraps, PrekeyLookup prekeys, ByteView ciphertext) {
  // (8) everything that can be compared before a key is touched.
  const pb::PartDescriptor& descriptor = part.descriptor;
  const VerifiedPart* verified = header.FindPart(part.index);
  if (verified == nullptr || verified->recipient_set_hash != part.recipient_set_hash ||
      verified->descriptor.ct_hash() != descriptor.ct_hash()) {
    return DoesNotOpen("step 8: the part is not of this header");
  }
  const pb::Recipient* own = OwnRecipient(part, own_device);
  if (own == nullptr) return DoesNotOpen("step 8: this device is not a recipient of the part");
  if (wraps.size() != 1) return DoesNotOpen("step 8: not exactly one wrap");
  const Wrap& wrap = wraps.front();
  if (wrap.group != own->group() || wrap.prekey_id != own->prekey_id()) {
    return DoesNotOpen("step 8: a wrap for another group or prekey");
  }
  if (wrap.bytes.size() != kWrapBytes) return DoesNotOpen("step 8: wrap size");
  if (View(crypto::Sha256(wrap.bytes)) != own->wrap_hash()) return DoesNotOpen("step 8: wrap_hash");
  const Digest ct_hash = crypto::Sha256(ciphertext);
  if (View(ct_hash) != descriptor.ct_hash()) return DoesNotOpen("step 8: ct_hash");
  const crypto::HpkeKeyPair* prekey = prekeys(own->prekey_id());
  if (prekey == nullptr) return absl::NotFoundError("the key for this part is gone: the part has expired");

  // (9) the key, and that it is the one the sender committed to.
  WrapContext context;
  context.h = header.h();
  context.index = static_cast<uint16_t>(part.index);
  context.group = static_cast<uint8_t>(own->group());
  context.device_id = own->device_id();
  context.prekey_id = own->prekey_id();
  ASSIGN_OR_RETURN(context.commit, ToFixed<32>(descriptor.commit(), "commit"));
  context.ct_hash = ct_hash;
  context.recipient_set_hash = part.recipient_set_hash;
  const absl::StatusOr<crypto::Secret<32>> cek = OpenWrap(context, *prekey, wrap.bytes);
  if (!cek.ok()) return DoesNotOpen("step 9: the wrap does not open");
  PartKeys keys = DerivePartKeys(*cek, header.h(), context.index);
  if (!crypto::ConstantTimeEquals(View(keys.commit), descriptor.commit())) {
    return DoesNotOpen("step 9: the key is not the committed one");
  }
  return keys;
}

}  // namespace

absl::StatusOr<Bytes> OpenPart(const VerifiedHeader& header, const VerifiedPart& part, ByteView own_device,
                               const std::vector<Wrap>& wraps, PrekeyLookup prekeys, ByteView ciphertext) {
  if (part.descriptor.kind() == pb::PART_KIND_ATTACHMENT) return DoesNotOpen("step 8: an attachment");
  ASSIGN_OR_RETURN(const PartKeys keys, OpenKeys(header, part, own_device, wraps, prekeys, ciphertext));
  absl::StatusOr<Bytes> content = OpenContent(keys, header.core_bytes(), static_cast<uint16_t>(part.index),
                                              header.core().signal_id(), part.descriptor.kind(), ciphertext);
  if (!content.ok()) return DoesNotOpen(absl::StrCat("step 10: ", content.status().message()));
  return content;
}

absl::StatusOr<AttachmentContent> OpenAttachmentPart(const VerifiedHeader& header, const VerifiedPart& part,
                                                     ByteView own_device, const std::vector<Wrap>& wraps,
                                                     PrekeyLookup prekeys, ByteView ciphertext) {
  if (part.descriptor.kind() != pb::PART_KIND_ATTACHMENT) return DoesNotOpen("step 8: not an attachment");
  ASSIGN_OR_RETURN(const PartKeys keys, OpenKeys(header, part, own_device, wraps, prekeys, ciphertext));
  absl::StatusOr<AttachmentContent> content = OpenAttachment(
      keys, header.h(), static_cast<uint16_t>(part.index), header.core().signal_id(), ciphertext);
  if (!content.ok()) return DoesNotOpen(absl::StrCat("step 10: ", content.status().message()));
  return content;
}

}  // namespace seinpost::envelope
