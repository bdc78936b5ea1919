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

// What a Sequencer tells the program that it works in. Each is called on the commit thread, none may be
// empty.
struct SequencerHooks {
  // A batch was handed to the disk, for so many operations at once.
  std::function<void(size_t operations)> synced;
  // A batch was dropped or could not be committed, and why. What the operations are told is less.
  std::function<void(const absl::Status& status)> failed;
  // After every batch, whatever came of it, when its operations were handed on.
  std::function<void()> after_batch;
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
  // Borrows `store`, and whatever the hooks refer to.
  Sequencer(Store& store, SequencerHooks hooks);
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
  const SequencerHooks hooks_;
  Workers completers_;

  mutable absl::Mutex mutex_;
  std::deque<std::unique_ptr<Operation>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_SEQUENCER_H_
