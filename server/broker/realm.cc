// SPDX-License-Identifier: EUPL-1.2
#include "server/broker/realm.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/broker/key_files.h"
#include "server/broker/records.h"
#include "trust/log_identity.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {
constexpr size_t kRememberedNotes = 1024;
constexpr size_t kRememberedReceipts = 8192;
}  // namespace

Realm::Realm(HostedConvenant hosted, crypto::SigningKey log_key)
    : hosted_(std::move(hosted)), prefix_(RealmPrefix(hosted_.id)), log_key_(std::move(log_key)) {}

absl::StatusOr<std::unique_ptr<Realm>> Realm::Open(const HostedConvenant& hosted, const Store& store,
                                                   const std::string& keys_dir, const std::string& anchor_dir,
                                                   absl::Time now) {
  const std::string own_keys = RealmKeyDirectory(keys_dir, hosted.id);
  const std::string origin = trust::LogOrigin(hosted.id);
  ASSIGN_OR_RETURN(crypto::SigningKey log_key, ReadKeyFile(LogKeyPath(keys_dir, hosted.id)));
  auto realm = std::unique_ptr<Realm>(new Realm(hosted, std::move(log_key)));
  ASSIGN_OR_RETURN(realm->payload_keys_, audit::PayloadKeyFiles::Open(own_keys + "/payload", origin));
  ASSIGN_OR_RETURN(audit::SearchIndex index, audit::SearchIndex::Open(own_keys + "/index.key", origin));
  realm->index_ = std::make_unique<audit::SearchIndex>(std::move(index));
  RETURN_IF_ERROR(MakePrivateDirectory(anchor_dir));
  ASSIGN_OR_RETURN(realm->anchor_, audit::Anchor::Open(absl::StrCat(anchor_dir, "/", hosted.id, ".anchor"),
                                                       audit::LogKey(origin, realm->log_public_key())));
  ASSIGN_OR_RETURN(realm->log_, audit::Log::Open(store, origin, *realm->payload_keys_, *realm->index_));
  realm->writable_ = realm->LoadDirectory(store);
  if (realm->writable_.ok()) realm->writable_ = realm->StartChecks();
  realm->loaded_heads_.clear();
  if (realm->writable_.ok()) {
    RETURN_IF_ERROR(realm->Publish(now));
  } else {
    realm->writable_ = absl::UnavailableError(
        absl::StrCat("the log of this convenant is read-only: ", realm->writable_.message()));
  }
  return realm;
}

absl::Status Realm::LoadDirectory(const Store& store) {
  auto directory = std::make_shared<trust::Directory>(std::nullopt, absl::StrCat(hosted_.id, ".yaml"));
  absl::Status added;
  const absl::Status scanned =
      store.Scan(Family::kDirectory, prefix_, PrefixLimit(prefix_), [&](ByteView key, ByteView object) {
        if (key != DirectoryKey(prefix_, directory->size())) {
          added = absl::DataLossError("the stored directory has a gap");
        } else {
          added = directory->Add(object, absl::InfinitePast());
        }
        if (added.ok()) loaded_heads_[directory->size()] = HeadOf(*directory);
        return added.ok();
      });
  staged_directory_ = directory;
  absl::MutexLock lock(&mutex_);
  directory_ = staged_directory_;
  head_ = Head{log_->head(), HeadOf(*directory_)};
  if (!scanned.ok()) return scanned;
  if (!added.ok()) return absl::DataLossError(absl::StrCat("the stored directory: ", added.message()));
  return absl::OkStatus();
}

// protocol: "write only if local size >= anchor, roots consistent"; and the directory that the anchored
// checkpoint speaks of is the one that is stored.
absl::Status Realm::StartChecks() const {
  RETURN_IF_ERROR(audit::CheckAgainstAnchor(*log_, *anchor_));
  const std::optional<audit::Checkpoint> anchored = anchor_->checkpoint();
  if (!anchored || !anchored->directory || anchored->directory->seq == 0) return absl::OkStatus();
  const auto found = loaded_heads_.find(anchored->directory->seq);
  if (found == loaded_heads_.end()) {
    return absl::FailedPreconditionError("the stored directory is shorter than the anchored one");
  }
  if (!(found->second == *anchored->directory)) {
    return absl::DataLossError("the stored directory is not the anchored one");
  }
  return absl::OkStatus();
}

absl::Status Realm::Writable() const { return writable_; }

audit::DirectoryHead Realm::HeadOf(const trust::Directory& directory) {
  return {directory.size(), directory.chain_hash()};
}

DirectorySnapshot Realm::directory() const {
  absl::MutexLock lock(&mutex_);
  return directory_;
}

absl::StatusOr<DirectorySnapshot> Realm::ActiveDirectory() const {
  DirectorySnapshot snapshot = directory();
  if (snapshot->convenant() == nullptr) return absl::NotFoundError("convenant_id: not activated here yet");
  return snapshot;
}

