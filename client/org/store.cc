// SPDX-License-Identifier: EUPL-1.2
#include "client/org/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "trust/fields.h"
#include "trust/levels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kRootFile[] = "root.sealed";
constexpr char kNextRootFile[] = "next-root.sealed";
constexpr char kIssuerFile[] = "issuer.sealed";
constexpr size_t kMaxOrgFileBytes = 16 * 1024 * 1024;
constexpr size_t kMaxKeyFileBytes = 4096;
constexpr uint32_t kBodyVersion = 1;
constexpr absl::Duration kIssuerLife = absl::Hours(365 * 24);

std::string PathOf(const std::string& directory, absl::string_view name) {
  return absl::StrCat(directory, "/", name);
}

absl::Status SaveKey(const std::string& path, const crypto::SigningKey& key, ByteView passphrase,
                     crypto::PassphraseStrength strength) {
  const crypto::Secret<32> seed = key.seed();
  ASSIGN_OR_RETURN(const Bytes sealed,
                   crypto::SealWithPassphrase(passphrase, seed.ExposeSecretView(), strength));
  return WriteFileAtomically(path, sealed);
}

}  // namespace

absl::StatusOr<OrgStore> OrgStore::Create(const std::string& directory, absl::string_view organisation,
                                          const crypto::SigningKey* root, ByteView passphrase,
                                          crypto::PassphraseStrength strength) {
  RETURN_IF_ERROR(trust::CheckText(organisation, "organisation"));
  RETURN_IF_ERROR(MakePrivateDirectory(directory));
  ASSIGN_OR_RETURN(FileLock lock, FileLock::AcquireBlocking(PathOf(directory, "lock")));
  struct stat found{};
  if (stat(PathOf(directory, "org.json").c_str(), &found) == 0) {
    return absl::AlreadyExistsError("there is a key directory already");
  }
  OrgStore store(directory, std::move(lock), OrgData{});
  OrgData data;
  data.organisation = std::string(organisation);
  if (root != nullptr) {
    RETURN_IF_ERROR(SaveKey(PathOf(directory, kRootFile), *root, passphrase, strength));
    data.root_key = ToBytes(root->public_key());
  }
  RETURN_IF_ERROR(store.Save(std::move(data)));
  return store;
}

absl::StatusOr<OrgStore> OrgStore::Open(const std::string& directory) {
  const std::string path = PathOf(directory, "org.json");
  struct stat found{};
  if (stat(path.c_str(), &found) != 0) {
    return absl::NotFoundError("no key directory there: org.json is missing");
  }
  ASSIGN_OR_RETURN(FileLock lock, FileLock::AcquireBlocking(PathOf(directory, "lock")));
  ASSIGN_OR_RETURN(const Bytes text, ReadFile(path, kMaxOrgFileBytes));
  ASSIGN_OR_RETURN(OrgData data, DecodeOrgData(text));
  return OrgStore(directory, std::move(lock), std::move(data));
}

absl::Status OrgStore::Save(OrgData changed) {
  RETURN_IF_ERROR(WriteFileAtomically(PathOf(directory_, "org.json"), EncodeOrgData(changed)));
  data_ = std::move(changed);
  return absl::OkStatus();
}

absl::StatusOr<crypto::SigningKey> OrgStore::LoadKey(absl::string_view name, ByteView want,
                                                     ByteView passphrase) const {
  ASSIGN_OR_RETURN(const Bytes sealed, ReadFile(PathOf(directory_, name), kMaxKeyFileBytes));
  ASSIGN_OR_RETURN(const crypto::WipedBytes plain, crypto::OpenWithPassphrase(passphrase, sealed));
  ASSIGN_OR_RETURN(const crypto::Secret<32> seed, crypto::Secret<32>::FromBytes(plain.ExposeSecretView()));
  crypto::SigningKey key = crypto::SigningKey::FromSeed(seed);
  if (View(key.public_key()) != want) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": holds another key than org.json names"));
  }
  return key;
}

absl::StatusOr<crypto::SigningKey> OrgStore::Root(ByteView passphrase) const {
  if (data_.root_key.empty())
    return absl::NotFoundError("this organisation has no root key: another signs for it");
  return RootFor(data_.root_key, passphrase);
}

absl::StatusOr<crypto::SigningKey> OrgStore::RootFor(ByteView public_key, ByteView passphrase) const {
  if (public_key.empty() || (public_key != data_.root_key && public_key != data_.next_root_key)) {
    return absl::NotFoundError("this key directory holds no such root key");
  }
  // AdoptNextRoot writes org.json first: after a crash in it the key still has the name of the next one.
  absl::StatusOr<crypto::SigningKey> key = LoadKey(kRootFile, public_key, passphrase);
  if (key.ok()) return key;
  absl::StatusOr<crypto::SigningKey> next = LoadKey(kNextRootFile, public_key, passphrase);
  if (next.ok() || public_key == data_.next_root_key) return next;
  return key;
}

