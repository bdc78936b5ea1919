// SPDX-License-Identifier: EUPL-1.2
#include "server/program/restore.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "audit/anchor.h"
#include "server/copies/backup_copy.h"
#include "server/copies/file_copies.h"
#include "server/realm/anchored_store.h"
#include "server/realm/key_files.h"
#include "server/realm/log_keys.h"
#include "server/realm/realm.h"
#include "trust/log_identity.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxLabelFileBytes = 64 * 1024;
constexpr absl::string_view kRestoring = ".restoring";

class RemovedUnlessKept {
 public:
  explicit RemovedUnlessKept(std::string path) : path_(std::move(path)) { Remove(); }
  ~RemovedUnlessKept() { Remove(); }
  const std::string& path() const { return path_; }

 private:
  void Remove() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string path_;
};

bool IsEmptyOrMissing(const std::string& directory) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(directory, error))) return true;
  return fs::is_directory(directory, error) && fs::is_empty(directory, error) && !error;
}

absl::StatusOr<std::string> ChooseCopy(const RestoreWish& wish) {
  const std::string directory = wish.from + "/data";
  ASSIGN_OR_RETURN(const std::vector<std::string> stamps, StampsIn(directory));
  if (stamps.empty()) return absl::NotFoundError(absl::StrCat("there is no copy in '", directory, "'"));
  if (wish.copy.empty()) return stamps.back();
  if (std::find(stamps.begin(), stamps.end(), wish.copy) != stamps.end()) return wish.copy;
  return absl::NotFoundError(absl::StrCat("there is no copy ", wish.copy, " in '", directory, "', but ",
                                          absl::StrJoin(stamps, ", ")));
}

absl::Status CheckConvenants(const BackupLabel& label, const ServerConfig& config) {
  std::set<std::string> copied, hosted;
  for (const BackupLabel::Convenant& convenant : label.convenants) copied.insert(convenant.id);
  for (const HostedConvenant& convenant : config.convenants) hosted.insert(convenant.id);
  if (copied == hosted) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the copy is of the convenants ", absl::StrJoin(copied, ", "), ", and the configuration names ",
      absl::StrJoin(hosted, ", "), ": restore it with the configuration that it was made with"));
}

absl::Status CheckIdentity(const BackupLabel& label, const std::string& keys_dir) {
  ASSIGN_OR_RETURN(const crypto::SigningKey identity, ReadKeyFile(IdentityKeyPath(keys_dir)));
  if (View(identity.public_key()) == label.identity) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the copy is of another broker, whose identity is ", ToHex(label.identity), "; the one in '", keys_dir,
      "' is ", ToHex(View(identity.public_key())), ": nothing was restored"));
}

// Nothing: the keys are in their place. Else where they were copied to.
absl::StatusOr<std::string> FetchKeys(const ServerConfig& config, const RestoreWish& wish,
                                      const std::string& stamp, const std::string& to) {
  if (fs::exists(IdentityKeyPath(config.keys_dir))) return std::string();
  if (!IsEmptyOrMissing(config.keys_dir)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "'", config.keys_dir, "' is not empty, but holds no identity.key: keys go only into an empty place"));
  }
  const std::string from =
      absl::StrCat(wish.keys_from.empty() ? wish.from + "/keys" : wish.keys_from, "/", stamp);
  std::error_code error;
  if (!fs::is_directory(from, error)) {
    return absl::NotFoundError(absl::StrCat("there are no keys in '", config.keys_dir,
                                            "', and no copy of them in '", from,
                                            "': name the place of its copies with --keys-from"));
  }
  RETURN_IF_ERROR(CheckHashList(from));
  ASSIGN_OR_RETURN(const FileHashes hashes, CopyTree(from, to));
  if (unlink(absl::StrCat(to, "/", kHashListName).c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot write in '", to, "'"));
  }
  return to;
}

// Where there is no anchor, the log must not be written as if nothing were missing.
absl::Status MarkUnanchored(const ServerConfig& config, absl::Time now) {
  for (const HostedConvenant& convenant : config.convenants) {
    if (fs::exists(AnchorPath(config.anchor_dir, convenant.id))) continue;
    RETURN_IF_ERROR(
        WriteFileAtomically(RestoredMarkPath(config.anchor_dir, convenant.id), StampOf(now) + "\n"));
  }
  return absl::OkStatus();
}

