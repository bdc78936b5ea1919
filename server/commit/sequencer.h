// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_SEQUENCER_H_
#define SEINPOST_SERVER_COMMIT_SEQUENCER_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/commit/operation.h"
#include "server/commit/workers.h"
#include "storage/store.h"

namespace seinpost::server {

// What a Sequencer tells the program that it works in. Each is called on the commit thread, `failed` on that
// of CommitUnsynced() too; none may be empty.
struct SequencerHooks {
  // A batch was handed to the disk, for so many operations at once.
  std::function<void(size_t operations)> synced;
  // A batch was dropped or could not be committed, and why: Healthy() knows it by then, and nobody else has
  // been told. What the operations are told is less.
  std::function<void(const absl::Status& status)> failed;
  // After every batch, whatever came of it, when its operations were handed on.
  std::function<void()> after_batch;
};

// How much may be on its way through a Sequencer, from Enqueue() until it was completed. An operation larger
// than the bound is taken while there is no other.
struct LaneBounds {
  size_t operations;
  size_t bytes;
};
struct SequencerBounds {
  LaneBounds ordinary{4 * 1024, 64 * 1024 * 1024};
  LaneBounds urgent{256, 8 * 1024 * 1024};
};

// Sequencer is the only writer of state and log. One thread takes whatever operations wait, applies them in
// order to one batch, syncs it, and hands them to two completer threads. While a sync runs the next batch
// gathers, so a busy broker shares each sync among many requests and an idle one waits for nobody; there is
// no timer.
//
// Operations that are urgent() go into the next batch before all that wait, in a lane of their own that the
// others cannot fill. An operation that finds its lane full completes with kResourceExhausted and the time to
// wait (over_quota.h), whatever the other lane holds.
//
// After a failed commit, or when the store can no longer be written, nobody knows what the disk holds: every
// later operation completes with ReadOnly() (read_only.h), until Recover(). Thread-safe.
class Sequencer {
 public:
  // Borrows `store`, and whatever the hooks refer to.
  Sequencer(Store& store, SequencerHooks hooks, const SequencerBounds& bounds = {});
  ~Sequencer();  // as Stop()
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  void Enqueue(std::unique_ptr<Operation> operation);
  // As Store::CommitUnsynced(), on the caller's thread, for what an operation will name later. ReadOnly() if
  // nothing can be written.
  absl::Status CommitUnsynced(const Batch& batch);
  // Waits until every operation that was taken in has been tried, then calls `reopen`, while nothing is
  // committed. If that succeeds operations are taken in again. `reopen` opens the store anew and holds what
  // is there against what is remembered. One thread at a time, not the commit thread.
  absl::Status Recover(const std::function<absl::Status()>& reopen);
  // Finishes what is queued, then ends the threads; later operations complete with kUnavailable.
  void Stop();
  // OK, or why nothing can be committed: for logs, see Explain() of storage/store.h.
  absl::Status Healthy() const;

 private:
  struct Lane {
    explicit Lane(const LaneBounds& most) : bounds(most) {}
    const LaneBounds bounds;
    std::deque<std::shared_ptr<Operation>> waiting;
    size_t operations = 0;  // waiting, in a batch or being completed
    size_t bytes = 0;       // of them
  };
  using Operations = std::vector<std::shared_ptr<Operation>>;

  Lane& LaneOf(const Operation& operation) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return operation.urgent() ? urgent_ : ordinary_;
  }
  void Run();
  bool Take(Operations& operations);
  absl::Status Commit(Operations& operations);
  void Complete(Operations operations, const absl::Status& commit);
  void Release(bool urgent, size_t bytes);
  bool CanWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Store& store_;
  const SequencerHooks hooks_;
  Workers completers_;

  mutable absl::Mutex mutex_;
  Lane ordinary_ ABSL_GUARDED_BY(mutex_);
  Lane urgent_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;  // with a batch
  // The store's, kept until the store was held against what is remembered.
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_SEQUENCER_H_
