// SPDX-License-Identifier: EUPL-1.2
// The flags of `seinpost device` about the keys of older signals.
#include "client/command_line/parts.h"
#include "client/device/keys.h"

namespace seinpost::client {

void AddDeviceKeyCommands(Flags device) {
  Command<NoArgs>(device, "restore", "ask for the keys of older signals, on a new device",
                  [](Context& context, const NoArgs&) { return DeviceRestore(context); });
  const auto pass_on = Command<DevicePassOnArgs>(
      device, "pass-on", "pass keys on to a device that asks for them", &DevicePassOn);
  pass_on.first.Add("--device", pass_on.second->device, "only what this device asks for");
  pass_on.first.AddFlag("--yes", pass_on.second->yes, "do not ask for confirmation");
  const auto exposure = Command<FileArgs>(
      device, "exposure", "what a lost device could read",
      [](Context& context, const FileArgs& args) { return DeviceExposure(context, args.file); });
  exposure.first.Add("DEVICE", exposure.second->file, "device id").Required();
}

}  // namespace seinpost::client
