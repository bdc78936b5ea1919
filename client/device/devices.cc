// SPDX-License-Identifier: EUPL-1.2
#include "client/device/devices.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include "client/mail/sync.h"
#include "client/profile/profile.h"
#include "client/session/own_devices.h"
#include "client/session/session.h"
#include "client/terminal/arguments.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

DeviceState StateOf(bool revoked, absl::Time not_before, absl::Time not_after, absl::Time now) {
  if (revoked) return DeviceState::kRevoked;
  if (now < not_before) return DeviceState::kNotYetValid;
  return now < not_after ? DeviceState::kValid : DeviceState::kExpired;
}

std::vector<ListedDevice> DevicesOfStore(const OrgData& data, absl::Time now) {
  std::vector<ListedDevice> devices;
  for (const OrgData::Device& device : data.devices) {
    devices.push_back({device.id, data.AddressOf(device.handle),
                       StateOf(device.revoked, absl::InfinitePast(), device.not_after, now),
                       device.not_after});
  }
  return devices;
}

}  // namespace

absl::StatusOr<std::vector<ListedDevice>> ListDevices(const Context& context, const DeviceListArgs& args) {
  const absl::Time now = context.clock.Now();
  if (!args.dir.empty()) {
    ASSIGN_OR_RETURN(const OrgStore store, OrgStore::Open(args.dir));
    return DevicesOfStore(store.data(), now);
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  const trust::Directory& directory = session->directory();
  std::vector<ListedDevice> devices;
  for (const trust::Member* member : directory.Members()) {
    if (!args.all && member->organisation != session->profile().organisation()) continue;
    for (const trust::DeviceId& id : member->devices) {
      const trust::Device* device = directory.FindDevice(id);
      if (device == nullptr) continue;
      devices.push_back(
          {id, member->address(),
           StateOf(device->revoked_at_seq.has_value(), device->not_before, device->not_after, now),
           device->not_after});
    }
  }
  return devices;
}

absl::StatusOr<DeviceRevoked> RevokeDevice(const Context& context, const DeviceRevokeArgs& args) {
  ASSIGN_OR_RETURN(const Bytes id, ParseId(args.device, "device: not an id of 32 hexadecimal digits"));
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  DeviceRevoked revoked;
  revoked.device_id = id;
  for (const OrgData::Device& device : store.data().devices) {
    if (device.id == id) revoked.member = store.data().AddressOf(device.handle);
  }
  if (revoked.member.empty()) return UsageError("device: this organisation certified none with that id");
  ASSIGN_OR_RETURN(const crypto::SigningKey issuer, UnlockIssuer(context, store));
  RETURN_IF_ERROR(store.RevokeDevice(id, context.clock.Now(), issuer));
  ASSIGN_OR_RETURN(revoked.published, PublishPending(context, store, issuer, {id}));
  return revoked;
}

absl::StatusOr<PassphraseChanged> ChangePassphrase(const Context& context, const DevicePassphraseArgs& args) {
  ASSIGN_OR_RETURN(Profile profile, Profile::Open(context));
  Context asking = context;
  asking.passphrase.file = args.new_passphrase_file;
  // The environment holds the old one.
  const bool must_ask = args.new_passphrase_file.empty();
  if (must_ask && (!context.passphrase.prompt || std::getenv("SEINPOST_PASSPHRASE") != nullptr)) {
    return UsageError("--new-passphrase-file: needed where the new passphrase cannot be asked for");
  }
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(asking, /*twice=*/true));
  RETURN_IF_ERROR(profile.ChangePassphrase(passphrase.ExposeSecretView()));
  return PassphraseChanged();
}

absl::StatusOr<DeviceAcknowledged> AcknowledgeDevice(const Context& context, const std::string& device) {
  ASSIGN_OR_RETURN(const Bytes id, ParseId(device, "device: not an id of 32 hexadecimal digits"));
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  const Profile& profile = session->profile();
  if (DevicesOf(session->directory(), profile.organisation(), profile.handle()).count(id) == 0) {
    return UsageError("device: there is none with that id in your name");
  }
  RETURN_IF_ERROR(session->state().Update([&](StateData& data) {
    if (!data.own_devices.has_value()) data.own_devices.emplace();
    data.own_devices->insert(id);
    return absl::OkStatus();
  }));
  return DeviceAcknowledged{id};
}

}  // namespace seinpost::client
