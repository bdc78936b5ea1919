// SPDX-License-Identifier: EUPL-1.2
// `seinpost device restore`, `pass-on` and `exposure`: devices that come and go. A new one asks for the keys
// of its member's older signals, others pass them on (docs/formats/rewrap.md), and what a lost one could
// read.
#ifndef SEINPOST_CLIENT_DEVICE_KEYS_H_
#define SEINPOST_CLIENT_DEVICE_KEYS_H_

#include <string>

#include "absl/status/status.h"
#include "client/device/exposure.h"
#include "client/device/pass_on.h"
#include "client/device/restore.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// AskForKeys. kDataLoss: something did not verify; the rest was asked for.
absl::Status DeviceRestore(Context& context);

// PassKeysOn, asking on the terminal. kCancelled: not confirmed. What was passed on before a "no" or a
// failure is printed first. kDataLoss: something did not verify; the rest was passed on.
absl::Status DevicePassOn(Context& context, const DevicePassOnArgs& args);

// FindExposure.
absl::Status DeviceExposure(Context& context, const std::string& device);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_KEYS_H_
