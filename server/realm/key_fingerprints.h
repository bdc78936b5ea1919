// SPDX-License-Identifier: EUPL-1.2
// Which key files a database goes with. Recorded in it, Family::kMeta (docs/formats/storage.md): the public
// half of identity.key, and for each convenant those of the log keys and a fingerprint of index.key. Keys of
// another broker, or a file with a flipped bit, would otherwise be noticed by members only, or by nobody.
#ifndef SEINPOST_SERVER_REALM_KEY_FINGERPRINTS_H_
#define SEINPOST_SERVER_REALM_KEY_FINGERPRINTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/realm/hosted_convenant.h"
#include "storage/store.h"

namespace seinpost::server {

// kFailedPrecondition: a key that was recorded is not in its file, the text names it; what was not recorded
// yet passes. kNotFound, kDataLoss: a file that is always there is not, or is no key.
absl::Status CheckKeyFingerprints(const Store& store, const std::string& keys_dir,
                                  const std::vector<HostedConvenant>& convenants);
// Records what was not recorded yet, once the start checks have passed.
absl::Status RecordKeyFingerprints(Store& store, const std::string& keys_dir,
                                   const std::vector<HostedConvenant>& convenants);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_KEY_FINGERPRINTS_H_
