// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_TRUST_DIRECTORY_H_
#define SEINPOST_TRUST_DIRECTORY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policies/convenant.h"
#include "seinpost/v1/trust.pb.h"
#include "trust/objects.h"
#include "util/bytes.h"

namespace seinpost::trust {

// One certified device.
struct Device {
  DeviceId id;
  Bytes sig_pk;     // 32 bytes, Ed25519
  Bytes cert_hash;  // SHA-256 of the certificate's body
  std::string organisation;
  MemberRef member_ref;
  std::string handle;
  absl::Time not_before, not_after;
  std::optional<uint64_t> revoked_at_seq;  // dir_seq of the revocation
  bool ValidAt(absl::Time now) const { return !revoked_at_seq && not_before <= now && now < not_after; }
};

struct MandateEntry {
  Bytes mandate_id;
  MemberRef member_ref;
  std::string organisation;
  std::string function;
  std::vector<std::string> scopes;
  policies::Level max_level;
  absl::Time from, until;
  bool revoked = false;
};

struct PrekeyEntry {
  Bytes prekey_id;  // 32 bytes
  DeviceId device_id;
  Bytes hpke_pk;  // 32 bytes
  std::string retention_class;
  absl::Time seal_from, seal_until, delete_after;
  bool OpenAt(absl::Time at) const { return seal_from <= at && at < seal_until; }
};

struct Member {
  MemberRef ref;
  std::string organisation;
  std::string handle;
  std::vector<DeviceId> devices;
};

inline constexpr absl::Duration kMaxSealingWindow = absl::Hours(62 * 24);
// How far the clock of whoever made an object may be ahead of or behind the clock of whoever is given it.
inline constexpr absl::Duration kClockSkew = absl::Minutes(5);

// Directory is everything known about the parties of one convenant: a chain of signed objects, each checked
// when it is added, from the organisation's root in the convenant down to a device's prekey
// (docs/formats/directory.md). Pure and in memory: whoever holds one persists the objects and adds them
// again. Broker and client use the same code. Copyable; const methods may be called from several threads, Add
// may not. A copy costs as much as its size: a server swaps shared_ptr<const Directory>. Pointers that the
// const methods return live until the next Add.
//
// Leave for the next version: succession of convenants, TrustUpdate, RestrictionOrder. A directory holds
// exactly one convenant, its first object.
class Directory {
 public:
  // An empty directory whose convenant must be the file that hashes to `pinned`, if given. `convenant_file`
  // only names the file in the clauses that refusals quote.
  explicit Directory(std::optional<Digest> pinned = std::nullopt,
                     std::string convenant_file = "convenant.yaml")
      : pinned_(pinned), convenant_file_(std::move(convenant_file)) {}

  // Checks an encoded SignedObject against what is there and adds it. The first must be the convenant. A
  // directory that refused an object is unchanged.
  //   kInvalidArgument     malformed: not the strict encoding, a field out of its bounds
  //   kResourceExhausted   more than kMaxObjectBytes
  //   kPermissionDenied    a signature is wrong or missing, or the signer has no authority; the text says
  //                        which link of root -> issuer -> certificate -> mandate/prekey failed
  //   kFailedPrecondition  no convenant yet, a second one, or one other than the pinned one; a gap in
  //                        revocation numbers; a handle, number or key that is taken; not valid now
  //   kAlreadyExists       this very object is there; nothing changed
  //   kNotFound            it speaks of an unknown device, member or issuer
  // `now` only serves to refuse what is not yet or no longer valid when it is new (give or take kClockSkew),
  // and what an expired issuer or device signs; pass absl::InfinitePast() when loading a chain that was
  // accepted before.
  absl::Status Add(ByteView object, absl::Time now);

  uint64_t size() const { return seq_; }               // objects; also the dir_seq of the next one
  const Digest& chain_hash() const { return chain_; }  // after the last object; all zero if empty
  // Next chain hash: SHA-256(u64be dir_seq || previous chain hash || SHA-256(object)). `dir_seq` is 0-based.
  static Digest ChainHash(uint64_t dir_seq, const Digest& previous, ByteView object);

  // nullptr until the convenant was added.
  const policies::Convenant* convenant() const { return convenant_.get(); }
  const Digest& convenant_hash() const { return convenant_hash_; }
  const Bytes& convenant_object() const { return convenant_object_; }

