// SPDX-License-Identifier: EUPL-1.2
#include "tests/testing/network.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "audit/checkpoint.h"
#include "crypto/hash.h"
#include "policies/document/draft.h"
#include "trust/changes.h"
#include "trust/levels.h"
#include "trust/strict.h"
#include "trust/succession.h"
#include "util/secure_file.h"

namespace seinpost::test {

namespace pb = seinpost::v1;

namespace {

constexpr int kPrekeyMonths = 5;

void Check(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return;
  std::cerr << "test network: " << what << ": " << status << "\n";
  std::abort();
}

template <typename T>
T Get(absl::StatusOr<T> value, absl::string_view what) {
  Check(value.status(), what);
  return *std::move(value);
}

crypto::SigningKey KeyNamed(absl::string_view name) {
  return crypto::SigningKey::FromSeed(TestNetwork::SecretNamed(name));
}

Bytes IdNamed(absl::string_view name) {
  return ToBytes(crypto::Sha256Concat({"test id: ", name})).substr(0, 16);
}

}  // namespace

const crypto::HpkeKeyPair* TestDevice::FindPrekey(ByteView prekey_id) const {
  const auto found = prekeys.find(Bytes(prekey_id));
  return found == prekeys.end() ? nullptr : &found->second;
}

crypto::Secret<32> TestNetwork::SecretNamed(absl::string_view name) {
  return Get(crypto::Secret<32>::FromBytes(View(crypto::Sha256Concat({"test key: ", name}))), "seed");
}

absl::Time TestNetwork::AnyTime() {
  return absl::FromCivil(absl::CivilSecond(2026, 3, 10, 9, 30, 0), absl::UTCTimeZone());
}

TestNetwork TestNetwork::Example(absl::Time now) {
  const Bytes yaml =
      Get(ReadFile("tests/testing/convenants/plaats.yaml", policies::kMaxConvenantBytes), "convenant");
  const Bytes lab =
      Get(ReadFile("tests/testing/convenants/plaats.lab.yaml", policies::kMaxConvenantBytes), "lab file");
  return Make(yaml, lab, now);
}

TestNetwork TestNetwork::Make(absl::string_view yaml, absl::string_view lab_yaml, absl::Time now) {
  TestNetwork network;
  network.now_ = now;
  network.SignConvenant(yaml);
  network.CertifyIssuers();
  const policies::LabFile lab =
      Get(policies::ParseLabFile(lab_yaml, "network.lab.yaml", network.convenant()), "lab file");
  for (const policies::LabMember& member : lab.members) network.Enrol(member);
  return network;
}

void TestNetwork::SignConvenant(absl::string_view yaml) {
  policies::DraftKeys keys;
  for (const std::string& party : Get(policies::SignatoryParties(yaml, "convenant.yaml"), "signatories")) {
    const auto root = roots_.emplace(party, KeyNamed(absl::StrCat("root ", party))).first;
    keys.party_roots[party] = ToBytes(root->second.public_key());
  }
  log_keys_.push_back(std::make_unique<crypto::SigningKey>(KeyNamed("log")));
  broker_key_ = std::make_unique<crypto::SigningKey>(KeyNamed("broker"));
  keys.log_key = ToBytes(log_keys_[0]->public_key());
  keys.broker_key = ToBytes(broker_key_->public_key());
  yaml_ = Get(policies::Instantiate(yaml, "convenant.yaml", keys), "instantiate");
  Bytes object;
  for (const auto& [party, root] : roots_) {
    object = Get(trust::AddConvenantSignature(yaml_, object, party, root), "sign convenant");
  }
  directory_ = trust::Directory(trust::Pin{1, crypto::Sha256(yaml_)});
  Add(std::move(object));
}

void TestNetwork::CertifyIssuers() {
  for (const auto& [id, party] : convenant().parties()) {
    if (convenant().SignatoryOf(party).root) Add(IssuerObject(id));  // others are guests
  }
}

Bytes TestNetwork::IssuerObject(absl::string_view party) {
  const policies::Party& signatory = convenant().SignatoryOf(*convenant().FindParty(party));
  const auto issuer = issuers_.emplace(std::string(party), KeyNamed(absl::StrCat("issuer ", party))).first;
  pb::IssuerCertificate certificate;
  certificate.set_version(1);
  certificate.set_organisation(std::string(party));
  certificate.set_issuer_pk(ToBytes(issuer->second.public_key()));
  certificate.set_not_before(absl::ToUnixSeconds(now_ - absl::Hours(24)));
  certificate.set_not_after(absl::ToUnixSeconds(now_ + absl::Hours(24 * 365)));
  certificate.set_serial(directory_.NextIssuerSerial(party));
  return trust::SignObject(pb::OBJECT_KIND_ISSUER_CERTIFICATE, trust::StrictSerialize(certificate),
                           signatory.id, root(signatory.id));
}

void TestNetwork::Enrol(const policies::LabMember& member) {
  AddDevice(member.profile());
  for (const policies::LabMandate& mandate : member.mandates) {
    Add(MandateObject(member.profile(), mandate.function, mandate.scopes, mandate.max_level,
                      mandate.from.value_or(now_ - absl::Hours(24)),
                      mandate.until.value_or(convenant().valid_until())));
  }
}

std::shared_ptr<const trust::Directory> TestNetwork::SharedDirectory() const {
  return std::make_shared<const trust::Directory>(directory_);
}

const crypto::SigningKey& TestNetwork::root(absl::string_view party) const {
  const auto found = roots_.find(party);
  if (found == roots_.end()) Check(absl::NotFoundError(party), "no root");
  return found->second;
}

const crypto::SigningKey& TestNetwork::issuer(absl::string_view party) const {
  const auto found = issuers_.find(party);
  if (found == issuers_.end()) Check(absl::NotFoundError(party), "no issuer");
  return found->second;
}

const TestDevice& TestNetwork::device(absl::string_view profile) const {
  for (const auto& device : devices_) {
    if (device->profile == profile) return *device;
  }
  Check(absl::NotFoundError(profile), "no such profile");
  std::abort();
}

std::vector<const TestDevice*> TestNetwork::devices() const {
  std::vector<const TestDevice*> devices;
  for (const auto& device : devices_) devices.push_back(device.get());
  return devices;
}

const TestDevice& TestNetwork::AddDevice(absl::string_view profile, bool with_prekeys) {
  const std::vector<std::string> names = absl::StrSplit(profile, '/');
  if (names.size() != 2) Check(absl::InvalidArgumentError(profile), "not party/handle");
  crypto::SigningKey key = KeyNamed(absl::StrCat("device ", profile, " ", counter_++));
  const trust::DeviceId id = trust::DeviceIdOf(View(key.public_key()));
  const trust::SignedDeviceRequest request = trust::MakeDeviceRequest(names[0], names[1], now_, key);
  const trust::MemberRef ref = IdNamed(absl::StrCat("member ", profile));
  Add(Get(
      trust::IssueDeviceCertificate(request, ref, directory_.NextCertificateSerial(names[0]),
                                    now_ - absl::Hours(24), now_ + absl::Hours(24 * 364), issuer(names[0])),
      "device certificate"));
  devices_.push_back(std::make_unique<TestDevice>(
      TestDevice{std::string(profile), names[0], names[1], id, ref, std::move(key), {}}));
  if (with_prekeys) PublishPrekeys(*devices_.back());
  return *devices_.back();
}

void TestNetwork::PublishPrekeys(TestDevice& device) {
  for (const auto& entry : convenant().retention()) {
    for (int month = 0; month < kPrekeyMonths; ++month) Add(PrekeyObject(device, entry.first, month));
  }
}

uint64_t TestNetwork::AddAt(Bytes object, absl::Time now) {
  const size_t versions = directory_.versions().size();
  Check(directory_.Add(object, now), "add object");
  if (directory_.versions().size() > versions) {
    yaml_ = trust::ParseSignedObject(object)->body();
    TakeNewRoots();
  }
  objects_.push_back(std::move(object));
  return objects_.size() - 1;
}

Bytes TestNetwork::MandateObject(absl::string_view profile, absl::string_view function,
                                 std::vector<std::string> scopes, policies::Level max_level, absl::Time from,
                                 absl::Time until) {
  const TestDevice& of = device(profile);
  std::sort(scopes.begin(), scopes.end());
  pb::Mandate mandate;
  mandate.set_version(1);
  mandate.set_convenant_id(convenant().id());
  mandate.set_organisation(of.party);
  mandate.set_member_ref(of.member_ref);
  mandate.set_function(std::string(function));
  for (const std::string& scope : scopes) mandate.add_scopes(scope);
  mandate.set_max_level(trust::LevelToProto(max_level));
  mandate.set_from(absl::ToUnixSeconds(from));
  mandate.set_until(absl::ToUnixSeconds(until));
  mandate.set_mandate_id(IdNamed(absl::StrCat("mandate ", counter_++)));
  return trust::SignObject(pb::OBJECT_KIND_MANDATE, trust::StrictSerialize(mandate), of.party,
                           issuer(of.party));
}

Bytes TestNetwork::RevokeDeviceObject(const TestDevice& device) const {
  pb::Revocation revocation;
  revocation.set_organisation(device.party);
  revocation.set_device_id(device.id);
  return RevocationObject(std::move(revocation));
}

Bytes TestNetwork::RevokeMandateObject(const trust::MandateEntry& mandate) const {
  pb::Revocation revocation;
  revocation.set_organisation(mandate.organisation);
  revocation.set_mandate_id(mandate.mandate_id);
  return RevocationObject(std::move(revocation));
}

Bytes TestNetwork::RevocationObject(pb::Revocation revocation) const {
  revocation.set_version(1);
  revocation.set_number(directory_.NextRevocationNumber(revocation.organisation()));
  revocation.set_time(absl::ToUnixSeconds(now_));
  return trust::SignObject(pb::OBJECT_KIND_REVOCATION, trust::StrictSerialize(revocation),
                           revocation.organisation(), issuer(revocation.organisation()));
}

Bytes TestNetwork::PrekeyObject(const TestDevice& of, absl::string_view retention_class, int months) {
  const policies::RetentionClass* retention = convenant().FindRetention(retention_class);
  if (retention == nullptr) Check(absl::NotFoundError(retention_class), "no such class");
  const absl::CivilMonth month = absl::ToCivilMonth(now_, absl::UTCTimeZone()) + months;
  const absl::Time from = absl::FromCivil(month, absl::UTCTimeZone());
  const absl::Time until = absl::FromCivil(month + 1, absl::UTCTimeZone());
  crypto::HpkeKeyPair pair = crypto::HpkeKeyPair::FromSecret(SecretNamed(
      absl::StrCat("prekey ", ToHex(of.id), " ", retention_class, " ", absl::FormatCivilTime(month))));
  pb::Prekey prekey;
  prekey.set_version(1);
  prekey.set_suite_id(convenant().trust()->suite);
  prekey.set_convenant_id(convenant().id());
  prekey.set_device_id(of.id);
  prekey.set_hpke_pk(ToBytes(pair.public_key));
  prekey.set_retention_class(std::string(retention_class));
  prekey.set_seal_from(absl::ToUnixSeconds(from));
  prekey.set_seal_until(absl::ToUnixSeconds(until));
  prekey.set_delete_after(absl::ToUnixSeconds(until + retention->cap));
  const Bytes body = trust::StrictSerialize(prekey);
  for (const auto& device : devices_) {
    if (device->id == of.id) device->prekeys.emplace(ToBytes(crypto::Sha256(body)), std::move(pair));
  }
  return trust::SignObject(pb::OBJECT_KIND_PREKEY, body, ToHex(of.id), of.key);
}

std::string TestNetwork::SuccessorYaml(const Edit& edit) {
  std::string yaml = yaml_;
  if (edit) edit(yaml);
  policies::SuccessorKeys keys;
  keys.previous_hash = ToBytes(directory_.convenant_hash());
  keys.trust = *convenant().trust();
  keys.trust.log_key = ToBytes(log_key().public_key());
  keys.trust.witnesses = directory_.witnesses();
  keys.trust.witness_quorum = directory_.witness_quorum();
  for (const std::string& party : Get(policies::SignatoryParties(yaml, "convenant.yaml"), "signatories")) {
    const policies::Party* before = convenant().FindParty(party);
    if ((before == nullptr || !before->root) && new_roots_.count(party) == 0) NewRoot(party);
    const auto changed = new_roots_.find(party);
    if (changed != new_roots_.end()) keys.party_roots[party] = ToBytes(changed->second.public_key());
  }
  return Get(policies::InstantiateSuccessor(yaml, "convenant.yaml", convenant(), keys), "successor");
}

const crypto::SigningKey& TestNetwork::NewRoot(absl::string_view party) {
  new_roots_.erase(std::string(party));
  return new_roots_.emplace(std::string(party), KeyNamed(absl::StrCat("root ", party, " ", counter_++)))
      .first->second;
}

// The key of "PARTY" or "PARTY/new" in a successor.
const crypto::SigningKey& TestNetwork::SuccessorKey(absl::string_view signer) const {
  const absl::string_view party = absl::StripSuffix(signer, trust::kNewKeySuffix);
  const policies::Party* before = convenant().FindParty(party);
  const bool with_old_key = party == signer && before != nullptr && before->root;
  return with_old_key ? root(party) : new_roots_.find(party)->second;
}

Bytes TestNetwork::SignedSuccessor(const std::string& yaml, const std::vector<std::string>& leave_out) const {
  const policies::Convenant next = Get(policies::Convenant::Parse(yaml, "convenant.yaml"), "successor");
  Bytes object;
  for (const auto& entry : trust::ConvenantSigners(&convenant(), next)) {
    const std::string& signer = entry.first;
    if (std::find(leave_out.begin(), leave_out.end(), signer) != leave_out.end()) continue;
    object = Get(trust::AddConvenantSignature(yaml, object, signer, SuccessorKey(signer)), "sign successor");
  }
  return object;
}

void TestNetwork::TakeNewRoots() {
  for (const auto& [id, party] : convenant().parties()) {
    const auto made = new_roots_.find(id);
    if (made == new_roots_.end() || party.root != ToBytes(made->second.public_key())) continue;
    roots_.erase(id);
    roots_.emplace(id, std::move(made->second));
    new_roots_.erase(made);
  }
}

const crypto::SigningKey& TestNetwork::log_key() const {
  for (const auto& key : log_keys_) {
    if (key->public_key() == directory_.LogIdentityAsOf().key) return *key;
  }
  Check(absl::NotFoundError("a log key of somebody else is in force"), "log key");
  std::abort();
}

const crypto::SigningKey& TestNetwork::NewLogKey() {
  log_keys_.push_back(std::make_unique<crypto::SigningKey>(KeyNamed(absl::StrCat("log ", log_keys_.size()))));
  return *log_keys_.back();
}

Bytes TestNetwork::SignByQuorum(pb::ObjectKind kind, const Bytes& body) const {
  Bytes object;
  uint32_t signatures = 0;
  for (const auto& entry : trust::RootKeys(convenant())) {
    if (signatures++ == convenant().trust()->change_quorum) break;
    const std::string& party = entry.first;
    object = object.empty() ? trust::SignObject(kind, body, party, root(party))
                            : Get(trust::AddSignature(object, party, root(party)), "sign");
  }
  return object;
}

Bytes TestNetwork::TrustUpdateObject() {
  pb::TrustUpdate update = trust::NewTrustUpdate(directory_);
  update.set_log_key(ToBytes(NewLogKey().public_key()));
  return TrustUpdateObject(update);
}

Bytes TestNetwork::TrustUpdateObject(const pb::TrustUpdate& update) const {
  return SignByQuorum(pb::OBJECT_KIND_TRUST_UPDATE, trust::StrictSerialize(update));
}

Bytes TestNetwork::RestrictChannelObject(absl::string_view channel, policies::Level ceiling) const {
  pb::RestrictionOrder order = trust::NewRestrictionOrder(directory_, now_);
  order.set_channel(std::string(channel));
  order.set_ceiling(trust::LevelToProto(ceiling));
  return RestrictionObject(order);
}

Bytes TestNetwork::RestrictPartyObject(absl::string_view party, policies::Level ceiling) const {
  pb::RestrictionOrder order = trust::NewRestrictionOrder(directory_, now_);
  order.set_party(std::string(party));
  order.set_ceiling(trust::LevelToProto(ceiling));
  return RestrictionObject(order);
}

Bytes TestNetwork::RestrictionObject(const pb::RestrictionOrder& order) const {
  const std::string signer = trust::ControllerKey(convenant()).begin()->first;
  return trust::SignObject(pb::OBJECT_KIND_RESTRICTION_ORDER, trust::StrictSerialize(order), signer,
                           root(signer));
}

Bytes TestNetwork::LogEpochObject(ByteView last_checkpoint, uint64_t first_lost) {
  pb::LogEpoch epoch = trust::NewLogEpoch(directory_, now_);
  epoch.set_last_checkpoint(Bytes(last_checkpoint));
  epoch.set_first_lost(first_lost);
  epoch.set_log_key(ToBytes(NewLogKey().public_key()));
  return LogEpochObject(epoch);
}

Bytes TestNetwork::LogEpochObject(const pb::LogEpoch& epoch) const {
  return SignByQuorum(pb::OBJECT_KIND_LOG_EPOCH, trust::StrictSerialize(epoch));
}

Bytes TestNetwork::Checkpoint(uint64_t size, absl::Time time) const {
  audit::Checkpoint checkpoint;
  checkpoint.origin = directory_.LogIdentityAsOf().origin;
  checkpoint.size = size;
  checkpoint.root = crypto::Sha256Concat({"test root: ", U64(size)});
  checkpoint.directory = audit::DirectoryHead{directory_.size(), directory_.chain_hash()};
  checkpoint.time = time;
  return audit::SignCheckpoint(checkpoint, log_key());
}

}  // namespace seinpost::test
