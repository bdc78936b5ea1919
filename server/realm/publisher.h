// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_REALM_PUBLISHER_H_
#define SEINPOST_SERVER_REALM_PUBLISHER_H_

#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/realm/realm.h"
#include "util/clock.h"

namespace seinpost::server {

// Is told, on the thread that published, what came of it: Realm::Publish().
using TriedPublishing = std::function<void(const Realm& realm, const absl::Status& status)>;

// Publisher signs, anchors and publishes checkpoints on a thread of its own: after commits, but at most every
// 100 ms, and every five minutes when nothing happens; after a failure every second. Thread-safe. Borrows
// everything.
class Publisher {
 public:
  Publisher(std::vector<Realm*> realms, const Clock& clock, TriedPublishing tried);
  ~Publisher();  // as Stop()
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Something was committed.
  void Notify();
  // Publishes now, on the calling thread, whatever is committed. Whether that succeeded.
  bool Flush();
  // A last Flush(), then ends the thread.
  void Stop();

 private:
  void Run();

  const std::vector<Realm*> realms_;
  const Clock& clock_;
  const TriedPublishing tried_;

  absl::Mutex publishing_;  // held while publishing
  absl::Mutex mutex_;
  bool notified_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_PUBLISHER_H_