absl::Status OrgStore::MakeNextRoot(ByteView passphrase, crypto::PassphraseStrength strength) {
  if (!data_.next_root_key.empty()) {
    return absl::AlreadyExistsError("there is a next root key already: org fingerprint shows it");
  }
  const crypto::SigningKey root = crypto::SigningKey::Generate();
  RETURN_IF_ERROR(SaveKey(PathOf(directory_, kNextRootFile), root, passphrase, strength));
  OrgData changed = data_;
  changed.next_root_key = ToBytes(root.public_key());
  return Save(std::move(changed));
}

absl::Status OrgStore::AdoptNextRoot() {
  if (data_.next_root_key.empty()) return absl::FailedPreconditionError("there is no next root key");
  ASSIGN_OR_RETURN(const Bytes sealed, ReadFile(PathOf(directory_, kNextRootFile), kMaxKeyFileBytes));
  OrgData changed = data_;
  changed.root_key = changed.next_root_key;
  changed.next_root_key.clear();
  RETURN_IF_ERROR(Save(std::move(changed)));
  RETURN_IF_ERROR(WriteFileAtomically(PathOf(directory_, kRootFile), sealed));
  unlink(PathOf(directory_, kNextRootFile).c_str());
  return absl::OkStatus();
}

absl::StatusOr<crypto::SigningKey> OrgStore::Issuer(ByteView passphrase) const {
  if (data_.issuer_key.empty())
    return absl::NotFoundError("there is no issuer key yet: make one with org issuer");
  return LoadKey(kIssuerFile, data_.issuer_key, passphrase);
}

absl::Status OrgStore::SetBroker(absl::string_view convenant, absl::string_view broker,
                                 absl::string_view tls_ca_pem) {
  OrgData changed = data_;
  if (!convenant.empty() && changed.convenant != convenant) {
    changed.convenant = std::string(convenant);
    changed.convenant_hash.clear();
  }
  if (!broker.empty()) changed.broker = std::string(broker);
  if (!tls_ca_pem.empty()) changed.tls_ca_pem = std::string(tls_ca_pem);
  return Save(std::move(changed));
}

absl::StatusOr<crypto::SigningKey> OrgStore::MakeIssuer(absl::string_view signer,
                                                        const crypto::SigningKey& root, absl::Time now,
                                                        ByteView passphrase,
                                                        crypto::PassphraseStrength strength) {
  crypto::SigningKey issuer = crypto::SigningKey::Generate();
  OrgData changed = data_;
  v1::IssuerCertificate certificate;
  certificate.set_version(kBodyVersion);
  certificate.set_organisation(changed.organisation);
  certificate.set_issuer_pk(ToBytes(issuer.public_key()));
  certificate.set_not_before(absl::ToUnixSeconds(now));
  certificate.set_not_after(absl::ToUnixSeconds(now + kIssuerLife));
  certificate.set_serial(++changed.issuer_serial);
  changed.issuer_key = certificate.issuer_pk();
  changed.pending.push_back(trust::SignObject(v1::OBJECT_KIND_ISSUER_CERTIFICATE,
                                              trust::StrictSerialize(certificate), signer, root));
  RETURN_IF_ERROR(SaveKey(PathOf(directory_, kIssuerFile), issuer, passphrase, strength));
  RETURN_IF_ERROR(Save(std::move(changed)));
  return issuer;
}

absl::StatusOr<OrgData::Device> OrgStore::Issue(const trust::SignedDeviceRequest& request, absl::Time now,
                                                absl::Time until, const crypto::SigningKey& issuer) {
  ASSIGN_OR_RETURN(const v1::DeviceRequest asked, trust::CheckDeviceRequest(request));
  if (asked.organisation() != data_.organisation) {
    return absl::FailedPreconditionError("the request is for another organisation");
  }
  OrgData changed = data_;
  OrgData::Device device;
  device.id = trust::DeviceIdOf(asked.sig_pk());
  for (const OrgData::Device& known : changed.devices) {
    if (known.id != device.id) continue;
    if (data_.Waits(v1::OBJECT_KIND_DEVICE_CERTIFICATE, device.id)) return known;
    return absl::FailedPreconditionError("this device has a certificate already");
  }
  if (changed.FindMember(asked.handle()) == nullptr) {
    changed.members.push_back({asked.handle(), crypto::RandomBytes(trust::kIdBytes)});
  }
  device.handle = asked.handle();
  device.serial = ++changed.certificate_serial;
  device.not_after = until;
  ASSIGN_OR_RETURN(Bytes object,
                   trust::IssueDeviceCertificate(request, changed.FindMember(device.handle)->ref,
                                                 device.serial, now, until, issuer));
  changed.pending.push_back(std::move(object));
  changed.devices.push_back(device);
  RETURN_IF_ERROR(Save(std::move(changed)));
  return device;
}

