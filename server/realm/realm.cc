// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/realm.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/commit/read_only.h"
#include "server/rows/records.h"
#include "util/status_macros.h"

namespace seinpost::server {

Realm::Realm(HostedConvenant hosted) : hosted_(std::move(hosted)), prefix_(RealmPrefix(hosted_.id)) {}

absl::Status Realm::Sound() const {
  absl::MutexLock lock(&mutex_);
  return writable_;
}

absl::Status Realm::Anchored() const {
  absl::MutexLock lock(&mutex_);
  return unanchored_;
}

absl::Status Realm::Writable() const {
  absl::MutexLock lock(&mutex_);
  return writable_.ok() ? unanchored_ : writable_;
}

absl::Status Realm::MayWrite() const { return Writable().ok() ? absl::OkStatus() : ReadOnly(); }

absl::Status Realm::CheckClock(absl::Time now) const {
  const CheckpointBoard::Published newest = published();
  absl::MutexLock lock(&mutex_);
  if (latest_ - now > trust::kClockSkew) {
    return absl::FailedPreconditionError(
        absl::StrCat("the clock is ", absl::FormatDuration(absl::Trunc(latest_ - now, absl::Seconds(1))),
                     " behind the newest checkpoint of this log"));
  }
  // One that can be signed is signed anew long before.
  if (writable_.ok() && unanchored_.ok() && newest != nullptr &&
      now - *newest->checkpoint.time > 2 * kIdleResign) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the clock is ", absl::FormatDuration(absl::Trunc(now - *newest->checkpoint.time, absl::Seconds(1))),
        " ahead of the newest checkpoint of this log: it jumped, or the broker stood still"));
  }
  return absl::OkStatus();
}

void Realm::SetWritable(absl::Status why) {
  writable_ = std::move(why);
  if (writable_.ok()) {
    lost_.reset();
  } else {
    writable_ =
        absl::UnavailableError(absl::StrCat("the log of this convenant is read-only: ", writable_.message()));
  }
}

std::shared_ptr<const LogPeriods> Realm::periods() const {
  absl::MutexLock lock(&mutex_);
  return head_.periods;
}

std::string Realm::origin() const { return periods()->back().origin; }

crypto::PublicKey Realm::log_public_key() const { return periods()->back().key->public_key(); }

bool Realm::IsLogKey(ByteView public_key) const {
  const std::shared_ptr<const LogPeriods> all = periods();
  return std::any_of(all->begin(), all->end(), [public_key](const LogPeriod& period) {
    return View(period.key->public_key()) == public_key;
  });
}

audit::DirectoryHead Realm::HeadOf(const trust::Directory& directory) {
  return {directory.size(), directory.chain_hash()};
}

DirectorySnapshot Realm::directory() const {
  absl::MutexLock lock(&mutex_);
  return directory_;
}

CommittedState Realm::committed() const {
  absl::MutexLock lock(&mutex_);
  return {directory_, head_.log.size};
}

absl::StatusOr<DirectorySnapshot> Realm::ActiveDirectory() const {
  DirectorySnapshot snapshot = directory();
  if (snapshot->convenant() == nullptr) return absl::NotFoundError("convenant_id: not activated here yet");
  return snapshot;
}

namespace {

// The checkpoint in `note`, if the log signed it as who it was at that size.
absl::StatusOr<audit::Checkpoint> VerifyOwn(ByteView note, const LogPeriods& periods) {
  const ByteView origin = note.substr(0, note.find('\n'));
  for (size_t i = periods.size(); i-- > 0;) {
    const LogPeriod& period = periods[i];
    if (period.origin != origin) continue;
    absl::StatusOr<audit::Checkpoint> verified =
        audit::VerifyCheckpoint(note, audit::LogKey(period.origin, period.key->public_key()));
    if (!verified.ok()) continue;
    const bool after_its_first = i == 0 || verified->size > period.first;
    const bool before_the_next = i + 1 == periods.size() || verified->size <= periods[i + 1].first;
    if (after_its_first && before_the_next) return verified;
    return absl::FailedPreconditionError(
        "core.checkpoint: the log had another name or key at that size, or lost those leaves");
  }
  return absl::FailedPreconditionError("core.checkpoint: not a checkpoint of this log");
}

}  // namespace

absl::StatusOr<audit::Checkpoint> Realm::CheckSenderCheckpoint(ByteView note, absl::Time now,
                                                               absl::Duration max_age) const {
  Head head;
  {
    absl::MutexLock lock(&mutex_);
    head = head_;
  }
  std::optional<audit::Checkpoint> known = board_.Recall(note);
  if (!known) {
    ASSIGN_OR_RETURN(known, VerifyOwn(note, *head.periods));
  }
  const audit::Checkpoint& checkpoint = *known;
  if (checkpoint.size > head.log.size) {
    return absl::FailedPreconditionError("core.checkpoint: speaks of more leaves than this log holds");
  }
  if (!checkpoint.time || now - *checkpoint.time > max_age) {
    return absl::FailedPreconditionError("core.checkpoint: too old");
  }
  return checkpoint;
}

absl::Status Realm::PrepareLogKey(ByteView log_key) {
  ASSIGN_OR_RETURN(const std::optional<crypto::PublicKey> next, log_keys_->Next());
  if (!next || View(*next) != log_key) {
    return absl::FailedPreconditionError(
        "log_key: not that of this broker's log-next.key, which `seinpostd init --next-log-key` makes");
  }
  return absl::OkStatus();
}

