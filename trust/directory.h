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
#include "audit/checkpoint.h"
#include "policies/decide/request.h"
#include "policies/document/convenant.h"
#include "seinpost/v1/trust.pb.h"
#include "trust/objects.h"
#include "util/bytes.h"
#include "util/forked_map.h"

namespace seinpost::trust {

// How much of a directory counts: its first so many objects, as somebody could know it at a certain moment.
// kNewest: all there is.
using DirSize = uint64_t;
inline constexpr DirSize kNewest = ~uint64_t{0};

// One certified device.
struct Device {
  DeviceId id;
  Bytes sig_pk;     // 32 bytes, Ed25519
  Bytes cert_hash;  // SHA-256 of the certificate's body
  std::string organisation;
  MemberRef member_ref;
  std::string handle;
  absl::Time not_before, not_after;
  uint64_t seq = 0;                                                    // dir_seq of the certificate
  std::optional<uint64_t> revoked_at_seq;                              // dir_seq of the revocation
  std::string address() const { return organisation + "/" + handle; }  // as members are written
  bool RevokedAsOf(DirSize as_of) const { return revoked_at_seq && *revoked_at_seq < as_of; }
  bool ValidAt(absl::Time now, DirSize as_of = kNewest) const {
    return seq < as_of && !RevokedAsOf(as_of) && not_before <= now && now < not_after;
  }
};

struct MandateEntry {
  Bytes mandate_id;
  MemberRef member_ref;
  std::string organisation;
  std::string function;
  std::vector<std::string> scopes;
  policies::Level max_level;
  absl::Time from, until;
  std::optional<MemberRef> deputy_for;
  uint64_t seq = 0;
  std::optional<uint64_t> revoked_at_seq;
  // Granted and not revoked; its times are for the rules to judge.
  bool Stands(DirSize as_of = kNewest) const {
    return seq < as_of && !(revoked_at_seq && *revoked_at_seq < as_of);
  }
};

struct PrekeyEntry {
  Bytes prekey_id;  // 32 bytes
  DeviceId device_id;
  Bytes hpke_pk;  // 32 bytes
  std::string retention_class;
  absl::Time seal_from, seal_until, delete_after;
  uint64_t seq = 0;
  bool OpenAt(absl::Time at) const { return seal_from <= at && at < seal_until; }
};

struct Member {
  MemberRef ref;
  std::string organisation;
  std::string handle;
  std::vector<DeviceId> devices;
  std::string address() const { return organisation + "/" + handle; }
};

// One version of the convenant.
struct Version {
  std::shared_ptr<const policies::Convenant> convenant;
  Digest hash{};  // SHA-256 of the file
  Bytes object;   // the SignedObject
  uint64_t seq = 0;
};

// A successor that replaces a lost root key, announced but not yet in force.
struct Proposal {
  Digest hash{};  // of the file
  uint32_t version = 0;
  std::vector<std::string> lost;  // parties whose key it replaces without the old one
  uint64_t seq = 0;
};

// Who the log is from some point on (docs/formats/log_epoch.md).
struct LogIdentity {
  std::string origin;
  FixedBytes<32> key{};
  uint64_t seq = 0;  // dir_seq of the object that says so; 0: version 1 of the convenant
};

// What a LogEpoch says was lost.
struct LostTail {
  uint64_t first = 0, end = 0;  // leaves [first, end)
  Digest last_root{};           // of the last checkpoint, whose size is `end`
  uint64_t directory_size = 0;  // objects left
  uint64_t number = 0;          // of the epoch
  uint64_t seq = 0;
};

// The lowest version and its hash that whoever holds a directory will ever accept as its newest.
struct Pin {
  uint32_t version = 0;
  Digest hash{};
};

// Objects whose history says who signs the log, and who may say so: versions of the convenant, proposals,
// trust updates, log epochs.
bool SaysWhoSigns(v1::ObjectKind kind);

// Between the first checkpoint with a proposal and the last without its activation.
inline constexpr absl::Duration kPublicDelay = absl::Hours(72);
inline constexpr absl::Duration kMaxSealingWindow = absl::Hours(62 * 24);
// Of one device and class with a seal_from in the same calendar month (UTC). Brokers take in one
// (server/directory/allowances.h); this bounds what anybody can be made to walk through.
inline constexpr size_t kMaxPrekeysPerMonth = 32;
// How often a device may replace the prekey of a class and month whose secret it lost. The n-th replacement
// seals from n seconds after the month has begun; who seals takes the one that began last.
inline constexpr int kMaxPrekeyReplacements = 3;
// How far the clock of whoever made an object may be ahead of or behind the clock of whoever is given it.
inline constexpr absl::Duration kClockSkew = absl::Minutes(5);

// Directory is everything known about the parties of one convenant: a chain of signed objects, each checked
// when it is added, from the organisation's root in the convenant down to a device's prekey
// (docs/formats/directory.md). It keeps its history: questions take `as_of`, how much of it counts, so that a
// signal is judged by what was known when it was logged. Pure and in memory: whoever holds one persists the
// objects and adds them again. Broker and client use the same code. Copyable; const methods may be called
// from several threads, others may not. A copy shares what is most, prekeys and hashes of objects, and copies
// the rest: a server swaps shared_ptr<const Directory>. Pointers that the const methods return live until the
// next Add.
//
// Convenants succeed each other (docs/formats/convenant_signatures.md): version n+1 names the hash of version
// n and is signed by every remaining party with its key as stated in n, by a party whose key changes with the
// new one too, and by every new party with its new key. A key that was lost is replaced without the old
// signature, but only 72 hours after the proposal was logged. The first valid successor wins.
class Directory {
 public:
  // An empty directory. If `pin` is given, the convenant of that version must be that file: earlier versions
  // are then vouched for by the hashes that lead to it. Whoever is sent a whole directory asks besides
  // whether it reaches the pinned version. `convenant_file` only names the file in the clauses that refusals
  // quote.
  explicit Directory(std::optional<Pin> pin = std::nullopt, std::string convenant_file = "convenant.yaml")
      : pin_(pin), convenant_file_(std::move(convenant_file)) {}

