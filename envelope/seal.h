// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_ENVELOPE_SEAL_H_
#define SEINPOST_ENVELOPE_SEAL_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/sign.h"
#include "seinpost/v1/envelope.pb.h"
#include "trust/directory.h"

namespace seinpost::envelope {

// One part to be sealed.
struct PartPlan {
  v1::PartKind kind = v1::PART_KIND_NARRATIVE;
  std::string retention_class;
  absl::Time expires;
  Bytes content;                       // for an identity an encoded v1::Identity; for an attachment its bytes
  v1::AttachmentHead attachment_head;  // attachments only
  std::vector<trust::MemberRef> members;  // chosen recipients; the sender is added by Seal
  std::map<trust::MemberRef, std::string> ties;
  std::vector<trust::MemberRef> justifies;  // justification parts only
};

// A signal to be sealed. `core` holds every field but version, suite, signal_id (drawn when empty),
// convenant_*, sender_device and sender_cert_hash, which Seal fills in from the directory.
struct SignalPlan {
  v1::Core core;
  std::vector<PartPlan> parts;  // 1 to 16
  // As much of the directory as core.checkpoint speaks of: whoever verifies judges the key set by it.
  trust::DirSize keys = trust::kNewest;
};

struct SealedSignal {
  v1::Envelope envelope;
  Digest header_hash;
  std::map<Bytes, Bytes> attachments;      // ct_hash -> ciphertext, to be uploaded first
  std::vector<trust::DeviceId> unreached;  // over all parts, sorted, each once
};

// Seals each part to every valid device with a prekey of its members and of the sender at core.created
// (envelope/audience.h), lists the devices without one as unreached, puts the parts in random places, and
// signs (protocol: docs/formats/envelope.md). It does not ask whether the convenant allows it: the caller
// runs policies::DecideSend.
//   kNotFound            the sending device or a member is not in the directory
//   kInvalidArgument     no parts or more than 16, another device's key, an attachment head out of bounds
//   kResourceExhausted   a part, the header or the envelope is too large; the text names it
//   kFailedPrecondition  a part for which no device at all has a prekey; a chosen member without any valid
//   device,
//                        who could not even be listed as unreached: the text names him as party/handle
absl::StatusOr<SealedSignal> Seal(const SignalPlan& plan, const trust::Directory& directory,
                                  ByteView sender_device, const crypto::SigningKey& device_key);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_SEAL_H_
