// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_PROFILE_PROFILE_H_
#define SEINPOST_CLIENT_PROFILE_PROFILE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/terminal/context.h"
#include "crypto/hpke.h"
#include "crypto/password_file.h"
#include "crypto/sign.h"
#include "crypto/wiped.h"
#include "trust/objects.h"
#include "util/bytes.h"

namespace seinpost::client {

// The secret of one published prekey, or of a one-off prekey of a RewrapRequest (docs/formats/rewrap.md).
struct PrekeySecret {
  Bytes prekey_id;  // 32 bytes
  crypto::HpkeKeyPair pair;
  std::string convenant;
  std::string retention_class;
  absl::Time seal_from, seal_until;
  absl::Time delete_after;
  Bytes request;  // the RewrapRequest; empty for a published prekey
};

// A convenant this device takes part in.
struct ConvenantEntry {
  std::string id;
  Digest hash{};           // of the pinned YAML file
  std::string broker;      // "host:port"
  std::string tls_ca_pem;  // the only certificate authority its broker is believed under
  uint32_t version = 1;    // of the pinned file: the highest version seen, which never goes back
};

// Profile is one device of one member: the directory DIR with the sealed file DIR/profile.sealed (layout:
// docs/formats/profile.md) and one directory per convenant for what is no secret (client/profile/state.h).
// Keys of parties are never in a profile.
//
// Errors of Open and Update: exit 2: no profile there, a file that may not be read, is no profile or damaged;
// kUnauthenticated another passphrase (exit 1). Not thread-safe.
class Profile {
 public:
  // Makes DIR (new or empty of a profile) and a device key in it. kAlreadyExists: there is a profile.
  static absl::StatusOr<Profile> Create(
      const std::string& directory, absl::string_view organisation, absl::string_view handle,
      ByteView passphrase, crypto::PassphraseStrength strength = crypto::PassphraseStrength::kModerate);
  static absl::StatusOr<Profile> Open(const std::string& directory, ByteView passphrase);
  // With the passphrase of the context. Warns on stderr of files that others on this machine can get at.
  static absl::StatusOr<Profile> Open(const Context& context);

  Profile(Profile&&) = default;
  Profile& operator=(Profile&&) = default;

  // Applies `change` to the newest state of the file, under a lock that other commands wait for, and writes
  // it: whole or not at all. If `change` fails nothing is written and *this is as the file is.
  absl::Status Update(absl::FunctionRef<absl::Status(Profile&)> change);
  // Takes over what other commands have written since.
  absl::Status Reload();
  // Seals the file under another passphrase.
  absl::Status ChangePassphrase(ByteView passphrase);

  const std::string& directory() const { return directory_; }
  const std::string& organisation() const { return organisation_; }
  const std::string& handle() const { return handle_; }
  std::string address() const { return organisation_ + "/" + handle_; }  // "party/handle"
  const crypto::SigningKey& device_key() const { return device_key_; }
  trust::DeviceId device_id() const;

  const std::vector<ConvenantEntry>& convenants() const { return convenants_; }
  // The named one, or the only one. kInvalidArgument: there is none, or several and none is named; the text
  // lists them.
  absl::StatusOr<ConvenantEntry> FindConvenant(absl::string_view id) const;
  // Only inside Update. Pins a convenant, or says anew where its broker is; kFailedPrecondition: pinned
  // already at another version or hash.
  absl::Status AddConvenant(ConvenantEntry entry);
  // Only inside Update. Raises the pin of a convenant; one that is there already or is higher stays.
  // kNotFound: no such convenant. kFailedPrecondition: another hash at the pinned version.
  absl::Status RaisePin(absl::string_view id, uint32_t version, const Digest& hash);

  const std::vector<PrekeySecret>& prekeys() const { return prekeys_; }
  // nullptr: destroyed or never had.
  const crypto::HpkeKeyPair* FindPrekey(ByteView prekey_id) const;
  void AddPrekey(PrekeySecret prekey);  // only inside Update
  void DropPrekey(ByteView prekey_id);  // only inside Update
  // Only inside Update. Destroys what was to be kept no longer than `until`: Session::settled(), never a
  // clock alone. How many were destroyed.
  size_t DestroyExpiredPrekeys(absl::Time until);

 private:
  Profile(std::string directory, crypto::SigningKey device_key, crypto::WipedBytes passphrase,
          crypto::PassphraseKey file_key, crypto::PassphraseStrength strength);
  // `known`: a key of this file, from before; nullptr: none.
  static absl::StatusOr<Profile> Open(const std::string& directory, ByteView passphrase,
                                      const crypto::PassphraseKey* known);
  std::string FilePath() const;
  absl::Status Write() const;
  crypto::WipedBytes Encode() const;
  static absl::StatusOr<Profile> Decode(const std::string& directory, ByteView plaintext, ByteView passphrase,
                                        const crypto::PassphraseKey& file_key);

  std::string directory_;
  std::string organisation_;
  std::string handle_;
  crypto::SigningKey device_key_;
  crypto::WipedBytes passphrase_;  // another command may have sealed the file under another salt
  crypto::PassphraseKey file_key_;
  crypto::PassphraseStrength strength_;
  std::vector<ConvenantEntry> convenants_;
  std::vector<PrekeySecret> prekeys_;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_PROFILE_PROFILE_H_
