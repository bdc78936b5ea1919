// SPDX-License-Identifier: EUPL-1.2
// How a device comes in: the member asks, the administrator certifies.
#ifndef SEINPOST_CLIENT_DEVICE_ENROL_H_
#define SEINPOST_CLIENT_DEVICE_ENROL_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/org/publish.h"
#include "client/terminal/context.h"
#include "util/bytes.h"

namespace seinpost::client {

// What to pin and where its broker is comes from an invitation, which is checked against the broker first, or
// from the other flags, without asking anybody.
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
struct DeviceRequested {
  std::string member;  // "party/handle"
  std::string profile_dir;
  Bytes device_id;
  Bytes device_key;       // public
  std::string convenant;  // id
  uint32_t convenant_version = 0;
  Digest convenant_hash{};
  bool compared = false;  // the fingerprint was given, and is that of the convenant
  std::string request;    // file
  std::string code;       // DeviceCode() of it, which the member reads to his administrator
};
// Makes a profile in context.profile_dir that pins the convenant, and a request for a certificate. Asks twice
// for the passphrase that seals it. The profile finishes its enrolment by itself with the first command that
// reaches the broker after the certificate was issued. If anything fails there is no profile.
absl::StatusOr<DeviceRequested> RequestDevice(const Context& context, const DeviceRequestArgs& args);

// A second device of a member needs `add_device`: a handle that is taken may otherwise only be a mistake.
struct DeviceIssueArgs : OrgArgs {
  std::string request_file;
  std::string code;  // what the member read; empty: it is asked
  bool add_device = false;
  int days = 365;
};
struct DeviceIssued {
  Bytes device_id;
  std::string member;  // "party/handle"
  uint64_t serial = 0;
  absl::Time not_after;
  Bytes device_key;  // public
  std::string code;
  bool added = false;  // one more device of that member
  bool published = false;
};
// What is to be compared before a device is certified: the member reads `code` from his screen.
struct CodeToConfirm {
  std::string member, code;
  bool add_device = false;
};
// Certifies the device of a request, if the code given is what DeviceCode() gives for it. Without one
// `confirm` is asked; what it returns is passed on. Asks for the passphrase. kDataLoss (exit 5): another
// code.
absl::StatusOr<DeviceIssued> IssueDevice(const Context& context, const DeviceIssueArgs& args,
                                         absl::FunctionRef<absl::Status(const CodeToConfirm&)> confirm);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_ENROL_H_
