// SPDX-License-Identifier: EUPL-1.2
// What an administrator's doing begins and ends with: his key directory is opened, his issuer key unlocked,
// and what he signed goes to the broker.
#ifndef SEINPOST_CLIENT_ORG_PUBLISH_H_
#define SEINPOST_CLIENT_ORG_PUBLISH_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/org/store.h"
#include "client/terminal/context.h"
#include "crypto/sign.h"

namespace seinpost::client {

// Which key directory, and where the broker is. Empty broker and tls_ca: what the directory remembers;
// nothing remembered: objects wait in the directory until the next command that knows.
struct OrgArgs {
  std::string dir;
  std::string broker;  // "host:port"
  std::string tls_ca;  // file
};

// Whether two paths name one directory: a key directory that is open waits for itself.
bool IsSameDirectory(const std::string& a, const std::string& b);

// Opens the store and remembers --convenant, --broker and --tls-ca in it.
absl::StatusOr<OrgStore> OpenOrgStore(const Context& context, const OrgArgs& args);
// The issuer key, under the passphrase that is asked for. Errors as OrgStore::Issuer.
absl::StatusOr<crypto::SigningKey> UnlockIssuer(const Context& context, const OrgStore& store);
// Sends what is pending to the broker the store knows; false: it knows none and everything waits. What the
// broker judges and refuses is dropped from the store and is the error. Unreachable, over its quota for
// longer than a command waits, or with trouble of its own: everything waits for the next command, and that is
// the error.
absl::StatusOr<bool> PublishPending(const Context& context, OrgStore& store);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_PUBLISH_H_
