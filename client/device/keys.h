// SPDX-License-Identifier: EUPL-1.2
// Devices that come and go: a new one asks for the keys of its member's older signals, others pass them on
// (docs/formats/rewrap.md), and what a lost one could read.
#ifndef SEINPOST_CLIENT_DEVICE_KEYS_H_
#define SEINPOST_CLIENT_DEVICE_KEYS_H_

#include <string>

#include "absl/status/status.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// `device restore`: takes in the signals that other devices of this member can open and this one cannot, and
// asks for the key of each part. What was asked for and has not expired is not asked for anew. kDataLoss:
// something did not verify; the rest was asked for.
absl::Status DeviceRestore(Context& context);

// `device pass-on`: shows which devices ask for keys that this one has, and once it is confirmed passes them
// on. Every part that is passed on is read by this device, and so logged. kCancelled: not confirmed.
struct DevicePassOnArgs {
  std::string device;  // only what this one asks for; empty: all
  bool yes = false;    // do not ask
};
absl::Status DevicePassOn(Context& context, const DevicePassOnArgs& args);

// `device exposure DEVICE`: what a device could read, as the broker knows it; the question is logged.
absl::Status DeviceExposure(Context& context, const std::string& device);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_KEYS_H_
