// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_BROKER_CALL_GUARD_H_
#define SEINPOST_CLIENT_BROKER_CALL_GUARD_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/terminal/interrupt.h"
#include "grpcpp/grpcpp.h"

namespace seinpost::client {

class GuardedCall;

// CallGuard cuts off the calls of one connection, which are made one after the other: at once when the
// command is interrupted, and where a call waits for the other side longer than it may. gRPC's own deadlines
// are for a whole call, however much of it has moved; this one begins anew with each step. Time here is the
// machine's, never set back. Works by a thread of its own, which is there from the first call on.
class CallGuard {
 public:
  // `stop` may be null, and outlives the guard.
  explicit CallGuard(const Interrupt* stop);
  ~CallGuard();
  CallGuard(const CallGuard&) = delete;
  CallGuard& operator=(const CallGuard&) = delete;

  // kUnavailable once the command is interrupted: nothing more is to be asked.
  absl::Status MayCall() const;

 private:
  friend class GuardedCall;
  void Run();
  void Wake() const;
  // Cuts off what is due; until when there is nothing to do.
  absl::Time CutDue(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Interrupt* const stop_;
  const int wake_;  // an eventfd
  mutable absl::Mutex mutex_;
  GuardedCall* newest_ ABSL_GUARDED_BY(mutex_) = nullptr;  // the innermost call
  absl::Time sleeps_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// One call, guarded for as long as this lives. One at a time. Calls within a call (in what is done with a
// reply) are fine: the outer one waits for nobody meanwhile, and is cut off after them.
class GuardedCall {
 public:
  GuardedCall(CallGuard& guard, grpc::ClientContext& call);
  ~GuardedCall();
  GuardedCall(const GuardedCall&) = delete;
  GuardedCall& operator=(const GuardedCall&) = delete;

  // From now on the other side has so long, until the next of these.
  void Wait(absl::Duration idle);
  // Nobody waits for the other side.
  void Rest() { Wait(absl::InfiniteDuration()); }
  // What a status of the call means: kUnavailable in our own words if the guard cut it off.
  absl::Status Meaning(const grpc::Status& status) const;

 private:
  friend class CallGuard;
  enum class Cut { kNo, kInterrupted, kIdle };
  CallGuard& guard_;
  grpc::ClientContext& call_;
  GuardedCall* const outer_;
  absl::Time until_ = absl::InfiniteFuture();
  Cut cut_ = Cut::kNo;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_CALL_GUARD_H_
