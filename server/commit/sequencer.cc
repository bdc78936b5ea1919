// SPDX-License-Identifier: EUPL-1.2
#include "server/commit/sequencer.h"

#include <utility>

#include "server/commit/transaction.h"

namespace seinpost::server {

namespace {

constexpr int kCompleters = 2;
// One batch takes no more than this, so that neither memory nor the wait of the first grows without bound.
constexpr size_t kMaxOperationsPerBatch = 1024;
constexpr size_t kMaxBatchBytes = 16 * 1024 * 1024;
constexpr size_t kMaxQueued = 4 * 1024;

}  // namespace

Sequencer::Sequencer(Store& store, SequencerHooks hooks)
    : store_(store), hooks_(std::move(hooks)), completers_(kCompleters) {
  thread_ = std::thread([this] { Run(); });
}

Sequencer::~Sequencer() { Stop(); }

void Sequencer::Enqueue(std::unique_ptr<Operation> operation) {
  absl::Status refusal;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refusal = absl::UnavailableError("the broker is shutting down");
    } else if (!failure_.ok()) {
      refusal = failure_;
    } else if (queue_.size() >= kMaxQueued) {
      refusal = absl::ResourceExhaustedError("too many requests are waiting");
    } else {
      queue_.push_back(std::move(operation));
      return;
    }
  }
  Operations refused;
  refused.push_back(std::move(operation));
  Complete(std::move(refused), refusal);
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
  return failure_;
}

void Sequencer::Run() {
  Operations operations;
  while (Take(operations)) {
    const absl::Status commit = Commit(operations);
    if (!commit.ok() && !store_.healthy()) {
      absl::MutexLock lock(&mutex_);
      failure_ = absl::UnavailableError("read-only: the database could not commit, restart the broker");
    }
    Complete(std::move(operations), commit);
    operations.clear();
    hooks_.after_batch();
  }
}

// Waits for work. False: stopped, and nothing is left.
bool Sequencer::Take(Operations& operations) {
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&ready));
  while (!queue_.empty() && operations.size() < kMaxOperationsPerBatch) {
    operations.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return !operations.empty();
}

absl::Status Sequencer::Commit(Operations& operations) {
  Transaction transaction(store_);
  size_t applied = 0;
  while (applied < operations.size() && transaction.status().ok() &&
         transaction.size_bytes() < kMaxBatchBytes) {
    operations[applied++]->Apply(transaction);
  }
  // What no longer fits goes back to the front, in order.
  {
    absl::MutexLock lock(&mutex_);
    while (operations.size() > applied) {
      queue_.push_front(std::move(operations.back()));
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
    hooks_.failed(committed);
    transaction.Abandon();
    return absl::UnavailableError("the database could not commit, nothing was written");
  }
  transaction.Committed();
  for (const std::unique_ptr<Operation>& operation : operations) operation->Committed();
  return absl::OkStatus();
}

void Sequencer::Complete(Operations operations, const absl::Status& commit) {
  for (std::unique_ptr<Operation>& operation : operations) {
    std::shared_ptr<Operation> shared = std::move(operation);
    completers_.Schedule([shared, commit] { shared->Complete(commit); });
  }
}

}  // namespace seinpost::server
