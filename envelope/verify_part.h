// SPDX-License-Identifier: EUPL-1.2
// What VerifyEnvelope asks of one part (steps 7 and 8). For use by envelope/ and its tests. Pure;
// thread-safe. Codes as VerifyEnvelope; kPermissionDenied: the parts do not fit together as the protocol
// demands.
#ifndef SEINPOST_ENVELOPE_VERIFY_PART_H_
#define SEINPOST_ENVELOPE_VERIFY_PART_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "policies/document/convenant.h"
#include "seinpost/v1/envelope.pb.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::envelope {

// What a descriptor is judged by.
struct PartContext {
  const trust::Directory& directory;
  const policies::Convenant& convenant;  // the version in force when the signal was logged
  const trust::Member* sender;           // recipient of every part
  absl::Time created;
  trust::DirSize keys;  // what the sender had seen of the directory
};

// (7) The fields of a descriptor, its lists sorted and unique, its devices certified, `expires` within the
// cap of its class. Whether each member may receive the part is for policies/ to say.
absl::Status CheckDescriptor(const v1::PartDescriptor& descriptor, const PartContext& context);
// (7) The exact key set of a descriptor that was checked: every device of the sender and of each member one
// of whose devices is named, valid at `created` as of `keys`, stands in `recipients` with its own newest
// prekey of the class that is open then, or in `unreached` if it has none; no other device stands in either.
absl::Status CheckKeySet(const v1::PartDescriptor& descriptor, const PartContext& context);
// (7) `own_device` is a recipient, once in each group.
absl::Status CheckAddressedTo(const v1::PartDescriptor& descriptor, ByteView own_device);

// (8) The ciphertext has its size and hash; an attachment's travels by itself.
absl::Status CheckCiphertext(const v1::Part& part, const v1::PartDescriptor& descriptor);
// (8) One wrap per recipient, in their order, each with its hash.
absl::Status CheckWraps(const v1::Part& part, const v1::PartDescriptor& descriptor);
absl::Status CheckNoWraps(const v1::Part& part);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_VERIFY_PART_H_
