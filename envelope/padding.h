// SPDX-License-Identifier: EUPL-1.2
// pad(plaintext) = plaintext || 0x80 || zeros, to the next size of the part's kind: identity always 512
// bytes, attachments a multiple of 64 KiB (the chunk of their stream), other parts 1, 4, 16 or 64 KiB. Pure;
// thread-safe.
#ifndef SEINPOST_ENVELOPE_PADDING_H_
#define SEINPOST_ENVELOPE_PADDING_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "seinpost/v1/envelope.pb.h"
#include "util/bytes.h"

namespace seinpost::envelope {

// kResourceExhausted: too long for the largest size of its kind.
absl::StatusOr<Bytes> Pad(v1::PartKind kind, ByteView plaintext);
// kInvalidArgument: not the padding that Pad makes.
absl::StatusOr<Bytes> Unpad(v1::PartKind kind, ByteView padded);
// Whether `padded_len` is a size that Pad makes for `kind`.
bool IsPaddedLength(v1::PartKind kind, uint64_t padded_len);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_PADDING_H_
