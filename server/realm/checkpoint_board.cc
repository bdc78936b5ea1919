// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/checkpoint_board.h"

#include <utility>

namespace seinpost::server {

namespace {
constexpr size_t kKnownNotes = 1024;
}  // namespace

CheckpointBoard::Published CheckpointBoard::newest() const {
  absl::MutexLock lock(&mutex_);
  return newest_;
}

std::optional<audit::Checkpoint> CheckpointBoard::Recall(ByteView note) const {
  absl::MutexLock lock(&mutex_);
  const auto found = known_.find(note);
  if (found == known_.end()) return std::nullopt;
  return found->second;
}

void CheckpointBoard::Put(PublishedCheckpoint checkpoint) {
  const auto next = std::make_shared<const PublishedCheckpoint>(std::move(checkpoint));
  std::vector<PublishedDone> ready;
  {
    absl::MutexLock lock(&mutex_);
    newest_ = next;
    if (known_.size() >= kKnownNotes) known_.clear();
    known_.emplace(next->note, next->checkpoint);
    for (size_t i = 0; i < waits_.size();) {
      if (waits_[i].size > next->checkpoint.size) {
        ++i;
        continue;
      }
      ready.push_back(std::move(waits_[i].done));
      waits_[i] = std::move(waits_.back());
      waits_.pop_back();
    }
  }
  for (const PublishedDone& done : ready) done(next);
}

void CheckpointBoard::Show(PublishedCheckpoint checkpoint) {
  absl::MutexLock lock(&mutex_);
  newest_ = std::make_shared<const PublishedCheckpoint>(std::move(checkpoint));
}

void CheckpointBoard::TakeDown() {
  absl::MutexLock lock(&mutex_);
  newest_ = nullptr;
}

void CheckpointBoard::WhenCovered(uint64_t size, absl::Status refusal, PublishedDone done, InVain in_vain) {
  Published answer;
  {
    absl::MutexLock lock(&mutex_);
    const bool covered = newest_ != nullptr && newest_->checkpoint.size >= size;
    if (covered || (!refusal.ok() && in_vain == InVain::kNewest)) answer = newest_;
    if (refusal.ok()) refusal = waits_ended_;
    if (answer == nullptr && refusal.ok()) {
      waits_.push_back({size, std::move(done), in_vain});
      return;
    }
  }
  if (answer == nullptr) return done(refusal);
  done(answer);
}

void CheckpointBoard::GiveUp(const absl::Status& why) {
  std::vector<Wait> waits;
  Published newest;
  {
    absl::MutexLock lock(&mutex_);
    waits.swap(waits_);
    newest = newest_;
  }
  for (const Wait& wait : waits) {
    if (wait.in_vain == InVain::kNewest && newest != nullptr) {
      wait.done(newest);
    } else {
      wait.done(why);
    }
  }
}

void CheckpointBoard::EndWaits(const absl::Status& status) {
  std::vector<Wait> waits;
  {
    absl::MutexLock lock(&mutex_);
    waits_ended_ = status;
    waits.swap(waits_);
  }
  for (const Wait& wait : waits) wait.done(status);
}

}  // namespace seinpost::server
