// SPDX-License-Identifier: EUPL-1.2
// Bounds of the fields in signed messages, shared by directory objects and envelopes. Each returns
// kInvalidArgument with the name of the field and what is wrong, never its content. Pure; thread-safe.
#ifndef SEINPOST_TRUST_FIELDS_H_
#define SEINPOST_TRUST_FIELDS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "util/bytes.h"

namespace seinpost::trust {

inline constexpr size_t kIdBytes = 16;       // devices, members, mandates, signals, cases
inline constexpr size_t kHashBytes = 32;     // SHA-256
inline constexpr size_t kKeyBytes = 32;      // Ed25519 and X25519 public keys
inline constexpr size_t kMaxTextBytes = 64;  // every name in a signed message, unless it says otherwise
inline constexpr size_t kMaxHandleBytes = 32;
inline constexpr size_t kMaxRequestBytes = 512;

// The one version there is: 1.
absl::Status CheckVersion(uint32_t version);
absl::Status CheckSize(ByteView value, size_t size, absl::string_view field);
// `size` bytes or none at all.
absl::Status CheckSizeOrEmpty(ByteView value, size_t size, absl::string_view field);
// 1 to `max` bytes of printable ASCII without spaces.
absl::Status CheckText(absl::string_view value, absl::string_view field, size_t max = kMaxTextBytes);
// [a-z0-9-]{1,32}
absl::Status CheckHandle(absl::string_view handle);
// Unix seconds, from 1970 up to the year 9999.
absl::StatusOr<absl::Time> CheckTime(int64_t unix_seconds, absl::string_view field);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_FIELDS_H_
