// SPDX-License-Identifier: EUPL-1.2
// The flags of `seinpost device` about the keys of older signals.
#include "client/command_line/parts.h"
#include "client/device/keys.h"
#include "client/device/set_broker.h"

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

void AddProfileCommands(Flags app) {
  Flags profile = Group(app, "profile", "what a profile says of where things are");
  const auto set =
      Command<SetBrokerArgs>(profile, "set-broker", "the broker has another address", &ProfileSetBroker);
  set.first.Add("ADDRESS", set.second->address, "host:port").Required();
  set.first.Add("--ca", set.second->ca, "its certificate authority, PEM; otherwise the one the profile has");
}

}  // namespace seinpost::client
