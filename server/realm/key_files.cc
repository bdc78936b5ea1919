// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/key_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/key_file.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

std::string RealmKeyDirectory(const std::string& keys_dir, absl::string_view convenant_id) {
  return absl::StrCat(keys_dir, "/", convenant_id);
}

std::string LogKeyPath(const std::string& keys_dir, absl::string_view convenant_id) {
  return LogKeyPathIn(RealmKeyDirectory(keys_dir, convenant_id));
}

std::string LogKeyPathIn(const std::string& directory) { return directory + "/log.key"; }
std::string NextLogKeyPathIn(const std::string& directory) { return directory + "/log-next.key"; }

std::string IdentityKeyPath(const std::string& keys_dir) { return absl::StrCat(keys_dir, "/identity.key"); }

absl::StatusOr<crypto::SigningKey> ReadKeyFile(const std::string& path) {
  ASSIGN_OR_RETURN(const crypto::Secret<32> seed, crypto::ReadKeyBytes(path));
  return crypto::SigningKey::FromSeed(seed);
}

absl::Status WriteKeyFile(const std::string& path, const crypto::SigningKey& key) {
  RETURN_IF_ERROR(MakePrivateDirectory(path.substr(0, path.rfind('/'))));
  const crypto::Secret<32> seed = key.seed();
  return WriteFileAtomically(path, seed.ExposeSecretView());
}

absl::StatusOr<crypto::SigningKey> ReadOrMakeKeyFile(const std::string& path) {
  absl::StatusOr<crypto::SigningKey> key = ReadKeyFile(path);
  if (!absl::IsNotFound(key.status())) return key;
  crypto::SigningKey made = crypto::SigningKey::Generate();
  RETURN_IF_ERROR(WriteKeyFile(path, made));
  return made;
}

}  // namespace seinpost::server
