// SPDX-License-Identifier: EUPL-1.2
// What an administrator's doing begins and ends with: his key directory is opened, his issuer key unlocked,
// and what he signed goes to the broker.
#ifndef SEINPOST_CLIENT_ORG_PUBLISH_H_
#define SEINPOST_CLIENT_ORG_PUBLISH_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "client/broker/connection.h"
#include "client/broker/published.h"
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
// What a key directory knows of the log that it publishes to.
PublishTrust TrustOf(const OrgData& data);

// Sends what is pending to the broker the store knows, and judges what comes back; false: it knows none and
// everything waits. An object is published once the log is proved to hold it (client/broker/published.h);
// until then it stays pending, whatever the broker says.
//
// What the broker refuses for good is dropped from the store with its effect and remembered there, and does
// not hold up the rest: what comes after is numbered and signed anew with `issuer` where that is needed, also
// where the directory holds more than this store knows of. If something in `own` (ids, as SubjectOf gives
// them) is refused, that is the error; of anything else the user is told. Unreachable, over its quota for
// longer than a command waits, with trouble of its own, or no proof: everything not proved waits for the next
// command, and that is the error.
absl::StatusOr<bool> PublishPending(const Context& context, OrgStore& store, const crypto::SigningKey& issuer,
                                    const std::set<Bytes>& own);
// The same, to the broker behind `connection`.
absl::Status PublishPendingTo(const Context& context, Connection& connection, OrgStore& store,
                              const crypto::SigningKey& issuer, const std::set<Bytes>& own);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_PUBLISH_H_
