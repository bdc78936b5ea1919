// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DIRECTORY_PUBLISHED_H_
#define SEINPOST_SERVER_DIRECTORY_PUBLISHED_H_

#include "absl/status/statusor.h"
#include "seinpost/v1/directory.pb.h"
#include "server/gate/context.h"
#include "server/realm/realm.h"

namespace seinpost::server {

// As ConvenantService.ProvePublished (proto/seinpost/v1/directory.proto), by `published`. Reads the store.
// Tells of an object only to whoever knows its hash; what says who signs the log is for everybody.
// Thread-safe.
absl::StatusOr<v1::ProvePublishedReply> ProvePublished(const Context& context, const Realm& realm,
                                                       const PublishedCheckpoint& published,
                                                       const v1::ProvePublishedRequest& request);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DIRECTORY_PUBLISHED_H_
