// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_SEQUENCER_H_
#define SEINPOST_SERVER_COMMIT_SEQUENCER_H_

#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/commit/transaction.h"
#include "server/commit/workers.h"
#include "server/gate/metrics.h"
#include "storage/store.h"

namespace seinpost::server {

// One change: state and the leaf that tells of it.
class Operation {
 public:
  virtual ~Operation() = default;
  // On the commit thread: decides what is written, and writes it to `transaction`. Must be cheap: everybody
  // waits. May write nothing, if the change turns out to be refused or done already.
  virtual void Apply(Transaction& transaction) = 0;
  // On the commit thread, after the sync: wakes whoever waits for this change. Not called if the commit
  // failed.
  virtual void Committed() {}
  // On a completer thread, once, always: OK if what Apply wrote is durable, otherwise kUnavailable.
  virtual void Complete(const absl::Status& commit) = 0;
};

// Sequencer is the only writer of state and log. One thread takes whatever operations wait, applies them in
// order to one batch, syncs it, and hands them to two completer threads. While a sync runs the next batch
// gathers, so a busy broker shares each sync among many requests and an idle one waits for nobody; there is
// no timer.
//
// After a failed commit nobody knows what the disk holds: every later operation fails until the broker is
// restarted. Thread-safe.
class Sequencer {
 public:
  // `after_commit` runs on the commit thread after each batch. Borrows `store` and `metrics`.
  Sequencer(Store& store, Metrics& metrics, std::function<void()> after_commit);
  ~Sequencer();  // as Stop()
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  void Enqueue(std::unique_ptr<Operation> operation);
  // Finishes what is queued, then ends the threads; later operations complete with kUnavailable.
  void Stop();
  // OK, or why nothing can be committed any more.
  absl::Status Healthy() const;

 private:
  using Operations = std::vector<std::unique_ptr<Operation>>;

  void Run();
  bool Take(Operations& operations);
  absl::Status Commit(Operations& operations);
  void Complete(Operations operations, const absl::Status& commit);

  Store& store_;
  Metrics& metrics_;
  const std::function<void()> after_commit_;
  Workers completers_;

  mutable absl::Mutex mutex_;
  std::deque<std::unique_ptr<Operation>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_SEQUENCER_H_
