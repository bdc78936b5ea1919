// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_ENVELOPE_CORE_H_
#define SEINPOST_ENVELOPE_CORE_H_

#include "absl/status/statusor.h"
#include "seinpost/v1/envelope.pb.h"
#include "util/bytes.h"

namespace seinpost::envelope {

// The core inside the bytes of a header, as the sender claims it: for a header that was verified before, or
// to know what to verify one by (verify.h). kInvalidArgument: too large, or it does not parse.
absl::StatusOr<v1::Core> ParseCore(ByteView header);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_CORE_H_