// The note in FILE of "CONVENANT=FILE", once the log's own key has been seen to have signed it; where to put
// it.
absl::StatusOr<std::pair<std::string, Bytes>> ReadLastCheckpoint(const ServerConfig& config,
                                                                 const std::string& keys_dir,
                                                                 const std::string& wanted) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(wanted, absl::MaxSplits('=', 1));
  const auto& [id, file] = parts;
  const bool hosted =
      std::any_of(config.convenants.begin(), config.convenants.end(),
                  [&id = id](const HostedConvenant& convenant) { return convenant.id == id; });
  if (!hosted || file.empty()) {
    return absl::InvalidArgumentError(
        "checkpoint: CONVENANT=FILE is wanted, a convenant of the configuration");
  }
  const std::string place = AnchorPath(config.anchor_dir, id);
  if (fs::exists(place)) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is an anchor, '", place, "', and none is ever replaced"));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<LogKeys> keys, LogKeys::Open(RealmKeyDirectory(keys_dir, id)));
  const absl::StatusOr<std::unique_ptr<audit::Anchor>> note = audit::Anchor::Look(file, keys->PublicKeys());
  const std::string origin = trust::LogOrigin(id);
  if (!note.ok() || !(*note)->checkpoint() ||
      ((*note)->checkpoint()->origin != origin &&
       !absl::StartsWith((*note)->checkpoint()->origin, origin + "/"))) {
    return absl::InvalidArgumentError(
        absl::StrCat("checkpoint: '", file, "' holds no checkpoint that the log of ", id, " signed"));
  }
  return std::make_pair(place, (*note)->note());
}

}  // namespace

absl::StatusOr<Restored> RestoreBackup(const ServerConfig& config, const RestoreWish& wish, absl::Time now,
                                       const CheckProgress& progress) {
  Restored restored;
  ASSIGN_OR_RETURN(restored.stamp, ChooseCopy(wish));
  const std::string copy = absl::StrCat(wish.from, "/data/", restored.stamp);
  const std::string database = config.data_dir + "/db";
  if (!IsEmptyOrMissing(database)) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is something in '", database,
                     "': a copy is restored only where there is nothing; move it away first"));
  }
  if (progress) progress("reading the copy");
  RETURN_IF_ERROR(CheckHashList(copy));
  const std::string label_path = absl::StrCat(copy, "/", kBackupFileName);
  ASSIGN_OR_RETURN(const Bytes label_text, ReadFile(label_path, kMaxLabelFileBytes));
  const absl::StatusOr<BackupLabel> label = ParseBackupLabel(label_text, label_path);
  if (!label.ok()) return absl::DataLossError(label.status().message());
  RETURN_IF_ERROR(CheckConvenants(*label, config));

  const RemovedUnlessKept new_keys(absl::StrCat(config.keys_dir, kRestoring));
  const RemovedUnlessKept new_database(absl::StrCat(database, kRestoring));
  RETURN_IF_ERROR(MakePrivateDirectory(config.data_dir));
  RETURN_IF_ERROR(MakePrivateDirectory(fs::path(config.keys_dir).parent_path()));
  ASSIGN_OR_RETURN(const std::string fetched, FetchKeys(config, wish, restored.stamp, new_keys.path()));
  restored.keys = !fetched.empty();
  const std::string& keys_dir = restored.keys ? fetched : config.keys_dir;
  RETURN_IF_ERROR(CheckIdentity(*label, keys_dir));
  std::pair<std::string, Bytes> anchor;
  if (!wish.checkpoints.empty()) {
    ASSIGN_OR_RETURN(anchor, ReadLastCheckpoint(config, keys_dir, wish.checkpoints));
  }
  if (progress) progress("copying the database");
  RETURN_IF_ERROR(CopyTree(copy + "/db", new_database.path()).status());
  ASSIGN_OR_RETURN(const BrokerCheck check,
                   CheckBroker({new_database.path(), keys_dir, config.anchor_dir}, config.convenants,
                               CheckDepth::kEverything, progress));
  if (!check.sound()) {
    return absl::DataLossError(
        "the copy does not hold what it should: try another one (--copy), and tell whoever "
        "keeps them");
  }
  RETURN_IF_ERROR(MakePrivateDirectory(config.anchor_dir));
  if (!anchor.first.empty()) RETURN_IF_ERROR(WriteFileAtomically(anchor.first, anchor.second));
  RETURN_IF_ERROR(MarkUnanchored(config, now));
  if (restored.keys) RETURN_IF_ERROR(RenameDurably(new_keys.path(), config.keys_dir));
  RETURN_IF_ERROR(RenameDurably(new_database.path(), database));
  ASSIGN_OR_RETURN(BrokerCheck stands, CheckBroker(PlacesOf(config), config.convenants));
  restored.realms = std::move(stands.realms);
  return restored;
}

}  // namespace seinpost::server
