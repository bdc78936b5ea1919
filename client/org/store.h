// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_ORG_STORE_H_
#define SEINPOST_CLIENT_ORG_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "crypto/password_file.h"
#include "crypto/sign.h"
#include "policies/document/vocabulary.h"
#include "trust/objects.h"
#include "util/bytes.h"
#include "util/secure_file.h"

namespace seinpost::client {

// What an organisation has said so far; no secrets.
struct OrgData {
  struct Device {
    trust::DeviceId id;
    std::string handle;
    uint64_t serial = 0;
    absl::Time not_after;
    bool revoked = false;
  };
  struct Mandate {
    Bytes id;  // 16 bytes
    std::string handle;
    std::string function;
    std::vector<std::string> scopes;
    policies::Level max_level = policies::Level::kL0;
    absl::Time from, until;
    bool ended = false;
    std::string deputy_for;  // handle of whom he stands in for, or empty
    std::string refused;     // why the broker refused it, so that it never was; or empty
  };
  struct Member {
    std::string handle;
    trust::MemberRef ref;
  };
  // What the broker refused for good, and so never was.
  struct Refused {
    std::string what;    // "mandate of HANDLE as FUNCTION"
    Bytes id;            // of the mandate or device, or the issuer key
    std::string reason;  // the broker's
    absl::Time time;
  };

  std::string organisation;  // party id
  std::string convenant;     // id, empty until it is known
  std::string broker;        // "host:port", or empty
  std::string tls_ca_pem;
  Bytes root_key;       // public; empty when another party signs for this one
  Bytes next_root_key;  // public; made for a coming version of the convenant, or empty
  Bytes issuer_key;     // public; empty before `org issuer`
  uint64_t issuer_serial = 0;
  uint64_t certificate_serial = 0;
  uint64_t revocation_number = 0;
  std::vector<Member> members;
  std::vector<Device> devices;
  std::vector<Mandate> mandates;
  std::vector<Bytes> pending;    // SignedObjects that are not proved to be in the log yet, in order
  std::vector<Refused> refused;  // newest last, at most kMaxRefused
  Bytes convenant_hash;  // of the file of the version in force when something was last proved; or empty
  static constexpr size_t kMaxRefused = 64;

  // Whether a pending object of this kind is about that mandate, device or issuer key. Until it is published
  // nothing has happened: what is revoked here still acts, what is granted does not yet.
  bool Waits(v1::ObjectKind kind, ByteView id) const;
  const Member* FindMember(absl::string_view handle) const;
  // "party/handle".
  std::string AddressOf(absl::string_view handle) const;
};

// A mandate to be granted.
struct GrantRequest {
  std::string handle;
  std::string function;
  std::vector<std::string> scopes;  // any order; "*" for all
  policies::Level max_level = policies::Level::kL0;
  absl::Time from, until;
  std::string deputy_for;  // handle of a member of this organisation, or empty
};

// The mandate, device or issuer key that an object is about; empty: none.
Bytes SubjectOf(const v1::SignedObject& object);

// OrgStore is the key directory of one organisation's administrator (layout: docs/formats/org_directory.md):
// org.json with OrgData, and the sealed files root.sealed, next-root.sealed and issuer.sealed. Root keys are
// needed for convenants and issuer keys only: their files may be kept on another medium and put back for
// that.
//
// Every change is written as a whole before the call returns, with the signed object in OrgData::pending, so
// that nothing is lost between signing and publishing. What is pending can be numbered and signed anew: its
// number counts once it is published. Holds a lock on the directory; a second one waits. Not thread-safe;
// stores of different directories are independent.
class OrgStore {
 public:
  // `root` is sealed into the directory; null: another party signs for this one. kAlreadyExists: there is one
  // in `directory`.
  static absl::StatusOr<OrgStore> Create(
      const std::string& directory, absl::string_view organisation, const crypto::SigningKey* root,
      ByteView passphrase, crypto::PassphraseStrength strength = crypto::PassphraseStrength::kModerate);
  // kNotFound: none there. kInvalidArgument: damaged.
  static absl::StatusOr<OrgStore> Open(const std::string& directory);

