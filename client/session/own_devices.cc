// SPDX-License-Identifier: EUPL-1.2
#include "client/session/own_devices.h"

#include <memory>

#include "absl/strings/substitute.h"
#include "client/session/session.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "trust/fields.h"
#include "util/status_macros.h"

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

absl::Status DeviceAcknowledge(Context& context, const std::string& device_id) {
  const absl::StatusOr<Bytes> id = FromHex(device_id);
  if (!id.ok() || id->size() != trust::kIdBytes) {
    return UsageError("device: not an id of 32 hexadecimal digits");
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  const Profile& profile = session->profile();
  if (DevicesOf(session->directory(), profile.organisation(), profile.handle()).count(*id) == 0) {
    return UsageError("device: there is none with that id in your name");
  }
  RETURN_IF_ERROR(session->state().Update([&](StateData& data) {
    if (!data.own_devices.has_value()) data.own_devices.emplace();
    data.own_devices->insert(*id);
    return absl::OkStatus();
  }));
  Print(context, Json{{"device_id", ToHex(*id)}, {"acknowledged", true}},
        absl::Substitute(TextOf(Text::kDeviceAcknowledged, context.language), ToHex(*id)));
  return absl::OkStatus();
}

}  // namespace seinpost::client