  // Checks an encoded SignedObject against what is there and adds it. The first must be the convenant. A
  // directory that refused an object is unchanged.
  //   kInvalidArgument     malformed: not the strict encoding, a field out of its bounds
  //   kResourceExhausted   more than kMaxObjectBytes
  //   kPermissionDenied    a signature is wrong or missing, or the signer has no authority; the text says
  //                        which link of root -> issuer -> certificate -> mandate/prekey failed
  //   kFailedPrecondition  no convenant yet; not the next version, another than the pinned one, or a version
  //                        whose `previous` is not the hash of the one in force; a gap in numbers; a handle,
  //                        number or key that is taken; not valid now; an order that lowers nothing; a delay
  //                        that was not kept
  //   kAlreadyExists       this very object is there; nothing changed
  //   kNotFound            it speaks of an unknown device, member or issuer
  // `now` only serves to refuse what is not yet or no longer valid when it is new (give or take kClockSkew),
  // and what an expired issuer or device signs; pass absl::InfinitePast() when loading a chain that was
  // accepted before.
  absl::Status Add(ByteView object, absl::Time now);

  // Goes on after objects of which no more is known than the chain hash behind them: nothing they say counts.
  // For those who are shown who signs a log (SaysWhoSigns) and not all of its directory. kInvalidArgument:
  // fewer objects than there are.
  absl::Status SkipTo(DirSize size, const Digest& chain_hash);