absl::Status Realm::CheckEpoch(const v1::LogEpoch& epoch) {
  RETURN_IF_ERROR(PrepareLogKey(epoch.log_key()));
  const Bytes anchored = anchor_->note();
  // Put back without an anchor: the latest that any member holds, which this log must have signed.
  if (anchored.empty()) RETURN_IF_ERROR(VerifyOwn(epoch.last_checkpoint(), *periods()).status());
  absl::MutexLock lock(&mutex_);
  if (!lost_) return absl::FailedPreconditionError("the log of this convenant did not lose its tail");
  if (!anchored.empty() && epoch.last_checkpoint() != anchored) {
    return absl::FailedPreconditionError("last_checkpoint: not the anchored one");
  }
  if (epoch.first_lost() != lost_->first) {
    return absl::FailedPreconditionError(
        absl::StrCat("first_lost: this log has ", lost_->first, " leaves left"));
  }
  if (epoch.directory_size() != directory_->size()) {
    return absl::FailedPreconditionError(
        absl::StrCat("directory_size: ", directory_->size(), " objects are left"));
  }
  return absl::OkStatus();
}

absl::Status Realm::TakeOverLogKey() { return log_keys_->TakeOver(*periods()); }

bool Realm::NeedsPublishing(absl::Time now) const {
  const CheckpointBoard::Published newest = published();
  absl::MutexLock lock(&mutex_);
  if (!writable_.ok()) return false;
  return anchor_failures_ > 0 || newest == nullptr || newest->checkpoint.size < head_.log.size ||
         now - *newest->checkpoint.time >= kIdleResign;
}

absl::Status Realm::Publish(absl::Time now) {
  RETURN_IF_ERROR(Sound());
  if (!NeedsPublishing(now)) return absl::OkStatus();
  const absl::Status published = TryPublish(now);
  {
    absl::MutexLock lock(&mutex_);
    if (published.ok()) {
      anchor_failures_ = 0;
      unanchored_ = absl::OkStatus();
      return published;
    }
    if (++anchor_failures_ < kAnchorTries) return published;
    unanchored_ = absl::UnavailableError(
        absl::StrCat("read-only: checkpoints cannot be anchored: ", published.message()));
  }
  board_.GiveUp(ReadOnly());
  return published;
}

absl::Status Realm::TryPublish(absl::Time now) {
  Head head;
  {
    absl::MutexLock lock(&mutex_);
    head = head_;
  }
  const LogPeriod& period = head.periods->back();
  PublishedCheckpoint next;
  next.checkpoint =
      log_->CheckpointOf(head.log, head.directory, absl::FromUnixSeconds(absl::ToUnixSeconds(now)));
  next.checkpoint.origin = period.origin;
  const std::optional<audit::Checkpoint> anchored = anchor_->checkpoint();
  if (anchored && anchored->origin == period.origin && anchored->size == head.log.size &&
      *anchored->time >= *next.checkpoint.time) {
    // After a quick restart, or with a clock set back: what is anchored already says all there is to say.
    next = PublishedCheckpoint{anchor_->note(), *anchored};
  } else {
    next.note = audit::SignCheckpoint(next.checkpoint, *period.key);
    const audit::VerifierKey key = audit::LogKey(period.origin, period.key->public_key());
    // Another origin: the start checks, or CheckEpoch, have seen the LogEpoch that gives up what is anchored.
    RETURN_IF_ERROR(anchored && anchored->origin != period.origin ? anchor_->BeginEpoch(next.note, key)
                                                                  : anchor_->Advance(next.note, key));
  }
  {
    absl::MutexLock lock(&mutex_);
    latest_ = std::max(latest_, *next.checkpoint.time);
  }
  board_.Put(std::move(next));
  return absl::OkStatus();
}

void Realm::Committed() {
  log_->Committed();
  absl::MutexLock lock(&mutex_);
  head_.log = log_->head();
  if (directory_ == staged_directory_) return;
  directory_ = staged_directory_;
  head_.directory = HeadOf(*directory_);
  absl::StatusOr<LogPeriods> periods = log_keys_->PeriodsOf(*directory_, id());
  // PrepareLogKey saw to it that the key is known.
  if (!periods.ok()) return SetWritable(periods.status());
  const bool epoch = periods->back().origin != head_.periods->back().origin;
  head_.periods = std::make_shared<const LogPeriods>(*std::move(periods));
  if (epoch) BeginEpoch();
}

void Realm::BeginEpoch() {
  SetWritable(absl::OkStatus());
  board_.TakeDown();
}

absl::StatusOr<bool> Realm::Reload(const Store& store) {
  const uint64_t known = log_->head().size;
  RETURN_IF_ERROR(log_->Reload());
  if (log_->head().size == known) return false;
  absl::Status status = LoadDirectory(store);
  loaded_heads_.clear();
  absl::StatusOr<LogPeriods> periods = log_keys_->PeriodsOf(*staged_directory_, id());
  if (status.ok()) status = periods.status();
  absl::MutexLock lock(&mutex_);
  if (!status.ok()) {
    staged_directory_ = directory_;
    return status;
  }
  directory_ = staged_directory_;
  const bool epoch = periods->back().origin != head_.periods->back().origin;
  head_ = Head{log_->head(), HeadOf(*directory_), std::make_shared<const LogPeriods>(*std::move(periods))};
  if (epoch) BeginEpoch();
  return true;
}

void Realm::Abandon() {
  log_->Abandon();
  absl::MutexLock lock(&mutex_);
  staged_directory_ = directory_;
}

}  // namespace seinpost::server
