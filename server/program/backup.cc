// SPDX-License-Identifier: EUPL-1.2
#include "server/program/backup.h"

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "audit/signed_note.h"
#include "server/copies/backup_copy.h"
#include "server/copies/control.h"
#include "server/copies/file_copies.h"
#include "server/program/places.h"
#include "server/realm/anchored_store.h"
#include "server/realm/key_files.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

namespace fs = std::filesystem;

// Removes what was not finished.
class Unfinished {
 public:
  explicit Unfinished(std::string path) : path_(std::move(path)) {}
  ~Unfinished() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

std::string CanonicalPlace(const std::string& path) {
  std::error_code error;
  fs::path canonical = fs::weakly_canonical(fs::absolute(path, error), error);
  if (!canonical.has_filename()) canonical = canonical.parent_path();
  return canonical.string();
}

bool IsWithin(const std::string& path, const std::string& other) {
  return absl::StartsWith(path + "/", other + "/");
}

struct BackupPlaces {
  std::string root, data, keys;
};

absl::StatusOr<BackupPlaces> PreparePlaces(const ServerConfig& config, const BackupWish& wish) {
  if (wish.keep_days < 1 || wish.keep_days > kMostKeptDays) {
    return absl::InvalidArgumentError(
        absl::StrCat("keep-days: from 1 to ", kMostKeptDays,
                     ", since a copy still holds the keys of what was destroyed, and may for thirty days"));
  }
  const std::string root = CanonicalPlace(wish.to);
  BackupPlaces places{root, root + "/data",
                      wish.keys_to.empty() ? root + "/keys" : CanonicalPlace(wish.keys_to)};
  for (const std::string& own : {config.data_dir, config.keys_dir, config.anchor_dir}) {
    for (const std::string& place : {places.data, places.keys}) {
      if (!IsWithin(place, own) && !IsWithin(own, place)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("to: '", place, "' and '", own,
                       "' lie within each other: take another place, best on another disk"));
    }
  }
  if (IsWithin(places.keys, places.data) || IsWithin(places.data, places.keys)) {
    return absl::InvalidArgumentError("keys-to: copies of keys must lie apart from those of the database");
  }
  for (const std::string& directory : {places.root, places.data, places.keys}) {
    RETURN_IF_ERROR(MakePrivateDirectory(directory));
    RETURN_IF_ERROR(CheckOwnDirectory(directory));
  }
  return places;
}

absl::Status RemoveUnfinished(const std::string& directory) {
  std::vector<fs::path> left;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (absl::StartsWith(entry.path().filename().string(), kBeingMade)) left.push_back(entry.path());
  }
  for (const fs::path& path : left) fs::remove_all(path, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot clear '", directory, "': ", error.message()));
  return absl::OkStatus();
}

// The anchors as they are before the copy: what they say was signed must be in it.
absl::Status KeepAnchors(const ServerConfig& config, const std::string& to) {
  RETURN_IF_ERROR(MakePrivateDirectory(to));
  for (const HostedConvenant& convenant : config.convenants) {
    const absl::StatusOr<Bytes> note =
        ReadFile(AnchorPath(config.anchor_dir, convenant.id), audit::kMaxNoteBytes);
    if (absl::IsNotFound(note.status())) continue;
    RETURN_IF_ERROR(note.status());
    RETURN_IF_ERROR(WriteFileAtomically(AnchorPath(to, convenant.id), *note));
  }
  return absl::OkStatus();
}

// OK, or the first fault that reading the copy found.
absl::Status FaultIn(const BrokerCheck& check) {
  for (const CheckedRealm& realm : check.realms) {
    if (!realm.deep || realm.deep->faults.empty()) continue;
    return absl::DataLossError(absl::StrCat("convenant ", realm.report.convenant, ": ",
                                            realm.deep->faults.front(),
                                            ". No copy was kept; `seinpostd check --deep` tells all"));
  }
  return absl::OkStatus();
}

absl::Status Wholeness(const BrokerCheck& check) {
  for (const CheckedRealm& realm : check.realms) {
    if (!realm.report.writable.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("convenant ", realm.report.convenant, ": ", realm.report.writable.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status LabelAndList(const std::string& directory, const BackupLabel& label,
                          const FileHashes& database) {
  RETURN_IF_ERROR(
      WriteFileAtomically(absl::StrCat(directory, "/", kBackupFileName), EncodeBackupLabel(label)));
  FileHashes all;
  for (const auto& [file, hash] : database) all["db/" + file] = hash;
  ASSIGN_OR_RETURN(all[kBackupFileName], HashFile(absl::StrCat(directory, "/", kBackupFileName)));
  RETURN_IF_ERROR(WriteHashList(directory, all));
  return CheckHashList(directory);
}

absl::Status RemoveOld(const std::string& directory, absl::Time oldest, std::vector<std::string>& removed) {
  ASSIGN_OR_RETURN(const std::vector<std::string> stamps, StampsIn(directory));
  for (const std::string& stamp : stamps) {
    ASSIGN_OR_RETURN(const absl::Time made, TimeOfStamp(stamp));
    if (made > oldest) continue;
    const std::string path = absl::StrCat(directory, "/", stamp);
    std::error_code error;
    fs::remove_all(path, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat("the backup was made, but '", path,
                                                 "' is too old and cannot be removed: ", error.message()));
    }
    removed.push_back(path);
  }
  return SyncDirectory(directory);
}

}  // namespace

absl::StatusOr<BackupMade> MakeBackup(const ServerConfig& config, const BackupWish& wish, absl::Time now,
                                      const CheckProgress& progress) {
  ASSIGN_OR_RETURN(const BackupPlaces places, PreparePlaces(config, wish));
  ASSIGN_OR_RETURN(const FileLock data_lock, FileLock::Acquire(places.data + "/.lock"));
  ASSIGN_OR_RETURN(const FileLock keys_lock, FileLock::Acquire(places.keys + "/.lock"));
  RETURN_IF_ERROR(RemoveUnfinished(places.data));
  RETURN_IF_ERROR(RemoveUnfinished(places.keys));
  BackupMade made;
  made.stamp = StampOf(now);
  made.data = absl::StrCat(places.data, "/", made.stamp);
  made.keys = absl::StrCat(places.keys, "/", made.stamp);
  if (fs::exists(made.data) || fs::exists(made.keys)) {
    return absl::UnavailableError(absl::StrCat("there is a copy named ", made.stamp, " already"));
  }
  const Unfinished data(absl::StrCat(places.data, "/", kBeingMade, made.stamp));
  const Unfinished keys(absl::StrCat(places.keys, "/", kBeingMade, made.stamp));
  const Unfinished anchors(absl::StrCat(places.data, "/", kBeingMade, "anchors-", made.stamp));
  RETURN_IF_ERROR(KeepAnchors(config, anchors.path()));
  RETURN_IF_ERROR(MakePrivateDirectory(data.path()));
  FileHashes database;
  {
    ASSIGN_OR_RETURN(const CheckpointLease lease, CheckpointLease::Take(config.data_dir));
    made.online = lease.online();
    if (progress) progress("copying the database");
    ASSIGN_OR_RETURN(database, CopyTree(lease.directory(), data.path() + "/db"));
  }
  // After the database: a key is on disk before the first row that needs it is committed.
  ASSIGN_OR_RETURN(const FileHashes key_files, CopyTree(config.keys_dir, keys.path()));
  if (progress) progress("reading the copy");
  ASSIGN_OR_RETURN(BrokerCheck check, CheckBroker({data.path() + "/db", keys.path(), anchors.path()},
                                                  config.convenants, CheckDepth::kEverything, progress));
  RETURN_IF_ERROR(FaultIn(check));
  made.whole = Wholeness(check);
  ASSIGN_OR_RETURN(const crypto::SigningKey identity, ReadKeyFile(IdentityKeyPath(keys.path())));
  BackupLabel label{now, ToBytes(identity.public_key()), {}};
  for (const CheckedRealm& realm : check.realms)
    label.convenants.push_back({realm.report.convenant, realm.report.size});
  RETURN_IF_ERROR(LabelAndList(data.path(), label, database));
  RETURN_IF_ERROR(WriteHashList(keys.path(), key_files));
  RETURN_IF_ERROR(CheckHashList(keys.path()));
  RETURN_IF_ERROR(RenameDurably(keys.path(), made.keys));
  RETURN_IF_ERROR(RenameDurably(data.path(), made.data));
  made.realms = std::move(check.realms);
  if (!made.whole.ok()) return made;
  const absl::Time oldest = now - absl::Hours(24) * wish.keep_days;
  RETURN_IF_ERROR(RemoveOld(places.data, oldest, made.removed));
  RETURN_IF_ERROR(RemoveOld(places.keys, oldest, made.removed));
  return made;
}

}  // namespace seinpost::server
