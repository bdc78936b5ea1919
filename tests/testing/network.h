// SPDX-License-Identifier: EUPL-1.2
// TestNetwork is a complete convenant in memory for tests: a signed convenant file, organisation roots,
// issuers, the members of its lab file with one device each, mandates, prekeys for five months in every
// class, and a directory that took all of it. Every key comes from a fixed seed and a name, so two networks
// made alike are alike.
//
// For tests and benchmarks only: it aborts on errors and knows every secret. Not thread-safe.
#ifndef SEINPOST_TESTS_TESTING_NETWORK_H_
#define SEINPOST_TESTS_TESTING_NETWORK_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "crypto/hpke.h"
#include "crypto/sign.h"
#include "policies/questions/lab_file.h"
#include "seinpost/v1/trust.pb.h"
#include "trust/directory.h"

namespace seinpost::test {

// A device of a member, with its secrets.
struct TestDevice {
  std::string profile;  // "party/handle"
  std::string party, handle;
  trust::DeviceId id;
  trust::MemberRef member_ref;
  crypto::SigningKey key;
  std::map<Bytes, crypto::HpkeKeyPair> prekeys;  // by prekey_id

  // For envelope::OpenPart; nullptr: no such prekey.
  const crypto::HpkeKeyPair* FindPrekey(ByteView prekey_id) const;
};

class TestNetwork {
 public:
  // From tests/testing/convenants/plaats.yaml and plaats.lab.yaml; valid for a year from the day before
  // `now`, prekeys from the month of `now`. Reads the files from the working directory, which is the source
  // tree.
  static TestNetwork Example(absl::Time now);
  // The same from any convenant text without keys and its lab file.
  static TestNetwork Make(absl::string_view yaml, absl::string_view lab_yaml, absl::Time now);
  // A moment at which the example's convenant holds, for tests that do not care which.
  static absl::Time AnyTime();

  absl::Time now() const { return now_; }
  const trust::Directory& directory() const { return directory_; }
  std::shared_ptr<const trust::Directory> SharedDirectory() const;
  const policies::Convenant& convenant() const { return *directory_.convenant(); }
  const Bytes& yaml() const { return yaml_; }  // with keys, as signed
  // Everything in the directory, in order, the convenant first: what one publishes to a broker.
  const std::vector<Bytes>& objects() const { return objects_; }

  // The keys of a party, and those of the convenant's `trust` section. `party` must sign for itself (root) or
  // be any party (issuer).
  const crypto::SigningKey& root(absl::string_view party) const;
  const crypto::SigningKey& issuer(absl::string_view party) const;
  const crypto::SigningKey& log_key() const;  // in force
  const crypto::SigningKey& broker_key() const { return *broker_key_; }

  // The first device of a member, "school/zorgcoordinator".
  const TestDevice& device(absl::string_view profile) const;
  const trust::MemberRef& member(absl::string_view profile) const { return device(profile).member_ref; }
  std::vector<const TestDevice*> devices() const;

  // Certifies a device for a member, old or new, and publishes its prekeys unless told not to. Addresses of
  // devices stay valid.
  const TestDevice& AddDevice(absl::string_view profile, bool with_prekeys = true);
  // Takes an object into the directory; returns its place.
  uint64_t Add(Bytes object) { return AddAt(std::move(object), now_); }
  // By another clock.
  uint64_t AddAt(Bytes object, absl::Time now);

  // Objects as they would be issued now, not yet added.
  Bytes MandateObject(absl::string_view profile, absl::string_view function, std::vector<std::string> scopes,
                      policies::Level max_level, absl::Time from, absl::Time until);
  Bytes RevokeDeviceObject(const TestDevice& device) const;
  Bytes RevokeMandateObject(const trust::MandateEntry& mandate) const;
  // The prekey for the calendar month (UTC) that lies `months` after now; its secret is added to the device.
  Bytes PrekeyObject(const TestDevice& device, absl::string_view retention_class, int months);

  // Changes of what all parties agreed on. Each of these gives an object, signed by everybody who has to, not
  // yet added; Add() puts it in force here.
  //
  // The text of the version in force, edited, as the next version: version, `previous`, log key and the keys
  // of parties that are new or were given a NewRoot() are filled in. Without an edit the version only counts
  // on.
  using Edit = std::function<void(std::string& yaml)>;
  std::string SuccessorYaml(const Edit& edit = nullptr);
  // Makes another root key for a party. In force, and given by root(), once a successor with it was added.
  const crypto::SigningKey& NewRoot(absl::string_view party);
  // A convenant signed by all who sign it but `leave_out`: "politie", "politie/new".
  Bytes SignedSuccessor(const std::string& yaml, const std::vector<std::string>& leave_out = {}) const;
  Bytes SuccessorObject(const Edit& edit = nullptr) { return SignedSuccessor(SuccessorYaml(edit)); }
  // The organisation's issuer, certified anew by the root that vouches for it now; after a party joined.
  Bytes IssuerObject(absl::string_view party);
  // A new log key: once added, log_key() gives it. Signed by as many parties as change_quorum asks.
  Bytes TrustUpdateObject();
  Bytes TrustUpdateObject(const v1::TrustUpdate& update) const;
  // An order by the controller.
  Bytes RestrictChannelObject(absl::string_view channel, policies::Level ceiling) const;
  Bytes RestrictPartyObject(absl::string_view party, policies::Level ceiling) const;
  Bytes RestrictionObject(const v1::RestrictionOrder& order) const;
  // A log epoch after `last_checkpoint` (a signed note): leaves from `first_lost` on are lost. Brings a new
  // log key.
  Bytes LogEpochObject(ByteView last_checkpoint, uint64_t first_lost);
  Bytes LogEpochObject(const v1::LogEpoch& epoch) const;
  // A note of the log in force, of a tree of `size` leaves, about this directory as it is now.
  Bytes Checkpoint(uint64_t size, absl::Time time) const;
  // Signed by as many parties as change_quorum asks for.
  Bytes SignByQuorum(v1::ObjectKind kind, const Bytes& body) const;

  // A key that follows from the network's seed and `name`.
  static crypto::Secret<32> SecretNamed(absl::string_view name);

 private:
  TestNetwork() = default;
  void SignConvenant(absl::string_view yaml);
  void CertifyIssuers();
  void Enrol(const policies::LabMember& member);
  void PublishPrekeys(TestDevice& device);
  Bytes RevocationObject(v1::Revocation revocation) const;
  const crypto::SigningKey& NewLogKey();
  const crypto::SigningKey& SuccessorKey(absl::string_view signer) const;
  void TakeNewRoots();

  absl::Time now_;
  Bytes yaml_;
  trust::Directory directory_;
  std::vector<Bytes> objects_;
  std::map<std::string, crypto::SigningKey, std::less<>> roots_, issuers_;
  std::map<std::string, crypto::SigningKey, std::less<>> new_roots_;  // not yet in force
  std::vector<std::unique_ptr<crypto::SigningKey>> log_keys_;         // every one that was made
  std::unique_ptr<crypto::SigningKey> broker_key_;
  std::vector<std::unique_ptr<TestDevice>> devices_;
  uint64_t counter_ = 0;  // makes names of ids differ
};

// AnyTime(), for the many tests that say "now".
inline const absl::Time kNow = TestNetwork::AnyTime();

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_TESTING_NETWORK_H_
