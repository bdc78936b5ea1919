// SPDX-License-Identifier: EUPL-1.2
// Who the log of a convenant is: the name in its checkpoints and the key that signs them.
#ifndef SEINPOST_TRUST_LOG_IDENTITY_H_
#define SEINPOST_TRUST_LOG_IDENTITY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policies/document/convenant.h"
#include "util/bytes.h"

namespace seinpost::trust {

// The origin line of the log's checkpoints (C2SP tlog-checkpoint): "seinpost/" + id. One log per convenant.
std::string LogOrigin(absl::string_view convenant_id);
// The same from the log epoch with this number on, which is at least 2 (docs/formats/log_epoch.md).
std::string EpochOrigin(absl::string_view convenant_id, uint64_t number);

// The Ed25519 key that signs receipts and checkpoints and answers for the broker in sessions, as the
// convenant's `trust` section states it. kFailedPrecondition: the convenant states none, or one that is not
// 32 bytes.
absl::StatusOr<FixedBytes<32>> LogKey(const policies::Convenant& convenant);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_LOG_IDENTITY_H_
