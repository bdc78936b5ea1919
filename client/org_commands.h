// SPDX-License-Identifier: EUPL-1.2
// `seinpost org` and what other administrators' commands share with it. For administrators: messages are
// English.
#ifndef SEINPOST_CLIENT_ORG_COMMANDS_H_
#define SEINPOST_CLIENT_ORG_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/context.h"
#include "client/org_store.h"

namespace seinpost::client {

// Which key directory, and where the broker is. Empty broker and tls_ca: what the directory remembers;
// nothing remembered: objects wait in the directory until the next command that knows.
struct OrgArgs {
  std::string dir;
  std::string broker;  // "host:port"
  std::string tls_ca;  // file
};

struct OrgInitArgs : OrgArgs {
  std::string party;
  bool no_root = false;  // another party signs for this one
};
absl::Status OrgInit(Context& context, const OrgInitArgs& args);

struct OrgIssuerArgs : OrgArgs {
  std::string root_dir;  // the key directory whose root signs; empty: the same
};
absl::Status OrgIssuer(Context& context, const OrgIssuerArgs& args);

struct OrgGrantArgs : OrgArgs {
  std::string member;  // handle
  std::string function;
  std::vector<std::string> scopes;
  std::string level;
  std::string from, until;  // dates; empty: now, and a year from `from`
};
absl::Status OrgGrant(Context& context, const OrgGrantArgs& args);

struct OrgEndArgs : OrgArgs {
  std::string mandate;  // hexadecimal id
};
absl::Status OrgEnd(Context& context, const OrgEndArgs& args);

struct OrgFingerprintArgs {
  std::string dir;             // of one organisation, or
  std::string convenant_file;  // of every party with a root in this file
};
absl::Status OrgFingerprint(Context& context, const OrgFingerprintArgs& args);

// Opens the store and remembers --convenant, --broker and --tls-ca in it.
absl::StatusOr<OrgStore> OpenOrgStore(const Context& context, const OrgArgs& args);
// Sends what is pending to the broker the store knows; false: it knows none and everything waits. What the
// broker refuses is dropped from the store and is the error. Unreachable: everything waits, and that is the
// error.
absl::StatusOr<bool> PublishPending(const Context& context, OrgStore& store);

// "2026-03-01" (midnight UTC) or RFC 3339. kInvalidArgument names the flag.
absl::StatusOr<absl::Time> ParseTimeFlag(absl::string_view text, absl::string_view flag);
// A file that a flag names, at most `max_bytes`; any failure is a usage error.
absl::StatusOr<Bytes> ReadArgumentFile(const std::string& path, size_t max_bytes);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_COMMANDS_H_
