// SPDX-License-Identifier: EUPL-1.2
// Making trust updates, restriction orders and log epochs: their bodies, begun from what is in force. The
// caller fills in what changes and signs with SignObject and AddSignature (objects.h). Pure; thread-safe.
#ifndef SEINPOST_TRUST_CHANGES_H_
#define SEINPOST_TRUST_CHANGES_H_

#include "absl/time/time.h"
#include "seinpost/v1/trust.pb.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::trust {

// Each has its version, convenant and number filled in. REQUIRES: the directory has its convenant.
v1::TrustUpdate NewTrustUpdate(const Directory& directory);
v1::RestrictionOrder NewRestrictionOrder(const Directory& directory, absl::Time now);
// With origin and directory_size too.
v1::LogEpoch NewLogEpoch(const Directory& directory, absl::Time now);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_CHANGES_H_
