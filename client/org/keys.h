// SPDX-License-Identifier: EUPL-1.2
// The keys of an organisation: its key directory, its root key and its issuer key.
#ifndef SEINPOST_CLIENT_ORG_KEYS_H_
#define SEINPOST_CLIENT_ORG_KEYS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/org/publish.h"
#include "client/terminal/context.h"
#include "util/bytes.h"

namespace seinpost::client {

struct OrgInitArgs : OrgArgs {
  std::string party;
  bool no_root = false;  // another party signs for this one
};
struct KeyDirectoryMade {
  std::string organisation, directory;
  Bytes root_key;  // public; empty: another party signs for this one
};
// Asks twice for the passphrase that seals it. kAlreadyExists: there is one.
absl::StatusOr<KeyDirectoryMade> MakeKeyDirectory(const Context& context, const OrgInitArgs& args);

struct OrgIssuerArgs : OrgArgs {
  std::string root_dir;  // the key directory whose root signs; empty: the same
};
struct IssuerMade {
  std::string organisation;
  Bytes issuer_key;  // public
  uint64_t serial = 0;
  std::string signer;  // party
  bool published = false;
};
// A new issuer key, certified and, if the broker is known, published. Asks for the passphrase.
absl::StatusOr<IssuerMade> MakeIssuer(const Context& context, const OrgIssuerArgs& args);

// Makes the root key for a coming version of the convenant, beside the one in force. With `adopt`, the file
// of the version that states it, once that is in force: the key before is destroyed.
struct OrgRootArgs : OrgArgs {
  std::string adopt;
};
struct RootChanged {
  std::string organisation;
  Bytes root_key;         // public
  bool in_force = false;  // adopted
};
// kFailedPrecondition: that version is not in force. A usage error: it does not state the next root key.
absl::StatusOr<RootChanged> ChangeRoot(const Context& context, const OrgRootArgs& args);

struct OrgFingerprintArgs {
  std::string dir;             // of one organisation, or
  std::string convenant_file;  // of every party with a root in this file
};
struct RootKeysListed {
  struct Key {
    std::string party;  // "PARTY/new" for the one of a coming version
    Bytes public_key;
  };
  std::vector<Key> keys;  // at least one
};
// Offline. kNotFound: this organisation has none.
absl::StatusOr<RootKeysListed> ListRootKeys(const OrgFingerprintArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_KEYS_H_
