// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_REALM_ANCHORED_STORE_H_
#define SEINPOST_SERVER_REALM_ANCHORED_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/realm/hosted_convenant.h"
#include "storage/store.h"

namespace seinpost::server {

// The file that holds the last signed checkpoint of a convenant's log.
std::string AnchorPath(const std::string& anchor_dir, absl::string_view convenant_id);

// Store::Open() for a broker: a database is created only where nothing was ever signed. kDataLoss: there is
// none, but an anchor, so that one is lost.
absl::StatusOr<std::unique_ptr<Store>> OpenAnchoredStore(const std::string& directory,
                                                         const std::string& anchor_dir,
                                                         const std::vector<HostedConvenant>& convenants,
                                                         StoreOptions options);
// Store::OpenForReading(), with the same error.
absl::StatusOr<std::unique_ptr<Store>> LookIntoAnchoredStore(const std::string& directory,
                                                             const std::string& anchor_dir,
                                                             const std::vector<HostedConvenant>& convenants);

// What Store::truncated() means, for whoever runs the broker.
std::string TruncatedSentence(absl::string_view dropped);
// Whether the log merely ended in the midst of a record, as after a crash and in every copy of a log that is
// being written: nothing that had been acknowledged is gone, unless the file was cut.
bool IsCutShort(absl::string_view dropped);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_ANCHORED_STORE_H_
