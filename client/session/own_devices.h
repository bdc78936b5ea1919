// SPDX-License-Identifier: EUPL-1.2
// The devices in one's own name. One that this profile has not seen before is an alarm with every command,
// until its owner says that it is his.
#ifndef SEINPOST_CLIENT_SESSION_OWN_DEVICES_H_
#define SEINPOST_CLIENT_SESSION_OWN_DEVICES_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/profile/state.h"
#include "trust/directory.h"

namespace seinpost::client {

// Certified for the member of `profile`, and not known to him: neither this device nor one that `data` lists.
// None as long as nothing was looked at yet. Sorted by id.
std::vector<const trust::Device*> UnknownDevices(const trust::Directory& directory,
                                                 absl::string_view organisation, absl::string_view handle,
                                                 ByteView own_device, const StateData& data);
// All of them, known or not.
std::set<Bytes> DevicesOf(const trust::Directory& directory, absl::string_view organisation,
                          absl::string_view handle);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SESSION_OWN_DEVICES_H_
