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
#include "client/org/store.h"
#include "client/terminal/context.h"

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

// Makes the root key for a coming version of the convenant, beside the one in force. With `adopt`, the file
// of the version that states it, once that is in force: the key before is destroyed.
struct OrgRootArgs : OrgArgs {
  std::string adopt;
};
absl::Status OrgRoot(Context& context, const OrgRootArgs& args);

// A mandate of one's own; or, with `deputy_for`, the same mandates as that member has, each as the deputy's
// own, from now and until they end unless told otherwise. `function` then picks among them.
struct OrgGrantArgs : OrgArgs {
  std::string member;  // handle
  std::string function;
  std::vector<std::string> scopes;
  std::string level;
  std::string from, until;  // dates; empty: now, and a year from `from`
  std::string deputy_for;   // handle
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

// Writes an invitation (client/org/invitation.h) for somebody who is to join this organisation. Of the
// version in force, as the broker gives it and this organisation's own root key has signed it, or of
// `convenant_file`.
struct OrgInviteArgs : OrgArgs {
  std::string convenant_file;
  std::string out;
};
absl::Status OrgInvite(Context& context, const OrgInviteArgs& args);

// Whether two paths name one directory: a key directory that is open waits for itself.
bool IsSameDirectory(const std::string& a, const std::string& b);

// Opens the store and remembers --convenant, --broker and --tls-ca in it.
absl::StatusOr<OrgStore> OpenOrgStore(const Context& context, const OrgArgs& args);
// Sends what is pending to the broker the store knows; false: it knows none and everything waits. What the
// broker refuses is dropped from the store and is the error. Unreachable: everything waits, and that is the
// error.
absl::StatusOr<bool> PublishPending(const Context& context, OrgStore& store);

// "published", or what is still needed for that.
std::string PublishedText(bool published);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_COMMANDS_H_
