// SPDX-License-Identifier: EUPL-1.2
// The cryptography of one part: key schedule, content, commitment and wraps (docs/formats/envelope.md, in the
// same names). No policy, no directory. Pure; thread-safe.
#ifndef SEINPOST_ENVELOPE_PART_CRYPTO_H_
#define SEINPOST_ENVELOPE_PART_CRYPTO_H_

#include <vector>

#include "absl/status/statusor.h"
#include "crypto/hpke.h"
#include "crypto/secret.h"
#include "seinpost/v1/envelope.pb.h"
#include "util/bytes.h"

namespace seinpost::envelope {

// What HKDF makes of a content encryption key for part `index` of the signal whose core hashes to `h`.
struct PartKeys {
  crypto::Secret<32> key;
  FixedBytes<12> nonce;
  Digest commit;
  crypto::Secret<32> stream;
};
PartKeys DerivePartKeys(const crypto::Secret<32>& cek, const Digest& h, uint16_t index);

// CEK = HKDF-Extract("seinpost/v1/shares", s_1 || … || s_n). `shares` in group order, at least one.
crypto::Secret<32> CombineShares(const std::vector<const crypto::Secret<32>*>& shares);
Digest ShareCommit(const Digest& h, uint16_t index, uint8_t group, const crypto::Secret<32>& share);

// SHA-256("seinpost/v1/recipient-set" || u16be count || for each: u8 group || LP(device_id) ||
// LP(prekey_id)), in the descriptor's order, which is sorted: nobody can re-address a part.
Digest RecipientSetHash(const v1::PartDescriptor& descriptor);

// Content other than attachments. plaintext = LP(signal_id) || u8 kind || LP(content), padded.
// kResourceExhausted: too long for its kind.
absl::StatusOr<Bytes> SealContent(const PartKeys& keys, ByteView core, uint16_t index, ByteView signal_id,
                                  v1::PartKind kind, ByteView content);
// kUnauthenticated: altered, or not of this signal, part or kind.
absl::StatusOr<Bytes> OpenContent(const PartKeys& keys, ByteView core, uint16_t index, ByteView signal_id,
                                  v1::PartKind kind, ByteView ciphertext);

// Attachments: the stream's plaintext is LP(signal_id) || u8 kind || LP(head) || bytes, padded to whole
// chunks; the associated data of a chunk begins with H || u16be index.
struct AttachmentContent {
  v1::AttachmentHead head;
  Bytes bytes;
};
// Fills in head.size. kResourceExhausted: too long. kInvalidArgument: a name or type that the head cannot
// have.
absl::StatusOr<Bytes> SealAttachment(const PartKeys& keys, const Digest& h, uint16_t index,
                                     ByteView signal_id, const AttachmentContent& content);
// kUnauthenticated as OpenContent.
absl::StatusOr<AttachmentContent> OpenAttachment(const PartKeys& keys, const Digest& h, uint16_t index,
                                                 ByteView signal_id, ByteView ciphertext);

// One HPKE wrap (80 bytes) of `plaintext` (the CEK for group 0, else the group's share) to a prekey.
struct WrapContext {
  Digest h;
  uint16_t index;
  uint8_t group;
  Bytes device_id;
  Bytes prekey_id;
  Digest commit;
  Digest ct_hash;
  Digest recipient_set_hash;
};
// info = "seinpost/v1/wrap" || H || u16be index || u8 group
Bytes WrapInfo(const WrapContext& context);
// aad = LP(device_id) || LP(prekey_id) || commit || SHA-256(ct) || recipient_set_hash
Bytes WrapAad(const WrapContext& context);
// kInvalidArgument: `hpke_pk` is no public key.
absl::StatusOr<Bytes> SealWrap(const WrapContext& context, ByteView hpke_pk,
                               const crypto::Secret<32>& plaintext);
// kUnauthenticated: altered, or not for this device, prekey, part, signal or recipient list.
absl::StatusOr<crypto::Secret<32>> OpenWrap(const WrapContext& context, const crypto::HpkeKeyPair& prekey,
                                            ByteView wrap);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_PART_CRYPTO_H_
