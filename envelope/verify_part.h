// SPDX-License-Identifier: EUPL-1.2
// What VerifyEnvelope asks of one part (steps 7 and 8). For use by envelope/ and its tests. Pure;
// thread-safe. Codes as VerifyEnvelope; kPermissionDenied: the parts do not fit together as the protocol
// demands.
#ifndef SEINPOST_ENVELOPE_VERIFY_PART_H_
#define SEINPOST_ENVELOPE_VERIFY_PART_H_

#include "absl/status/status.h"
#include "seinpost/v1/envelope.pb.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::envelope {

// (7) The fields of a descriptor, its lists sorted and unique, every device certified and every prekey its
// own, of the part's class and open for sealing at core.created. Whether each may receive it is for policies/
// to say.
absl::Status CheckDescriptor(const v1::PartDescriptor& descriptor, const v1::Core& core,
                             const trust::Directory& directory);
// (7) `own_device` is a recipient, once in each group.
absl::Status CheckAddressedTo(const v1::PartDescriptor& descriptor, ByteView own_device);

// (8) The ciphertext has its size and hash; an attachment's travels by itself.
absl::Status CheckCiphertext(const v1::Part& part, const v1::PartDescriptor& descriptor);
// (8) One wrap per recipient, in their order, each with its hash.
absl::Status CheckWraps(const v1::Part& part, const v1::PartDescriptor& descriptor);
absl::Status CheckNoWraps(const v1::Part& part);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_VERIFY_PART_H_