  const OrgData& data() const { return data_; }
  const std::string& directory() const { return directory_; }

  // kNotFound: this organisation has no such key here. kUnauthenticated: another passphrase.
  absl::StatusOr<crypto::SigningKey> Root(ByteView passphrase) const;
  // The root key, or the next one, whose public half this is.
  absl::StatusOr<crypto::SigningKey> RootFor(ByteView public_key, ByteView passphrase) const;
  absl::StatusOr<crypto::SigningKey> Issuer(ByteView passphrase) const;

  // Remembers where the convenant is; empty values leave what was there.
  absl::Status SetBroker(absl::string_view convenant, absl::string_view broker, absl::string_view tls_ca_pem);

  // A root key for a coming version of the convenant, sealed beside the one in force. kAlreadyExists: there
  // is one.
  absl::Status MakeNextRoot(ByteView passphrase,
                            crypto::PassphraseStrength strength = crypto::PassphraseStrength::kModerate);
  // The version that states the next root key is in force: that one is the root key from now on, and the one
  // before is destroyed. kFailedPrecondition: there is no next root key.
  absl::Status AdoptNextRoot();

  // A new issuer key, sealed, certified by `root` of the party `signer`, valid for a year from `now`.
  absl::StatusOr<crypto::SigningKey> MakeIssuer(absl::string_view signer, const crypto::SigningKey& root,
                                                absl::Time now, ByteView passphrase,
                                                crypto::PassphraseStrength strength);
  // Certifies a device; a handle that is new becomes a new member. One whose certificate is pending has it
  // already. kFailedPrecondition: the request is for another organisation, or the device has a certificate.
  absl::StatusOr<OrgData::Device> Issue(const trust::SignedDeviceRequest& request, absl::Time now,
                                        absl::Time until, const crypto::SigningKey& issuer);
  // kNotFound: no such member, or no such member to stand in for. kFailedPrecondition: the convenant is not
  // known.
  absl::StatusOr<OrgData::Mandate> Grant(const GrantRequest& request, const crypto::SigningKey& issuer);
  // Revoke; a revocation that is pending already is left as it is. kNotFound: no such mandate or device.
  // kFailedPrecondition: ended already, as was published.
  absl::Status EndMandate(ByteView mandate_id, absl::Time now, const crypto::SigningKey& issuer);
  absl::Status RevokeDevice(ByteView device_id, absl::Time now, const crypto::SigningKey& issuer);

  // Forgets the first `count` of data().pending: the log holds them. `convenant_hash`: of the version that
  // was in force then; empty leaves what was there.
  absl::Status MarkPublished(size_t count, ByteView convenant_hash = {});
  // Forgets pending object `index`, which the broker refuses, and what it would have done; remembers why.
  absl::Status DropPending(size_t index, absl::string_view reason, absl::Time now);
  // Numbers what revocations are pending from `next` on, and signs them anew.
  absl::Status RenumberPending(uint64_t next, const crypto::SigningKey& issuer);
  // Gives pending object `index`, a device certificate, the next serial, and signs it anew.
  absl::Status ReissuePending(size_t index, const crypto::SigningKey& issuer);

 private:
  OrgStore(std::string directory, FileLock lock, OrgData data)
      : directory_(std::move(directory)), lock_(std::move(lock)), data_(std::move(data)) {}
  absl::StatusOr<crypto::SigningKey> LoadKey(absl::string_view name, ByteView want,
                                             ByteView passphrase) const;
  absl::Status Revoke(v1::Revocation revocation, OrgData changed, const crypto::SigningKey& issuer);
  absl::Status Save(OrgData changed);  // then data_ is `changed`

  std::string directory_;
  FileLock lock_;
  OrgData data_;
};

// Encoding of org.json. kInvalidArgument: damaged; the text names the field.
std::string EncodeOrgData(const OrgData& data);
absl::StatusOr<OrgData> DecodeOrgData(absl::string_view text);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_STORE_H_