audit::Receipt Realm::SignReceipt(const audit::ReceiptBody& body) {
  {
    absl::MutexLock lock(&receipts_mutex_);
    const auto found = receipts_.find(body.index);
    if (found != receipts_.end()) return found->second;
  }
  audit::Receipt receipt = audit::MakeReceipt(body, log_key_);
  absl::MutexLock lock(&receipts_mutex_);
  receipts_[body.index] = receipt;
  if (receipts_.size() > kRememberedReceipts) receipts_.erase(receipts_.begin());
  return receipt;
}

absl::Status Realm::CheckSenderCheckpoint(ByteView note, absl::Time now, absl::Duration max_age) const {
  audit::Checkpoint checkpoint;
  bool known = false;
  uint64_t size = 0;
  {
    absl::MutexLock lock(&mutex_);
    size = head_.log.size;
    const auto found = known_notes_.find(Bytes(note));
    known = found != known_notes_.end();
    if (known) checkpoint = found->second;
  }
  if (!known) {
    absl::StatusOr<audit::Checkpoint> verified =
        audit::VerifyCheckpoint(note, audit::LogKey(origin(), log_public_key()));
    if (!verified.ok()) return absl::FailedPreconditionError("core.checkpoint: not a checkpoint of this log");
    checkpoint = *std::move(verified);
  }
  if (checkpoint.size > size) {
    return absl::FailedPreconditionError("core.checkpoint: speaks of more leaves than this log holds");
  }
  if (!checkpoint.time || now - *checkpoint.time > max_age) {
    return absl::FailedPreconditionError("core.checkpoint: too old");
  }
  return absl::OkStatus();
}

std::shared_ptr<const PublishedCheckpoint> Realm::published() const {
  absl::MutexLock lock(&mutex_);
  return published_;
}

void Realm::WhenPublished(uint64_t size, PublishedDone done) {
  std::shared_ptr<const PublishedCheckpoint> published;
  absl::Status refusal = writable_;
  {
    absl::MutexLock lock(&mutex_);
    if (published_ != nullptr && published_->checkpoint.size >= size) published = published_;
    if (refusal.ok()) refusal = waits_ended_;
    if (published == nullptr && refusal.ok()) {
      waits_.emplace_back(size, std::move(done));
      return;
    }
  }
  if (published == nullptr) return done(refusal);
  done(published);
}

bool Realm::NeedsPublishing(absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  if (!writable_.ok()) return false;
  return published_ == nullptr || published_->checkpoint.size < head_.log.size ||
         now - *published_->checkpoint.time >= kIdleResign;
}

absl::Status Realm::Publish(absl::Time now) {
  RETURN_IF_ERROR(writable_);
  if (!NeedsPublishing(now)) return absl::OkStatus();
  Head head;
  {
    absl::MutexLock lock(&mutex_);
    head = head_;
  }
  auto next = std::make_shared<PublishedCheckpoint>();
  next->checkpoint =
      log_->CheckpointOf(head.log, head.directory, absl::FromUnixSeconds(absl::ToUnixSeconds(now)));
  const std::optional<audit::Checkpoint> anchored = anchor_->checkpoint();
  if (anchored && anchored->size == head.log.size && *anchored->time >= *next->checkpoint.time) {
    // After a quick restart, or with a clock set back: what is anchored already says all there is to say.
    *next = PublishedCheckpoint{anchor_->note(), *anchored};
  } else {
    next->note = audit::SignCheckpoint(next->checkpoint, log_key_);
    RETURN_IF_ERROR(anchor_->Advance(next->note));
  }
  std::vector<PublishedDone> ready;
  {
    absl::MutexLock lock(&mutex_);
    published_ = next;
    RememberNote(*next);
    for (size_t i = 0; i < waits_.size();) {
      if (waits_[i].first > next->checkpoint.size) {
        ++i;
        continue;
      }
      ready.push_back(std::move(waits_[i].second));
      waits_[i] = std::move(waits_.back());
      waits_.pop_back();
    }
  }
  for (const PublishedDone& done : ready) done(std::shared_ptr<const PublishedCheckpoint>(next));
  return absl::OkStatus();
}

void Realm::RememberNote(const PublishedCheckpoint& published) {
  if (known_notes_.size() >= kRememberedNotes) known_notes_.clear();
  known_notes_.emplace(published.note, published.checkpoint);
}

void Realm::EndWaits(const absl::Status& status) {
  std::vector<std::pair<uint64_t, PublishedDone>> waits;
  {
    absl::MutexLock lock(&mutex_);
    waits_ended_ = status;
    waits.swap(waits_);
  }
  for (const auto& wait : waits) wait.second(status);
}

void Realm::Committed() {
  log_->Committed();
  absl::MutexLock lock(&mutex_);
  directory_ = staged_directory_;
  head_ = Head{log_->head(), HeadOf(*directory_)};
}

void Realm::Abandon() {
  log_->Abandon();
  absl::MutexLock lock(&mutex_);
  staged_directory_ = directory_;
}

}  // namespace seinpost::server