  // Whether this very object is there.
  bool Contains(ByteView object) const;
  // dir_seq of the object with this SHA-256; nothing: it is not there, or was skipped.
  std::optional<uint64_t> SeqOf(ByteView object_hash) const;
  uint64_t size() const { return seq_; }                      // objects; also the dir_seq of the next one
  const Digest& chain_hash() const { return chain_.back(); }  // after the last object; all zero if empty
  // After the first `size` objects, as the directory line of a checkpoint states it; nullptr: there are
  // fewer, or it was skipped.
  const Digest* ChainHashAt(DirSize size) const;
  // Next chain hash: SHA-256(u64be dir_seq || previous chain hash || SHA-256(object)). `dir_seq` is 0-based.
  static Digest ChainHash(uint64_t dir_seq, const Digest& previous, ByteView object);
  static Digest ChainHashOf(uint64_t dir_seq, const Digest& previous, const Digest& object_hash);

  // Where the log holds the objects: index of the leaf of object `dir_seq`. Told in order, from 0, without
  // gaps and rising; kInvalidArgument otherwise, or past size().
  absl::Status SetLeafIndex(uint64_t dir_seq, uint64_t leaf_index);
  const std::vector<uint64_t>& leaf_indexes() const { return leaf_indexes_; }  // of the first objects
  // How many objects the log held before leaf `leaf_index`. Objects whose index was not told count as earlier
  // than every leaf after those that were: what is revoked is then never overlooked.
  DirSize SizeAtLeaf(uint64_t leaf_index) const;

  // The version in force; nullptr until the first was added.
  const policies::Convenant* convenant() const;
  const Digest& convenant_hash() const;
  const Bytes& convenant_object() const;
  const std::vector<Version>& versions() const { return versions_; }  // in order
  const Version* VersionAsOf(DirSize as_of) const;                    // nullptr: none yet
  const Version* FindVersion(ByteView hash) const;
  const std::vector<Proposal>& proposals() const { return proposals_; }  // of the next version, open

  // Orders in force, of the version in force.
  std::vector<policies::Restriction> RestrictionsAsOf(DirSize as_of = kNewest) const;
  // Who signs the log, and its witnesses and their quorum: as the convenant and the trust updates say.
  const LogIdentity& LogIdentityAsOf(DirSize as_of = kNewest) const;                  // REQUIRES: a convenant
  const std::vector<LogIdentity>& log_identities() const { return log_identities_; }  // in order
  const std::vector<policies::Witness>& witnesses() const { return witnesses_; }
  uint32_t witness_quorum() const { return witness_quorum_; }
  const std::vector<LostTail>& lost_tails() const { return lost_tails_; }  // one per epoch after the first
  // dir_seq of the objects that say who signs the log (SaysWhoSigns), rising.
  const std::vector<uint64_t>& change_seqs() const { return change_seqs_; }
  // The number that the next object of its kind takes.
  uint64_t NextTrustUpdateNumber() const;
  uint64_t NextRestrictionNumber() const;
  uint64_t NextEpochNumber() const;

  // Whether the device may act: its certificate holds, and its organisation is a party of the version in
  // force.
  bool MayAct(const Device& device, absl::Time now, DirSize as_of = kNewest) const;

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
  const PrekeyEntry* PrekeyFor(ByteView device_id, absl::string_view retention_class, absl::Time at,
                               DirSize as_of = kNewest) const;
  // Whether the device has one of the class that begins at `seal_from`.
  bool HasPrekey(ByteView device_id, absl::string_view retention_class, absl::Time seal_from) const;
  // The classes for which the device has such a prekey, sorted.
  std::vector<std::string> PrekeyClasses(ByteView device_id, absl::Time at, DirSize as_of = kNewest) const;
  const PrekeyEntry* FindPrekey(ByteView prekey_id) const;
  std::vector<const PrekeyEntry*> PrekeysOf(ByteView device_id) const;  // by class, then seal_from

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
    Bytes root;                         // that certified it
    bool HoldsAt(absl::Time at) const;  // give or take kClockSkew; always at InfinitePast
  };
  struct RestrictionEntry {
    policies::Restriction restriction;
    uint32_t version = 0;  // of the convenant
    uint64_t seq = 0;
  };
  absl::StatusOr<policies::Convenant> ParseNext(const v1::SignedObject& object, const Digest& hash) const;
  absl::StatusOr<std::string> CheckConvenantSignatures(const v1::SignedObject& object,
                                                       const policies::Convenant& next) const;
  absl::Status CheckPublicDelay(const v1::SignedObject& object, const Digest& hash, absl::string_view lost,
                                absl::Time now) const;
  absl::StatusOr<audit::Checkpoint> CheckEvidence(ByteView note) const;
  absl::Status CheckFreshLogKey(const FixedBytes<32>& key) const;
  policies::Level CeilingInForce(const policies::Restriction& subject) const;
  Bytes RootOf(absl::string_view organisation) const;
  void LetGo(const policies::Convenant& next);
  absl::Status AddConvenant(const v1::SignedObject& object, ByteView encoded, absl::Time now);
  absl::Status AddProposal(const v1::SignedObject& object);
  absl::Status AddTrustUpdate(const v1::SignedObject& object);
  absl::Status AddRestriction(const v1::SignedObject& object);
  absl::Status AddLogEpoch(const v1::SignedObject& object);
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

