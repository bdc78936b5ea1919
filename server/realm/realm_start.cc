// SPDX-License-Identifier: EUPL-1.2
// How a realm comes to life: what is stored is read and checked against itself and against the anchor
// (docs/operations.md). The rest of Realm is in realm.cc.
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/realm/anchored_store.h"
#include "server/realm/key_files.h"
#include "server/realm/realm.h"
#include "server/rows/records.h"
#include "trust/log_identity.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

absl::Status MustBeDirectory(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("no directory '", path, "': put it back from a copy of keys_dir"));
}

}  // namespace

std::string RestoredMarkPath(const std::string& anchor_dir, const std::string& convenant_id) {
  return absl::StrCat(anchor_dir, "/", convenant_id, ".restored");
}

absl::StatusOr<std::unique_ptr<Realm>> Realm::Load(const HostedConvenant& hosted, const Store& store,
                                                   const std::string& keys_dir, const std::string& anchor_dir,
                                                   Purpose purpose) {
  const bool looks = purpose == Purpose::kLook;
  const std::string own_keys = RealmKeyDirectory(keys_dir, hosted.id);
  const std::string first_origin = trust::LogOrigin(hosted.id);
  auto realm = std::unique_ptr<Realm>(new Realm(hosted));
  ASSIGN_OR_RETURN(realm->log_keys_, LogKeys::Open(own_keys));
  if (looks) RETURN_IF_ERROR(MustBeDirectory(own_keys + "/payload"));
  ASSIGN_OR_RETURN(realm->payload_keys_, audit::PayloadKeyFiles::Open(own_keys + "/payload", first_origin));
  ASSIGN_OR_RETURN(audit::SearchIndex index,
                   audit::SearchIndex::Open(own_keys + "/index.key", first_origin,
                                            looks ? audit::SearchIndex::KeyFile::kMustBeThere
                                                  : audit::SearchIndex::KeyFile::kMake));
  realm->index_ = std::make_unique<audit::SearchIndex>(std::move(index));
  ASSIGN_OR_RETURN(realm->log_, audit::Log::Open(store, first_origin, *realm->payload_keys_, *realm->index_));
  if (!looks) RETURN_IF_ERROR(MakePrivateDirectory(anchor_dir));
  const auto open_anchor = looks ? audit::Anchor::Look : audit::Anchor::Open;
  ASSIGN_OR_RETURN(realm->anchor_,
                   open_anchor(AnchorPath(anchor_dir, hosted.id), realm->log_keys_->PublicKeys()));
  absl::Status sound = realm->LoadDirectory(store);
  const DirectorySnapshot& directory = realm->staged_directory_;
  ASSIGN_OR_RETURN(LogPeriods periods, realm->log_keys_->PeriodsOf(*directory, hosted.id));
  {
    absl::MutexLock lock(&realm->mutex_);
    realm->directory_ = directory;
    realm->head_ =
        Head{realm->log_->head(), HeadOf(*directory), std::make_shared<const LogPeriods>(std::move(periods))};
  }
  if (sound.ok()) sound = realm->StartChecks(RestoredMarkPath(anchor_dir, hosted.id));
  if (sound.ok()) sound = realm->log_->CheckKeys();
  realm->loaded_heads_.clear();
  absl::MutexLock lock(&realm->mutex_);
  realm->SetWritable(sound);
  return realm;
}

absl::StatusOr<std::unique_ptr<Realm>> Realm::Open(const HostedConvenant& hosted, const Store& store,
                                                   const std::string& keys_dir, const std::string& anchor_dir,
                                                   absl::Time now) {
  ASSIGN_OR_RETURN(std::unique_ptr<Realm> realm, Load(hosted, store, keys_dir, anchor_dir));
  if (!realm->Writable().ok()) return realm;
  // A log key in the wrong place tells of a database that was set back, where the anchor is gone.
  const absl::Status placed = realm->TakeOverLogKey();
  if (absl::IsFailedPrecondition(placed)) {
    absl::MutexLock lock(&realm->mutex_);
    realm->SetWritable(placed);
    return realm;
  }
  RETURN_IF_ERROR(placed);
  RETURN_IF_ERROR(realm->Publish(now));
  return realm;
}

absl::Status Realm::LoadDirectory(const Store& store) {
  auto directory = std::make_shared<trust::Directory>(std::nullopt, absl::StrCat(hosted_.id, ".yaml"));
  staged_directory_ = directory;
  absl::Status added;
  RETURN_IF_ERROR(
      store.Scan(Family::kDirectory, prefix_, PrefixLimit(prefix_), [&](ByteView key, ByteView row) {
        added = AddStored(key, row, *directory);
        if (added.ok()) loaded_heads_[directory->size()] = HeadOf(*directory);
        return added.ok();
      }));
  if (!added.ok()) return absl::DataLossError(absl::StrCat("the stored directory: ", added.message()));
  return absl::OkStatus();
}

