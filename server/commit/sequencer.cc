// SPDX-License-Identifier: EUPL-1.2
#include "server/commit/sequencer.h"

#include <utility>

#include "server/commit/over_quota.h"
#include "server/commit/read_only.h"
#include "server/commit/transaction.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr int kCompleters = 2;
// One batch takes no more than this, so that neither memory nor the wait of the first grows without bound.
constexpr size_t kMaxOperationsPerBatch = 1024;
constexpr size_t kMaxBatchBytes = 16 * 1024 * 1024;
// Where a lane is full: a few batches from now it is not.
constexpr absl::Duration kComeBack = absl::Seconds(1);

}  // namespace

Sequencer::Sequencer(Store& store, SequencerHooks hooks, const SequencerBounds& bounds)
    : store_(store),
      hooks_(std::move(hooks)),
      completers_(kCompleters),
      ordinary_(bounds.ordinary),
      urgent_(bounds.urgent) {
  thread_ = std::thread([this] { Run(); });
}

Sequencer::~Sequencer() { Stop(); }

void Sequencer::Enqueue(std::unique_ptr<Operation> operation) {
  absl::Status refusal;
  const size_t bytes = operation->bytes();
  {
    absl::MutexLock lock(&mutex_);
    Lane& lane = LaneOf(*operation);
    if (stopping_) {
      refusal = absl::UnavailableError("the broker is shutting down");
    } else if (!CanWrite()) {
      refusal = ReadOnly();
    } else if (lane.operations >= lane.bounds.operations ||
               (lane.operations > 0 && lane.bytes + bytes > lane.bounds.bytes)) {
      refusal = OverQuota(kComeBack);
    } else {
      ++lane.operations;
      lane.bytes += bytes;
      lane.waiting.push_back(std::move(operation));
      return;
    }
  }
  const std::shared_ptr<Operation> refused = std::move(operation);
  completers_.Schedule([refused, refusal] { refused->Complete(refusal); });
}

void Sequencer::Release(bool urgent, size_t bytes) {
  absl::MutexLock lock(&mutex_);
  Lane& lane = urgent ? urgent_ : ordinary_;
  --lane.operations;
  lane.bytes -= bytes;
}

void Sequencer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
  completers_.Stop();
}

absl::Status Sequencer::Healthy() const {
  absl::MutexLock lock(&mutex_);
  return failure_.ok() ? store_.failure() : failure_;
}

bool Sequencer::CanWrite() {
  if (failure_.ok()) failure_ = store_.failure();
  return failure_.ok();
}

absl::Status Sequencer::CommitUnsynced(const Batch& batch) {
  {
    absl::MutexLock lock(&mutex_);
    if (!CanWrite()) return ReadOnly();
  }
  const absl::Status written = store_.CommitUnsynced(batch);
  if (written.ok()) return written;
  hooks_.failed(written);
  return ReadOnly();
}

absl::Status Sequencer::Recover(const std::function<absl::Status()>& reopen) {
  const auto idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !busy_ && ordinary_.waiting.empty() && urgent_.waiting.empty();
  };
  {
    absl::MutexLock lock(&mutex_);
    if (CanWrite()) return absl::OkStatus();
    mutex_.Await(absl::Condition(&idle));
  }
  RETURN_IF_ERROR(reopen());
  absl::MutexLock lock(&mutex_);
  failure_ = absl::OkStatus();
  return absl::OkStatus();
}

void Sequencer::Run() {
  Operations operations;
  while (Take(operations)) {
    const absl::Status commit = Commit(operations);
    Complete(std::move(operations), commit);
    operations.clear();
    hooks_.after_batch();
    absl::MutexLock lock(&mutex_);
    busy_ = false;
  }
}

// Waits for work. False: stopped, and nothing is left.
bool Sequencer::Take(Operations& operations) {
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !ordinary_.waiting.empty() || !urgent_.waiting.empty();
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&ready));
  size_t bytes = 0;
  for (Lane* lane : {&urgent_, &ordinary_}) {
    while (!lane->waiting.empty() && operations.size() < kMaxOperationsPerBatch && bytes < kMaxBatchBytes) {
      bytes += lane->waiting.front()->bytes();
      operations.push_back(std::move(lane->waiting.front()));
      lane->waiting.pop_front();
    }
  }
  busy_ = !operations.empty();
  return busy_;
}

absl::Status Sequencer::Commit(Operations& operations) {
  Transaction transaction(store_);
  size_t applied = 0;
  while (applied < operations.size() && transaction.status().ok() &&
         transaction.size_bytes() < kMaxBatchBytes) {
    operations[applied++]->Apply(transaction);
  }
  // What no longer fits goes back to the front of its lane, in order.
  {
    absl::MutexLock lock(&mutex_);
    while (operations.size() > applied) {
      LaneOf(*operations.back()).waiting.push_front(operations.back());
      operations.pop_back();
    }
  }
  absl::Status committed = transaction.status();
  if (committed.ok() && !transaction.empty()) {
    // The commit point: state, leaves, openings and heads, all or nothing, on the disk.
    const absl::Status synced = store_.Commit(transaction.Finish());
    if (!synced.ok()) committed = synced;
    hooks_.synced(operations.size());
  }
  if (!committed.ok()) {
    bool can_write = false;
    {
      absl::MutexLock lock(&mutex_);
      can_write = CanWrite();
    }
    hooks_.failed(committed);
    transaction.Abandon();
    return can_write ? absl::UnavailableError("the broker could not store this, nothing was written")
                     : ReadOnly();
  }
  transaction.Committed();
  for (const std::shared_ptr<Operation>& operation : operations) operation->Committed();
  return absl::OkStatus();
}

void Sequencer::Complete(Operations operations, const absl::Status& commit) {
  for (std::shared_ptr<Operation>& operation : operations) {
    completers_.Schedule([this, operation = std::move(operation), commit]() mutable {
      const bool urgent = operation->urgent();
      const size_t bytes = operation->bytes();
      operation->Complete(commit);
      operation.reset();
      Release(urgent, bytes);
    });
  }
}

}  // namespace seinpost::server
