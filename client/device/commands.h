// SPDX-License-Identifier: EUPL-1.2
// `seinpost device`: the member's half (request, list, passphrase, acknowledge) and the administrator's
// (issue, revoke, lost). Each does what the headers below declare and says it (words.h). What is about keys
// is in keys.h.
#ifndef SEINPOST_CLIENT_DEVICE_COMMANDS_H_
#define SEINPOST_CLIENT_DEVICE_COMMANDS_H_

#include <string>

#include "absl/status/status.h"
#include "client/device/devices.h"
#include "client/device/enrol.h"
#include "client/terminal/context.h"

namespace seinpost::client {

absl::Status DeviceRequest(Context& context, const DeviceRequestArgs& args);
// Without a code the administrator is asked on his terminal. kCancelled: not confirmed.
absl::Status DeviceIssue(Context& context, const DeviceIssueArgs& args);
absl::Status DeviceList(Context& context, const DeviceListArgs& args);
absl::Status DeviceRevoke(Context& context, const DeviceRevokeArgs& args);
// DeviceRevoke, and says what to do next: see what it could read, and give the member another one.
absl::Status DeviceLost(Context& context, const DeviceRevokeArgs& args);
absl::Status DevicePassphrase(Context& context, const DevicePassphraseArgs& args);
absl::Status DeviceAcknowledge(Context& context, const std::string& device_id);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_COMMANDS_H_
