// SPDX-License-Identifier: EUPL-1.2
// The devices there are: who has which, and how one is stopped, owned up to, or sealed anew.
#ifndef SEINPOST_CLIENT_DEVICE_DEVICES_H_
#define SEINPOST_CLIENT_DEVICE_DEVICES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/org/publish.h"
#include "client/terminal/context.h"
#include "util/bytes.h"

namespace seinpost::client {

// With `dir` what the administrator's key directory knows, otherwise what the directory of the profile's
// convenant says: of the own organisation, or of all.
struct DeviceListArgs {
  std::string dir;
  bool all = false;
};
enum class DeviceState { kValid, kNotYetValid, kExpired, kRevoked };
struct ListedDevice {
  Bytes device_id;
  std::string member;  // "party/handle"
  DeviceState state = DeviceState::kValid;
  absl::Time not_after;
};
absl::StatusOr<std::vector<ListedDevice>> ListDevices(const Context& context, const DeviceListArgs& args);

struct DeviceRevokeArgs : OrgArgs {
  std::string device;  // hexadecimal id
};
struct DeviceRevoked {
  Bytes device_id;
  std::string member;      // "party/handle"
  bool published = false;  // until then it is not revoked
};
// Asks for the passphrase. A usage error: this organisation certified no such device.
absl::StatusOr<DeviceRevoked> RevokeDevice(const Context& context, const DeviceRevokeArgs& args);

struct DevicePassphraseArgs {
  std::string new_passphrase_file;
};
struct PassphraseChanged {};
// Seals the profile under another passphrase: from `new_passphrase_file`, or asked for twice.
absl::StatusOr<PassphraseChanged> ChangePassphrase(const Context& context, const DevicePassphraseArgs& args);

struct DeviceAcknowledged {
  Bytes device_id;
};
// The device, a hexadecimal id, is one's own: no alarm any more. kInvalidArgument: no device in one's own
// name.
absl::StatusOr<DeviceAcknowledged> AcknowledgeDevice(const Context& context, const std::string& device);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_DEVICES_H_
