// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DIRECTORY_OBJECT_EVENT_H_
#define SEINPOST_SERVER_DIRECTORY_OBJECT_EVENT_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "seinpost/v1/trust.pb.h"
#include "server/commit/prepared_event.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::server {

// What the log tells of an object that `directory` took, beside its directory leaf; nothing for kinds that
// the leaf says enough of. Who signed is whose act it is. The objects about one member name him, since he may
// be alarmed by it. Pure.
absl::StatusOr<std::optional<PreparedEvent>> EventOf(const v1::SignedObject& object, ByteView bytes,
                                                     const trust::Directory& directory, absl::Time now);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DIRECTORY_OBJECT_EVENT_H_