absl::Status Realm::AddStored(ByteView key, ByteView bytes, trust::Directory& directory) const {
  const uint64_t seq = directory.size();
  if (key != DirectoryKey(prefix_, seq)) return absl::DataLossError("it has a gap");
  ASSIGN_OR_RETURN(const DirectoryRow row, DirectoryRow::Decode(bytes));
  RETURN_IF_ERROR(directory.Add(row.object, absl::InfinitePast()));
  RETURN_IF_ERROR(directory.SetLeafIndex(seq, row.leaf_index));
  ASSIGN_OR_RETURN(const Bytes leaf, log_->ReadLeaf(row.leaf_index));
  if (leaf != audit::EncodeLeaf(audit::LeafClass::kDirectory, directory.chain_hash())) {
    return absl::DataLossError(absl::StrCat("leaf ", row.leaf_index, " is not that of object ", seq));
  }
  return absl::OkStatus();
}

// protocol: "write only if local size >= anchor, roots consistent"; and the directory that the anchored
// checkpoint speaks of is the one that is stored.
absl::Status Realm::StartChecks(const std::string& restored_mark) {
  const std::optional<audit::Checkpoint> anchored = anchor_->checkpoint();
  if (!anchored) return CheckUnanchored(restored_mark);
  {
    absl::MutexLock lock(&mutex_);
    latest_ = *anchored->time;
  }
  const std::shared_ptr<const LogPeriods> all = periods();
  const crypto::PublicKey signer = *anchor_->signer();
  size_t at = 0;
  while (at < all->size() &&
         ((*all)[at].origin != anchored->origin || (*all)[at].key->public_key() != signer)) {
    ++at;
  }
  if (at == all->size()) {
    return absl::DataLossError(
        "the anchor was signed under a name or key of the log that the stored directory does not know");
  }
  // Committed just before the end, and not anchored any more: an epoch, which gave up what was anchored.
  if (at + 1 < all->size() && anchored->size > (*all)[at + 1].first) {
    return CheckGivenUp(*anchored, (*all)[at + 1]);
  }
  const absl::Status status = audit::CheckAgainstAnchor(*log_, *anchor_);
  if (absl::IsFailedPrecondition(status) && anchored->directory->seq >= staged_directory_->size()) {
    // Clients know it, or can be told: it is what an epoch has to answer for.
    board_.Show({anchor_->note(), *anchored});
    absl::MutexLock lock(&mutex_);
    lost_ = {head_.log.size, anchored->size};
  }
  RETURN_IF_ERROR(status);
  return CheckAnchoredDirectory(*anchored);
}

// A log that holds leaves was anchored before anybody saw them.
absl::Status Realm::CheckUnanchored(const std::string& restored_mark) {
  const audit::LogHead head = log_->head();
  if (head.size == 0) return absl::OkStatus();
  const std::string has =
      absl::StrCat("this log has ", head.size, " leaves and root ", ToHex(View(head.root)),
                   ": compare it with the newest checkpoint that members hold");
  if (std::error_code error; std::filesystem::exists(restored_mark, error)) {
    absl::MutexLock lock(&mutex_);
    lost_ = {head.size, head.size};
    return absl::FailedPreconditionError(
        absl::StrCat("it was restored and no anchor was found, so nobody can tell what is missing; ", has,
                     ", and go on with a log epoch"));
  }
  history_ = absl::FailedPreconditionError(absl::StrCat("there is no anchor; ", has));
  return absl::OkStatus();
}

absl::Status Realm::CheckAnchoredDirectory(const audit::Checkpoint& anchored) const {
  if (anchored.directory->seq == 0) return absl::OkStatus();
  const auto found = loaded_heads_.find(anchored.directory->seq);
  if (found == loaded_heads_.end()) {
    return absl::FailedPreconditionError("the stored directory is shorter than the anchored one");
  }
  if (!(found->second == *anchored.directory)) {
    return absl::DataLossError("the stored directory is not the anchored one");
  }
  return absl::OkStatus();
}

absl::Status Realm::CheckGivenUp(const audit::Checkpoint& anchored, const LogPeriod& next) const {
  for (const trust::LostTail& tail : staged_directory_->lost_tails()) {
    if (tail.first == next.first && tail.end == anchored.size && tail.last_root == anchored.root) {
      return absl::OkStatus();
    }
  }
  return absl::DataLossError("the anchor is of leaves that this log gave up, and no epoch says so");
}

absl::StatusOr<RealmReport> Realm::Report() const {
  RealmReport report;
  report.convenant = id();
  if (const std::optional<audit::Checkpoint> anchored = anchor_->checkpoint()) {
    report.anchor_size = anchored->size;
  }
  report.anchor_note = anchor_->note();
  ASSIGN_OR_RETURN(report.next_log_key, log_keys_->Next());
  absl::MutexLock lock(&mutex_);
  report.size = head_.log.size;
  report.writable = writable_;
  report.lost = lost_;
  report.directory_size = directory_->size();
  report.log_key = head_.periods->back().key->public_key();
  if (report.next_log_key == report.log_key) report.next_log_key.reset();
  report.history = history_;
  return report;
}

}  // namespace seinpost::server
