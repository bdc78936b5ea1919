// SPDX-License-Identifier: EUPL-1.2
#include "envelope/open.h"

#include "envelope/part_key.h"
#include "util/status_macros.h"

namespace seinpost::envelope {

absl::StatusOr<Bytes> OpenPart(const VerifiedHeader& header, const VerifiedPart& part, ByteView own_device,
                               const std::vector<Wrap>& wraps, PrekeyLookup prekeys, ByteView ciphertext) {
  RETURN_IF_ERROR(CheckSealed(header, part, /*attachment=*/false, ciphertext));
  ASSIGN_OR_RETURN(const CommittedKey key, OpenOwnWrap(header, part, own_device, wraps, prekeys));
  return OpenWithKeys(header, part, key.keys, ciphertext);
}

absl::StatusOr<AttachmentContent> OpenAttachmentPart(const VerifiedHeader& header, const VerifiedPart& part,
                                                     ByteView own_device, const std::vector<Wrap>& wraps,
                                                     PrekeyLookup prekeys, ByteView ciphertext) {
  RETURN_IF_ERROR(CheckSealed(header, part, /*attachment=*/true, ciphertext));
  ASSIGN_OR_RETURN(const CommittedKey key, OpenOwnWrap(header, part, own_device, wraps, prekeys));
  return OpenAttachmentWithKeys(header, part, key.keys, ciphertext);
}

}  // namespace seinpost::envelope
