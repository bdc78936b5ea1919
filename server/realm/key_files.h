// SPDX-License-Identifier: EUPL-1.2
// The broker's secret keys on disk: 32-byte Ed25519 seeds, mode 0600, in a directory of mode 0700 outside the
// database. `seinpostd init` makes them; the broker itself only renames and copies log keys (log_keys.h).
#ifndef SEINPOST_SERVER_REALM_KEY_FILES_H_
#define SEINPOST_SERVER_REALM_KEY_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/sign.h"

namespace seinpost::server {

// Where everything of one convenant lies below `keys_dir`.
std::string RealmKeyDirectory(const std::string& keys_dir, absl::string_view convenant_id);
std::string LogKeyPath(const std::string& keys_dir, absl::string_view convenant_id);
// The log key in force and the one that is to follow it, in the directory of a convenant.
std::string LogKeyPathIn(const std::string& directory);
std::string NextLogKeyPathIn(const std::string& directory);
// The key that names this broker, whatever convenants it hosts.
std::string IdentityKeyPath(const std::string& keys_dir);

// kNotFound: no such file. kDataLoss: not 32 bytes.
absl::StatusOr<crypto::SigningKey> ReadKeyFile(const std::string& path);
// Creates the directory (0700) and the file (0600), durably.
absl::Status WriteKeyFile(const std::string& path, const crypto::SigningKey& key);
// The key in `path`, made if there is none yet.
absl::StatusOr<crypto::SigningKey> ReadOrMakeKeyFile(const std::string& path);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_KEY_FILES_H_
