// SPDX-License-Identifier: EUPL-1.2
// expand_message_xmd with SHA-512 (RFC 9380 Section 5.3.1). Thread-safe.
#ifndef SEINPOST_CRYPTO_EXPAND_H_
#define SEINPOST_CRYPTO_EXPAND_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "util/bytes.h"

namespace seinpost::crypto {

// kInvalidArgument: an empty `dst`, or `length` 0 or above 255 * 64. A `dst` above 255 bytes is hashed first
// (Section 5.3.3).
absl::StatusOr<Bytes> ExpandMessageXmdSha512(ByteView message, ByteView dst, size_t length);

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_EXPAND_H_
