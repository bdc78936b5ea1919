// SPDX-License-Identifier: EUPL-1.2
// What open.h and rewrap.h share: from a wrap to the key of a part, and from the key to its content. For use
// by envelope/ only. Pure; thread-safe. Errors as OpenPart.
#ifndef SEINPOST_ENVELOPE_PART_KEY_H_
#define SEINPOST_ENVELOPE_PART_KEY_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/hpke.h"
#include "crypto/secret.h"
#include "envelope/open.h"
#include "envelope/part_crypto.h"
#include "envelope/verify.h"

namespace seinpost::envelope {

// The key of a part, which is the one that its sender committed to, and what it gives.
struct CommittedKey {
  crypto::Secret<32> cek;
  PartKeys keys;
};

// What the caller sees is the same whatever was wrong; the reason is for the local log.
absl::Status DoesNotOpen(absl::string_view reason);

// (8) `part` is one of header.parts().
absl::Status CheckIsPart(const VerifiedHeader& header, const VerifiedPart& part);

// What a wrap of this part is bound to when it is for that device and prekey, group 0.
WrapContext ContextFor(const VerifiedHeader& header, const VerifiedPart& part, ByteView device_id,
                       ByteView prekey_id);

// (9) Opens one wrap and compares the commitment.
absl::StatusOr<CommittedKey> OpenCommitted(const VerifiedHeader& header, const VerifiedPart& part,
                                           const WrapContext& context, const crypto::HpkeKeyPair& pair,
                                           ByteView wrap);

// (8) and (9) with what the sender wrapped for `own_device`.
absl::StatusOr<CommittedKey> OpenOwnWrap(const VerifiedHeader& header, const VerifiedPart& part,
                                         ByteView own_device, const std::vector<Wrap>& wraps,
                                         PrekeyLookup prekeys);

// (8) The ciphertext is that of the part, which is an attachment or not.
absl::Status CheckSealed(const VerifiedHeader& header, const VerifiedPart& part, bool attachment,
                         ByteView ciphertext);

// (10)
absl::StatusOr<Bytes> OpenWithKeys(const VerifiedHeader& header, const VerifiedPart& part,
                                   const PartKeys& keys, ByteView ciphertext);
absl::StatusOr<AttachmentContent> OpenAttachmentWithKeys(const VerifiedHeader& header,
                                                         const VerifiedPart& part, const PartKeys& keys,
                                                         ByteView ciphertext);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_PART_KEY_H_
