// SPDX-License-Identifier: EUPL-1.2
#include "envelope/audience.h"

#include <algorithm>

namespace seinpost::envelope {

std::vector<Reached> AudienceOf(const std::vector<const trust::Member*>& members,
                                absl::string_view retention_class, absl::Time created,
                                const trust::Directory& directory, trust::DirSize keys) {
  std::vector<Reached> audience;
  audience.reserve(members.size());  // most have one device
  for (const trust::Member* member : members) {
    for (const trust::DeviceId& id : member->devices) {
      const trust::Device* device = directory.FindDevice(id);
      if (!device->ValidAt(created, keys)) continue;
      audience.push_back({device, directory.PrekeyFor(id, retention_class, created, keys)});
    }
  }
  std::sort(audience.begin(), audience.end(),
            [](const Reached& a, const Reached& b) { return a.device->id < b.device->id; });
  return audience;
}

}  // namespace seinpost::envelope