  // nullptr: no such thing.
  const Device* FindDevice(ByteView device_id) const;
  const Member* FindMember(ByteView member_ref) const;
  const Member* FindMember(absl::string_view organisation, absl::string_view handle) const;
  std::vector<const Member*> Members() const;  // sorted by organisation, then handle
  std::vector<const Member*> MembersOf(absl::string_view organisation) const;  // sorted by handle
  std::vector<const MandateEntry*> MandatesOf(ByteView member_ref) const;
  const MandateEntry* FindMandate(ByteView mandate_id) const;
  // Members who were ever granted privacy_officer, sorted by ref.
  std::vector<const Member*> Officers() const;
  // The prekey of a device in a class whose sealing window holds `at`; the latest if several.
  const PrekeyEntry* PrekeyFor(ByteView device_id, absl::string_view retention_class, absl::Time at) const;
  const PrekeyEntry* FindPrekey(ByteView prekey_id) const;
  std::vector<const PrekeyEntry*> PrekeysOf(ByteView device_id) const;

  // The numbers that the next object of an organisation takes: one more than the highest there is.
  uint64_t NextIssuerSerial(absl::string_view organisation) const;
  uint64_t NextCertificateSerial(absl::string_view organisation) const;
  uint64_t NextRevocationNumber(absl::string_view organisation) const;
  // The key that certifies for `organisation`. kNotFound: none was certified.
  absl::StatusOr<Bytes> IssuerKey(absl::string_view organisation) const;

 private:
  struct Issuer {
    Bytes public_key;
    absl::Time not_before, not_after;
    uint64_t serial = 0;
    bool HoldsAt(absl::Time at) const;  // give or take kClockSkew; always at InfinitePast
  };
  absl::Status AddConvenant(const v1::SignedObject& object, ByteView encoded);
  absl::Status AddIssuer(const v1::SignedObject& object, absl::Time now);
  absl::Status AddDevice(const v1::SignedObject& object, absl::Time now);
  absl::Status AddMandate(const v1::SignedObject& object, absl::Time now);
  absl::Status AddRevocation(const v1::SignedObject& object, absl::Time now);
  absl::Status AddPrekey(const v1::SignedObject& object, absl::Time now);
  absl::Status RevokeDevice(const v1::Revocation& revocation);
  absl::Status RevokeMandate(const v1::Revocation& revocation);
  absl::Status VerifyByDevice(const v1::SignedObject& object, ByteView device_id, absl::Time now) const;
  absl::Status CheckNewMember(const v1::DeviceCertificate& certificate) const;
  absl::Status VerifyByIssuer(const v1::SignedObject& object, absl::string_view organisation,
                              absl::Time now) const;

  std::optional<Digest> pinned_;
  std::string convenant_file_;
  uint64_t seq_ = 0;
  Digest chain_{};
  std::set<Digest> seen_;  // SHA-256 of each object
  std::shared_ptr<const policies::Convenant> convenant_;
  Digest convenant_hash_{};
  Bytes convenant_object_;
  std::map<std::string, Issuer, std::less<>> issuers_;  // by party
  std::map<std::string, std::set<uint64_t>, std::less<>> serials_;
  std::map<DeviceId, Device, std::less<>> devices_;
  std::map<MemberRef, Member, std::less<>> members_;
  std::map<std::pair<std::string, std::string>, MemberRef> handles_;
  std::map<Bytes, MandateEntry, std::less<>> mandates_;
  std::map<MemberRef, std::vector<Bytes>, std::less<>> mandates_by_member_;
  std::set<MemberRef> officers_;
  std::map<std::string, uint64_t, std::less<>> revocation_numbers_;
  // Every decision walks through the prekeys of those it is about, so a device has its own list of them.
  using PrekeyPointer = std::shared_ptr<const PrekeyEntry>;
  std::map<Bytes, PrekeyPointer, std::less<>> prekeys_;
  std::map<DeviceId, std::vector<PrekeyPointer>, std::less<>> prekeys_by_device_;
  std::set<Bytes> hpke_keys_;
};

// Checks the signatures of a convenant alone: every party with a root key has signed these bytes with that
// key, and nobody else. kPermissionDenied names the first party whose signature is missing or wrong.
// kInvalidArgument: the YAML is malformed or an example without keys. `filename` only names the file in
// clauses and messages.
absl::StatusOr<policies::Convenant> VerifyConvenant(const v1::SignedObject& object,
                                                    absl::string_view filename = "convenant.yaml");

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_DIRECTORY_H_
