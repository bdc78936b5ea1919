// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/checkpoint_board.h"

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
      if (waits_[i].first > next->checkpoint.size) {
        ++i;
        continue;
      }
      ready.push_back(std::move(waits_[i].second));
      waits_[i] = std::move(waits_.back());
      waits_.pop_back();
    }
  }
  for (const PublishedDone& done : ready) done(next);
}

void CheckpointBoard::WhenCovered(uint64_t size, absl::Status refusal, PublishedDone done) {
  Published covering;
  {
    absl::MutexLock lock(&mutex_);
    if (newest_ != nullptr && newest_->checkpoint.size >= size) covering = newest_;
    if (refusal.ok()) refusal = waits_ended_;
    if (covering == nullptr && refusal.ok()) {
      waits_.emplace_back(size, std::move(done));
      return;
    }
  }
  if (covering == nullptr) return done(refusal);
  done(covering);
}

void CheckpointBoard::EndWaits(const absl::Status& status) {
  std::vector<std::pair<uint64_t, PublishedDone>> waits;
  {
    absl::MutexLock lock(&mutex_);
    waits_ended_ = status;
    waits.swap(waits_);
  }
  for (const auto& wait : waits) wait.second(status);
}

}  // namespace seinpost::server
