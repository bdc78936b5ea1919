// SPDX-License-Identifier: EUPL-1.2
#include "client/session/own_devices.h"

namespace seinpost::client {

std::set<Bytes> DevicesOf(const trust::Directory& directory, absl::string_view organisation,
                          absl::string_view handle) {
  const trust::Member* member = directory.FindMember(organisation, handle);
  if (member == nullptr) return {};
  return {member->devices.begin(), member->devices.end()};
}

std::vector<const trust::Device*> UnknownDevices(const trust::Directory& directory,
                                                 absl::string_view organisation, absl::string_view handle,
                                                 ByteView own_device, const StateData& data) {
  std::vector<const trust::Device*> unknown;
  if (!data.own_devices.has_value()) return unknown;
  for (const Bytes& id : DevicesOf(directory, organisation, handle)) {
    if (id != own_device && data.own_devices->count(id) == 0) unknown.push_back(directory.FindDevice(id));
  }
  return unknown;
}

}  // namespace seinpost::client
