// SPDX-License-Identifier: EUPL-1.2
// `seinpost device`: the member's half (request, list, passphrase) and the administrator's (issue, revoke,
// lost).
#ifndef SEINPOST_CLIENT_DEVICE_COMMANDS_H_
#define SEINPOST_CLIENT_DEVICE_COMMANDS_H_

#include <string>

#include "absl/status/status.h"
#include "client/org/commands.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// Makes a profile in context.profile_dir that pins the convenant, and a request for a certificate. The
// profile finishes its enrolment by itself with the first command that reaches the broker after the
// certificate was issued. What to pin and where its broker is comes from an invitation, which is checked
// against the broker first, or from the other flags, without asking anybody. If anything fails there is no
// profile.
struct DeviceRequestArgs {
  std::string invite;  // file; then organisation, convenant_file, broker and tls_ca are empty
  std::string organisation;
  std::string handle;
  std::string convenant_file;
  std::string broker;  // "host:port"
  std::string tls_ca;  // file
  std::string out;     // the request file; empty: "request.json" in the profile directory
  std::string
      fingerprint;  // of the convenant, as the administrator told it; empty: to be compared afterwards
};
absl::Status DeviceRequest(Context& context, const DeviceRequestArgs& args);

// Certifies the device of a request, if `code` is what DeviceCode() gives for it. Without one the
// administrator is asked on his terminal. A second device of a member needs `add_device`: a handle that is
// taken may otherwise only be a mistake.
struct DeviceIssueArgs : OrgArgs {
  std::string request_file;
  std::string code;
  bool add_device = false;
  int days = 365;
};
absl::Status DeviceIssue(Context& context, const DeviceIssueArgs& args);

// With `dir` what the administrator's key directory knows, otherwise what the directory of the profile's
// convenant says: of the own organisation, or of all.
struct DeviceListArgs {
  std::string dir;
  bool all = false;
};
absl::Status DeviceList(Context& context, const DeviceListArgs& args);

struct DeviceRevokeArgs : OrgArgs {
  std::string device;  // hexadecimal id
};
absl::Status DeviceRevoke(Context& context, const DeviceRevokeArgs& args);
// DeviceRevoke, and says what to do next: see what it could read, and give the member another one.
absl::Status DeviceLost(Context& context, const DeviceRevokeArgs& args);

// Seals the profile under another passphrase: from `new_passphrase_file`, or asked for twice.
struct DevicePassphraseArgs {
  std::string new_passphrase_file;
};
absl::Status DevicePassphrase(Context& context, const DevicePassphraseArgs& args);

// `device acknowledge ID`: the device is mine, no alarm any more. kInvalidArgument: no device in one's own
// name.
absl::Status DeviceAcknowledge(Context& context, const std::string& device_id);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_COMMANDS_H_