  std::optional<Pin> pin_;
  std::string convenant_file_;
  uint64_t seq_ = 0;
  // By size, but for sizes that were skipped: of each run of known ones, the size and the place it begins at.
  std::vector<Digest> chain_ = {Digest{}};
  std::vector<std::pair<DirSize, size_t>> runs_ = {{0, 0}};
  std::vector<uint64_t> change_seqs_;
  ForkedMap<uint64_t> seen_;            // SHA-256 of each object -> dir_seq
  std::vector<uint64_t> leaf_indexes_;  // rising
  std::vector<Version> versions_;
  std::vector<Proposal> proposals_;
  std::vector<RestrictionEntry> restrictions_;
  uint64_t trust_updates_ = 0;
  std::vector<LogIdentity> log_identities_;
  std::vector<policies::Witness> witnesses_;
  uint32_t witness_quorum_ = 0;
  std::vector<LostTail> lost_tails_;
  std::map<std::string, Issuer, std::less<>> issuers_;  // by party
  std::map<std::string, std::set<uint64_t>, std::less<>> serials_;
  std::map<DeviceId, Device, std::less<>> devices_;
  std::map<MemberRef, Member, std::less<>> members_;
  std::map<std::pair<std::string, std::string>, MemberRef> handles_;
  std::map<Bytes, MandateEntry, std::less<>> mandates_;
  std::map<MemberRef, std::vector<Bytes>, std::less<>> mandates_by_member_;
  std::set<MemberRef> officers_;
  std::map<std::string, uint64_t, std::less<>> revocation_numbers_;
  // Every decision walks through the prekeys of those it is about, so a device has its own, by class and
  // seal_from.
  using PrekeyPointer = std::shared_ptr<const PrekeyEntry>;
  using PrekeysOfClass = std::map<absl::Time, PrekeyPointer>;
  using PrekeysOfDevice = std::map<std::string, PrekeysOfClass, std::less<>>;
  const PrekeysOfDevice* FindPrekeys(ByteView device_id) const;
  const PrekeysOfClass* FindPrekeys(ByteView device_id, absl::string_view retention_class) const;
  static const PrekeyEntry* OpenIn(const PrekeysOfClass& prekeys, absl::Time at, DirSize as_of);
  ForkedMap<PrekeyPointer> prekeys_;
  ForkedMap<PrekeysOfDevice> prekeys_by_device_;
  ForkedMap<uint64_t> hpke_keys_;  // -> dir_seq
};

// Checks the signatures of a convenant alone: every party with a root key has signed these bytes with that
// key, and nobody else. kPermissionDenied names the first party whose signature is missing or wrong.
// kInvalidArgument: the YAML is malformed or an example without keys. `filename` only names the file in
// clauses and messages.
absl::StatusOr<policies::Convenant> VerifyConvenant(const v1::SignedObject& object,
                                                    absl::string_view filename = "convenant.yaml");

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_DIRECTORY_H_
