// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_RPC_CALL_WATCH_H_
#define SEINPOST_SERVER_RPC_CALL_WATCH_H_

#include <grpcpp/server_context.h>

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "util/clock.h"

namespace seinpost::server {

// How long a reply, or one message of a stream, may wait for its reader.
inline constexpr absl::Duration kReplyDeadline = absl::Seconds(30);
inline constexpr absl::Duration kMessageDeadline = absl::Seconds(60);

// CallWatch cancels calls that wait too long for the other side: gRPC has deadlines of callers only, and
// keeps a reply that nobody takes for as long as the connection lives. Thread-safe. Nobody else cancels
// calls: gRPC may run any handler within a cancellation, so two threads that do so could wait for each other.
// For the same reason no lock that a handler takes may be held when Arm() or Disarm() is called or an Entry
// ends.
class CallWatch {
 public:
  // Borrows `clock`.
  explicit CallWatch(const Clock& clock) : clock_(clock) {}
  ~CallWatch();  // as Stop(); no Entry is left then
  CallWatch(const CallWatch&) = delete;
  CallWatch& operator=(const CallWatch&) = delete;

  // One call under watch, for as long as this lives: at most until its OnDone().
  class Entry {
   public:
    // Borrows both.
    Entry(CallWatch& watch, const grpc::CallbackServerContext& context);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // The call is cancelled unless it ends, or Disarm() is called, within `patience`.
    void Arm(absl::Duration patience);
    void Disarm();
    // If it is armed, the call is cancelled by the next Sweep(). Takes no lock.
    void GiveWay() { gives_way_ = true; }

   private:
    friend class CallWatch;
    CallWatch& watch_;
    const grpc::CallbackServerContext& context_;
    absl::Time deadline_ = absl::InfiniteFuture();
    std::atomic<bool> gives_way_{false};
    std::list<Entry*>::iterator place_;  // in watch_.armed_, while deadline_ is finite
  };

  // Once: from now on calls `tick` and then Sweep(), ten times a second, until Stop().
  void Start(std::function<void()> tick);
  void Stop();
  // Cancels every call whose time is over.
  void Sweep();

 private:
  void Loop();

  const Clock& clock_;
  std::function<void()> tick_;
  // Recursive: cancelling a call may end it at once, on this thread.
  std::recursive_mutex mutex_;
  std::list<Entry*> armed_;
  std::list<Entry*> spare_;  // nodes to use again

  absl::Mutex stop_mutex_;
  bool stopping_ ABSL_GUARDED_BY(stop_mutex_) = false;
  std::thread thread_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RPC_CALL_WATCH_H_
