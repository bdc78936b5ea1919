// SPDX-License-Identifier: EUPL-1.2
#include "envelope/part_crypto.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/stream.h"
#include "crypto/wiped.h"
#include "envelope/limits.h"
#include "envelope/padding.h"
#include "trust/fields.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::envelope {

namespace pb = seinpost::v1;

namespace {

constexpr size_t kMaxHeadBytes = 256;

// One text for whatever is wrong with sealed bytes.
absl::Status NotThisPart() {
  return absl::UnauthenticatedError("altered, or not of this signal, part or kind");
}

Bytes ContentAad(ByteView core, uint16_t index) { return absl::StrCat("content", Lp(core), U16(index)); }

Bytes StreamAadPrefix(const Digest& h, uint16_t index) { return absl::StrCat(View(h), U16(index)); }

// LP(signal_id) || u8 kind || LP(content)
Bytes InnerHead(ByteView signal_id, pb::PartKind kind, ByteView content) {
  return absl::StrCat(Lp(signal_id), U8(static_cast<uint8_t>(kind)), Lp(content));
}

// Takes LP(x) off the front of `rest`.
bool TakeLp(ByteView& rest, ByteView& x) {
  if (rest.size() < 4) return false;
  size_t size = 0;
  for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<uint8_t>(rest[i]);
  rest.remove_prefix(4);
  if (size > rest.size()) return false;
  x = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

// Takes InnerHead off the front of `rest`, if it is of this signal and kind.
bool TakeInnerHead(ByteView& rest, ByteView signal_id, pb::PartKind kind, ByteView& content) {
  ByteView inner_id;
  if (!TakeLp(rest, inner_id) || inner_id != signal_id) return false;
  if (rest.empty() || static_cast<uint8_t>(rest[0]) != static_cast<uint8_t>(kind)) return false;
  rest.remove_prefix(1);
  return TakeLp(rest, content);
}

absl::Status CheckHead(const pb::AttachmentHead& head, size_t size) {
  RETURN_IF_ERROR(trust::CheckText(head.name(), "attachment name", kMaxAttachmentNameBytes));
  if (head.content_type() != "image/jpeg" && head.content_type() != "image/png") {
    return absl::InvalidArgumentError("attachment content_type: neither image/jpeg nor image/png");
  }
  if (head.size() != size) return absl::InvalidArgumentError("attachment size: not that of its bytes");
  return absl::OkStatus();
}

}  // namespace

PartKeys DerivePartKeys(const crypto::Secret<32>& cek, const Digest& h, uint16_t index) {
  const crypto::Secret<32> prk =
      crypto::HkdfExtract(absl::StrCat("seinpost/v1/part", View(h), U16(index)), cek.ExposeSecretView());
  return PartKeys{crypto::HkdfExpand<32>(prk, "key"), crypto::HkdfExpandFixed<12>(prk, "nonce"),
                  crypto::HkdfExpandFixed<32>(prk, "commit"), crypto::HkdfExpand<32>(prk, "stream")};
}

crypto::Secret<32> CombineShares(const std::vector<const crypto::Secret<32>*>& shares) {
  crypto::WipedBytes joined(32 * shares.size());
  for (const crypto::Secret<32>* share : shares) {
    joined.Append(share->ExposeSecretView()).IgnoreError();  // The capacity is exactly theirs.
  }
  return crypto::HkdfExtract("seinpost/v1/shares", joined.ExposeSecretView());
}

Digest ShareCommit(const Digest& h, uint16_t index, uint8_t group, const crypto::Secret<32>& share) {
  return crypto::Sha256Concat(
      {"seinpost/v1/share", View(h), U16(index), U8(group), share.ExposeSecretView()});
}

Digest RecipientSetHash(const pb::PartDescriptor& descriptor) {
  crypto::Sha256Hasher hasher;
  hasher.Update("seinpost/v1/recipient-set");
  hasher.Update(U16(static_cast<uint16_t>(descriptor.recipients_size())));
  for (const pb::Recipient& recipient : descriptor.recipients()) {
    hasher.Update(U8(static_cast<uint8_t>(recipient.group())));
    hasher.Update(Lp(recipient.device_id()));
    hasher.Update(Lp(recipient.prekey_id()));
  }
  return hasher.Finish();
}

absl::StatusOr<Bytes> SealContent(const PartKeys& keys, ByteView core, uint16_t index, ByteView signal_id,
                                  pb::PartKind kind, ByteView content) {
  ASSIGN_OR_RETURN(const Bytes padded, Pad(kind, InnerHead(signal_id, kind, content)));
  return crypto::AeadSeal(keys.key, keys.nonce, ContentAad(core, index), padded);
}

absl::StatusOr<Bytes> OpenContent(const PartKeys& keys, ByteView core, uint16_t index, ByteView signal_id,
                                  pb::PartKind kind, ByteView ciphertext) {
  ASSIGN_OR_RETURN(const Bytes padded,
                   crypto::AeadOpen(keys.key, keys.nonce, ContentAad(core, index), ciphertext));
  const absl::StatusOr<Bytes> plaintext = Unpad(kind, padded);
  if (!plaintext.ok()) return NotThisPart();
  ByteView rest = *plaintext;
  ByteView content;
  if (!TakeInnerHead(rest, signal_id, kind, content) || !rest.empty()) return NotThisPart();
  return Bytes(content);
}

absl::StatusOr<Bytes> SealAttachment(const PartKeys& keys, const Digest& h, uint16_t index,
                                     ByteView signal_id, const AttachmentContent& content) {
  if (content.bytes.size() > kMaxAttachmentBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("attachment: more than ", kMaxAttachmentBytes, " bytes: ", content.bytes.size()));
  }
  pb::AttachmentHead head = content.head;
  head.set_size(content.bytes.size());
  RETURN_IF_ERROR(CheckHead(head, content.bytes.size()));
  const Bytes inner = absl::StrCat(
      InnerHead(signal_id, pb::PART_KIND_ATTACHMENT, trust::StrictSerialize(head)), content.bytes);
  ASSIGN_OR_RETURN(const Bytes padded, Pad(pb::PART_KIND_ATTACHMENT, inner));
  return crypto::SealStream(keys.stream, StreamAadPrefix(h, index), padded);
}

