// SPDX-License-Identifier: EUPL-1.2
// Sizes of an envelope, checked before anything is parsed (docs/formats/envelope.md).
#ifndef SEINPOST_ENVELOPE_LIMITS_H_
#define SEINPOST_ENVELOPE_LIMITS_H_

#include <cstddef>

#include "absl/time/time.h"

namespace seinpost::envelope {

inline constexpr size_t kMaxEnvelopeBytes = 2 * 1024 * 1024;
inline constexpr size_t kMaxHeaderBytes = 20 * 1024;
inline constexpr size_t kMaxCoreBytes = 16 * 1024;
inline constexpr size_t kMaxDescriptorBytes = 64 * 1024;
inline constexpr size_t kPlaces = 16;                           // parts, and places in part_hash
inline constexpr size_t kMaxRecipientsPerPart = 400;            // wrapped devices
inline constexpr size_t kMaxAttachmentBytes = 5 * 1024 * 1024;  // before sealing
inline constexpr size_t kMaxAttachmentCiphertextBytes = 6 * 1024 * 1024;
inline constexpr size_t kWrapBytes = 80;                          // enc 32, key 32, tag 16
inline constexpr size_t kMaxTextBytes = 64 * 1024 - 64;           // narrative, care, source, justification
inline constexpr size_t kIdentityBytes = 512;                     // padded
inline constexpr size_t kMaxIdentityBytes = kIdentityBytes - 26;  // an encoded Identity, before sealing
inline constexpr size_t kMaxAttachmentNameBytes = 128;
inline constexpr size_t kMaxChannelBytes = 129;  // "name@scope"

// How far `created` may lie from the clock of the broker, and of a recipient's receipt time.
inline constexpr absl::Duration kCreatedWindow = absl::Minutes(5);
inline constexpr absl::Duration kQueuedWindow = absl::Hours(24);

// How much older than `created` the checkpoint may be that a sender has seen. A queued signal arrives later,
// but is made on no older knowledge (docs/decisions/0024-checkpoint-and-created.md).
inline constexpr absl::Duration kCheckpointAge = absl::Minutes(10);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_LIMITS_H_
