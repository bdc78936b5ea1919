// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_DEVICE_PASS_ON_H_
#define SEINPOST_CLIENT_DEVICE_PASS_ON_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/terminal/context.h"
#include "util/bytes.h"

namespace seinpost::client {

struct DevicePassOnArgs {
  std::string device;  // only what this one asks for; empty: all
  bool yes = false;    // do not ask
};
// A device that asks for keys that this one has.
struct AskingDevice {
  Bytes device_id;
  std::string member;                            // "party/handle"
  Bytes device_key;                              // public
  absl::Time since;                              // its certificate holds
  size_t signals = 0, asked = 0, passed_on = 0;  // the last two are parts
};
struct KeysPassedOn {
  std::vector<AskingDevice> devices;
  absl::Status stopped;     // why it went no further, once something had been passed on, or OK
  absl::Status unverified;  // the first delivery that did not verify (kDataLoss, exit 5), or OK
};
// Passes keys on to the devices that ask for them. Unless `yes`, `confirm` is asked about each device before
// anything is passed on to it; an error of it ends the matter, and is returned unless something was passed on
// before: then that is told (`stopped`), as it is when the broker goes away half-way. Every part that is
// passed on is read by this device, and so logged.
absl::StatusOr<KeysPassedOn> PassKeysOn(const Context& context, const DevicePassOnArgs& args,
                                        absl::FunctionRef<absl::Status(const AskingDevice&)> confirm);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_PASS_ON_H_