absl::StatusOr<AttachmentContent> OpenAttachment(const PartKeys& keys, const Digest& h, uint16_t index,
                                                 ByteView signal_id, ByteView ciphertext) {
  ASSIGN_OR_RETURN(const Bytes padded,
                   crypto::OpenStream(keys.stream, StreamAadPrefix(h, index), ciphertext));
  const absl::StatusOr<Bytes> plaintext = Unpad(pb::PART_KIND_ATTACHMENT, padded);
  if (!plaintext.ok()) return NotThisPart();
  ByteView rest = *plaintext;
  ByteView head;
  if (!TakeInnerHead(rest, signal_id, pb::PART_KIND_ATTACHMENT, head)) return NotThisPart();
  AttachmentContent content;
  if (!trust::StrictParse(head, kMaxHeadBytes, "attachment head", content.head).ok() ||
      !CheckHead(content.head, rest.size()).ok()) {
    return NotThisPart();
  }
  content.bytes = Bytes(rest);
  return content;
}

Bytes WrapInfo(const WrapContext& context) {
  return absl::StrCat("seinpost/v1/wrap", View(context.h), U16(context.index), U8(context.group));
}

Bytes WrapAad(const WrapContext& context) {
  return absl::StrCat(Lp(context.device_id), Lp(context.prekey_id), View(context.commit),
                      View(context.ct_hash), View(context.recipient_set_hash));
}

absl::StatusOr<Bytes> SealWrap(const WrapContext& context, ByteView hpke_pk,
                               const crypto::Secret<32>& plaintext) {
  return crypto::SealBase(hpke_pk, WrapInfo(context), WrapAad(context), plaintext.ExposeSecretView());
}

absl::StatusOr<crypto::Secret<32>> OpenWrap(const WrapContext& context, const crypto::HpkeKeyPair& prekey,
                                            ByteView wrap) {
  if (wrap.size() != kWrapBytes) return NotThisPart();
  absl::StatusOr<Bytes> opened = crypto::OpenBase(prekey, WrapInfo(context), WrapAad(context), wrap);
  if (!opened.ok()) return NotThisPart();
  absl::StatusOr<crypto::Secret<32>> secret = crypto::Secret<32>::FromBytes(*opened);
  crypto::Wipe(*opened);
  return secret;
}

}  // namespace seinpost::envelope
