// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/key_fingerprints.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "audit/search_index.h"
#include "server/realm/key_files.h"
#include "server/realm/log_keys.h"
#include "trust/log_identity.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kPublicKeyBytes = sizeof(crypto::PublicKey);
constexpr absl::string_view kIdentityRow = "key/identity";

Bytes IndexRow(const HostedConvenant& convenant) { return absl::StrCat("key/index/", convenant.id); }
Bytes LogRow(const HostedConvenant& convenant) { return absl::StrCat("key/log/", convenant.id); }

// Empty: nothing recorded.
absl::StatusOr<Bytes> Recorded(const Store& store, ByteView row) {
  absl::StatusOr<Bytes> value = store.Get(Family::kMeta, row);
  if (absl::IsNotFound(value.status())) return Bytes();
  return value;
}

absl::Status WrongKey(const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat("'", path,
                   "' is not the key that this database goes with: put back the file as it was, from a copy "
                   "of keys_dir"));
}

std::string IndexKeyPath(const std::string& keys_dir, const HostedConvenant& convenant) {
  return RealmKeyDirectory(keys_dir, convenant.id) + "/index.key";
}

absl::StatusOr<Bytes> IndexFingerprint(const std::string& keys_dir, const HostedConvenant& convenant) {
  ASSIGN_OR_RETURN(const audit::SearchIndex index,
                   audit::SearchIndex::Open(IndexKeyPath(keys_dir, convenant), trust::LogOrigin(convenant.id),
                                            audit::SearchIndex::KeyFile::kMustBeThere));
  return ToBytes(index.KeyFingerprint());
}

absl::Status CheckIndexKey(const Store& store, const std::string& keys_dir,
                           const HostedConvenant& convenant) {
  ASSIGN_OR_RETURN(const Bytes recorded, Recorded(store, IndexRow(convenant)));
  if (recorded.empty()) return absl::OkStatus();
  const absl::StatusOr<Bytes> now = IndexFingerprint(keys_dir, convenant);
  if (absl::IsNotFound(now.status()) || (now.ok() && *now != recorded)) {
    return WrongKey(IndexKeyPath(keys_dir, convenant));
  }
  return now.status();
}

// Every log key there ever was is still needed, under whichever name.
absl::Status CheckLogKeys(const Store& store, const std::string& keys_dir, const HostedConvenant& convenant) {
  ASSIGN_OR_RETURN(const Bytes recorded, Recorded(store, LogRow(convenant)));
  const std::string directory = RealmKeyDirectory(keys_dir, convenant.id);
  ASSIGN_OR_RETURN(const std::unique_ptr<LogKeys> keys, LogKeys::Open(directory));
  const std::vector<crypto::PublicKey> there = keys->PublicKeys();
  for (size_t at = 0; at + kPublicKeyBytes <= recorded.size(); at += kPublicKeyBytes) {
    const ByteView key = ByteView(recorded).substr(at, kPublicKeyBytes);
    const bool found = std::any_of(there.begin(), there.end(),
                                   [key](const crypto::PublicKey& one) { return View(one) == key; });
    if (!found) {
      return absl::FailedPreconditionError(absl::StrCat(
          "no file in '", directory, "' holds the log key ", ToHex(key),
          ", by which this log was signed: put back log.key and log-N.key as they were, from a copy of "
          "keys_dir"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckKeyFingerprints(const Store& store, const std::string& keys_dir,
                                  const std::vector<HostedConvenant>& convenants) {
  ASSIGN_OR_RETURN(const crypto::SigningKey identity, ReadKeyFile(IdentityKeyPath(keys_dir)));
  ASSIGN_OR_RETURN(const Bytes recorded, Recorded(store, kIdentityRow));
  if (!recorded.empty() && View(identity.public_key()) != recorded)
    return WrongKey(IdentityKeyPath(keys_dir));
  for (const HostedConvenant& convenant : convenants) {
    RETURN_IF_ERROR(CheckLogKeys(store, keys_dir, convenant));
    RETURN_IF_ERROR(CheckIndexKey(store, keys_dir, convenant));
  }
  return absl::OkStatus();
}

absl::Status RecordKeyFingerprints(Store& store, const std::string& keys_dir,
                                   const std::vector<HostedConvenant>& convenants) {
  Batch batch;
  const auto record = [&](ByteView row, const Bytes& value) -> absl::Status {
    ASSIGN_OR_RETURN(const Bytes recorded, Recorded(store, row));
    if (recorded.empty()) batch.Put(Family::kMeta, row, value);
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const crypto::SigningKey identity, ReadKeyFile(IdentityKeyPath(keys_dir)));
  RETURN_IF_ERROR(record(kIdentityRow, ToBytes(identity.public_key())));
  for (const HostedConvenant& convenant : convenants) {
    ASSIGN_OR_RETURN(const Bytes index, IndexFingerprint(keys_dir, convenant));
    RETURN_IF_ERROR(record(IndexRow(convenant), index));
    ASSIGN_OR_RETURN(const crypto::SigningKey log_key, ReadKeyFile(LogKeyPath(keys_dir, convenant.id)));
    ASSIGN_OR_RETURN(const Bytes log_keys, Recorded(store, LogRow(convenant)));
    bool known = false;
    for (size_t at = 0; at + kPublicKeyBytes <= log_keys.size(); at += kPublicKeyBytes) {
      known = known || ByteView(log_keys).substr(at, kPublicKeyBytes) == View(log_key.public_key());
    }
    if (!known) batch.Put(Family::kMeta, LogRow(convenant), log_keys + ToBytes(log_key.public_key()));
  }
  return batch.empty() ? absl::OkStatus() : store.Commit(batch);
}

}  // namespace seinpost::server