absl::StatusOr<OrgData::Mandate> OrgStore::Grant(const GrantRequest& request,
                                                 const crypto::SigningKey& issuer) {
  if (data_.convenant.empty()) return absl::FailedPreconditionError("which convenant is not known yet");
  const OrgData::Member* member = data_.FindMember(request.handle);
  if (member == nullptr) return absl::NotFoundError("no such member: certify a device of that handle first");
  const OrgData::Member* stands_in_for = nullptr;
  if (!request.deputy_for.empty()) {
    stands_in_for = data_.FindMember(request.deputy_for);
    if (stands_in_for == nullptr) return absl::NotFoundError("no such member to stand in for");
  }
  OrgData changed = data_;
  OrgData::Mandate mandate;
  mandate.id = crypto::RandomBytes(trust::kIdBytes);
  mandate.handle = request.handle;
  mandate.function = request.function;
  mandate.scopes = request.scopes;
  std::sort(mandate.scopes.begin(), mandate.scopes.end());
  mandate.scopes.erase(std::unique(mandate.scopes.begin(), mandate.scopes.end()), mandate.scopes.end());
  mandate.max_level = request.max_level;
  mandate.from = request.from;
  mandate.until = request.until;
  mandate.deputy_for = request.deputy_for;

  v1::Mandate body;
  body.set_version(kBodyVersion);
  body.set_convenant_id(changed.convenant);
  body.set_organisation(changed.organisation);
  body.set_member_ref(member->ref);
  body.set_function(mandate.function);
  for (const std::string& scope : mandate.scopes) body.add_scopes(scope);
  body.set_max_level(trust::LevelToProto(mandate.max_level));
  body.set_from(absl::ToUnixSeconds(mandate.from));
  body.set_until(absl::ToUnixSeconds(mandate.until));
  body.set_mandate_id(mandate.id);
  if (stands_in_for != nullptr) body.set_deputy_for(stands_in_for->ref);
  changed.pending.push_back(
      trust::SignObject(v1::OBJECT_KIND_MANDATE, trust::StrictSerialize(body), changed.organisation, issuer));
  changed.mandates.push_back(mandate);
  RETURN_IF_ERROR(Save(std::move(changed)));
  return mandate;
}

absl::Status OrgStore::Revoke(v1::Revocation revocation, OrgData changed, const crypto::SigningKey& issuer) {
  revocation.set_version(kBodyVersion);
  revocation.set_organisation(changed.organisation);
  revocation.set_number(++changed.revocation_number);
  changed.pending.push_back(trust::SignObject(v1::OBJECT_KIND_REVOCATION, trust::StrictSerialize(revocation),
                                              changed.organisation, issuer));
  return Save(std::move(changed));
}

absl::Status OrgStore::EndMandate(ByteView mandate_id, absl::Time now, const crypto::SigningKey& issuer) {
  OrgData changed = data_;
  for (OrgData::Mandate& mandate : changed.mandates) {
    if (mandate.id != mandate_id) continue;
    if (mandate.ended) {
      return data_.Waits(v1::OBJECT_KIND_REVOCATION, mandate_id)
                 ? absl::OkStatus()
                 : absl::FailedPreconditionError("this mandate has ended already");
    }
    mandate.ended = true;
    v1::Revocation revocation;
    revocation.set_mandate_id(mandate.id);
    revocation.set_time(absl::ToUnixSeconds(now));
    return Revoke(std::move(revocation), std::move(changed), issuer);
  }
  return absl::NotFoundError("no such mandate");
}

absl::Status OrgStore::RevokeDevice(ByteView device_id, absl::Time now, const crypto::SigningKey& issuer) {
  OrgData changed = data_;
  for (OrgData::Device& device : changed.devices) {
    if (device.id != device_id) continue;
    if (device.revoked) {
      return data_.Waits(v1::OBJECT_KIND_REVOCATION, device_id)
                 ? absl::OkStatus()
                 : absl::FailedPreconditionError("this device is revoked already");
    }
    device.revoked = true;
    v1::Revocation revocation;
    revocation.set_device_id(device.id);
    revocation.set_time(absl::ToUnixSeconds(now));
    return Revoke(std::move(revocation), std::move(changed), issuer);
  }
  return absl::NotFoundError("no such device");
}

}  // namespace seinpost::client
