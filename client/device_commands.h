// SPDX-License-Identifier: EUPL-1.2
// `seinpost device`: the member's half (request, list, passphrase) and the administrator's (issue, revoke).
#ifndef SEINPOST_CLIENT_DEVICE_COMMANDS_H_
#define SEINPOST_CLIENT_DEVICE_COMMANDS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/context.h"
#include "client/org_commands.h"
#include "trust/objects.h"

namespace seinpost::client {

// Makes a profile in context.profile_dir that pins the convenant, and a request for a certificate. The
// profile finishes its enrolment by itself with the first command that reaches the broker after the
// certificate was issued.
struct DeviceRequestArgs {
  std::string organisation;
  std::string handle;
  std::string convenant_file;
  std::string broker;  // "host:port"
  std::string tls_ca;  // file
  std::string out;     // the request file
};
absl::Status DeviceRequest(Context& context, const DeviceRequestArgs& args);

struct DeviceIssueArgs : OrgArgs {
  std::string request_file;
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

// Seals the profile under another passphrase: from `new_passphrase_file`, or asked for twice.
struct DevicePassphraseArgs {
  std::string new_passphrase_file;
};
absl::Status DevicePassphrase(Context& context, const DevicePassphraseArgs& args);

// The request file, docs/formats/device_request.md. kInvalidArgument: not one.
std::string EncodeDeviceRequest(const trust::SignedDeviceRequest& request);
absl::StatusOr<trust::SignedDeviceRequest> DecodeDeviceRequest(absl::string_view text);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_COMMANDS_H_
