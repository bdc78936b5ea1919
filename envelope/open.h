// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_ENVELOPE_OPEN_H_
#define SEINPOST_ENVELOPE_OPEN_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "crypto/hpke.h"
#include "envelope/part_crypto.h"
#include "envelope/verify.h"

namespace seinpost::envelope {

struct Wrap {
  uint32_t group = 0;
  Bytes prekey_id;
  Bytes bytes;
};

// Gives the key pair of one of this device's prekeys; nullptr: destroyed or never had.
using PrekeyLookup = absl::FunctionRef<const crypto::HpkeKeyPair*(ByteView prekey_id)>;

// The payload of an error below that holds the exact reason, for the local log only.
inline constexpr char kOpenReason[] = "seinpost/reason";

// Steps 8 (wrap_hash, ct_hash), 9 and 10 for one part: opens the wrap of `own_device`, recomputes the
// commitment, opens the content, checks the inner signal id and kind. Exactly one wrap, group 0. No trial
// decryption. `part` is one of header.parts(). Pure; thread-safe. One error for all that is wrong with the
// bytes, kUnauthenticated "the part does not open"; its payload kOpenReason holds the exact reason.
// kNotFound: the prekey is gone (the part has expired).
absl::StatusOr<Bytes> OpenPart(const VerifiedHeader& header, const VerifiedPart& part, ByteView own_device,
                               const std::vector<Wrap>& wraps, PrekeyLookup prekeys, ByteView ciphertext);

// The same for an attachment part.
absl::StatusOr<AttachmentContent> OpenAttachmentPart(const VerifiedHeader& header, const VerifiedPart& part,
                                                     ByteView own_device, const std::vector<Wrap>& wraps,
                                                     PrekeyLookup prekeys, ByteView ciphertext);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_OPEN_H_
