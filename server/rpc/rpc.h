// SPDX-License-Identifier: EUPL-1.2
// What every service is written in: answering one call, or streaming from a Source. Transport only; no rule
// is decided here. Nothing blocks: answers come on whatever thread has them.
#ifndef SEINPOST_SERVER_RPC_RPC_H_
#define SEINPOST_SERVER_RPC_RPC_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/gate/metrics.h"
#include "server/gate/sessions.h"
#include "server/rpc/call_watch.h"
#include "server/rpc/doorkeeper.h"
#include "server/stream/source.h"

namespace seinpost::server {

// The session token goes with every call but the open ones as metadata of this name.
inline constexpr char kSessionMetadata[] = "seinpost-session-bin";
// With RESOURCE_EXHAUSTED from a quota: trailing metadata, when to come back.
inline constexpr char kRetryMetadata[] = "seinpost-retry-after-ms";
// With UNAVAILABLE while nothing can be stored (commit/read_only.h): trailing metadata, why in one word.
inline constexpr char kConditionMetadata[] = "seinpost-condition";
inline constexpr char kReadOnlyCondition[] = "read-only";

// What the calls of one server have in common. All borrowed, thread-safe, and longer-lived than any call.
struct RpcContext {
  Metrics& metrics;
  CallWatch& watch;
  Doorkeeper& door;
};

// One call being answered: counts it, and turns its status. Copyable; the context lives until the call is
// finished.
struct Call {
  grpc::CallbackServerContext* context;
  const RpcContext* rpc;
  const char* service;
  const char* method;

  grpc::Status Finish(const absl::Status& status) const;
};

// kUnauthenticated: no token, or no valid one. Otherwise the door hears whose the connection is.
absl::StatusOr<Session> Authenticate(Sessions& sessions, const Call& call);

// Answers one call that has one request and one reply. Deletes itself when the call is over.
template <typename Reply>
class UnaryReactor final : public grpc::ServerUnaryReactor {
 public:
  UnaryReactor(const Call& call, Reply* reply)
      : call_(call), entry_(call.rpc->watch, *call.context), reply_(reply) {}

  // Once.
  void Answer(absl::StatusOr<Reply> result) {
    const absl::Status status = result.status();
    if (status.ok()) *reply_ = *std::move(result);
    entry_.Arm(kReplyDeadline);
    Finish(call_.Finish(status));
  }

  void OnDone() override { delete this; }

 private:
  // As gRPC's own DefaultReactor: nothing here takes long enough to be worth another thread.
  bool InternalInlineable() override { return true; }

  const Call call_;
  CallWatch::Entry entry_;
  Reply* const reply_;
};

// Calls `start(done)` and finishes with what `done` gets.
template <typename Reply, typename Start>
grpc::ServerUnaryReactor* Answer(const Call& call, Reply* reply, Start start) {
  auto* reactor = new UnaryReactor<Reply>(call, reply);
  start(Done<Reply>([reactor](absl::StatusOr<Reply> result) { reactor->Answer(std::move(result)); }));
  return reactor;
}

// The same with the caller's session: `start(session, done)`.
template <typename Reply, typename Start>
grpc::ServerUnaryReactor* AnswerSession(const Call& call, Sessions& sessions, Reply* reply, Start start) {
  return Answer(call, reply, [&](Done<Reply> done) {
    absl::StatusOr<Session> session = Authenticate(sessions, call);
    if (!session.ok()) return done(session.status());
    start(*session, std::move(done));
  });
}

// Pulls a Source and writes what it gives, one message in flight, which its reader must take within
// kMessageDeadline. Ends at once when the call is cancelled before there is a source, which may be long in
// coming. Deletes itself when the call is over.
template <typename Reply>
class StreamReactor final : public grpc::ServerWriteReactor<Reply> {
 public:
  using SourcePointer = std::shared_ptr<Source<Reply>>;

  explicit StreamReactor(const Call& call) : call_(call), entry_(call.rpc->watch, *call.context) {}

  // What takes the source, or why there is none, once; at any time, also when the call is over.
  std::function<void(absl::StatusOr<SourcePointer>)> Beginning() {
    return [begin = begin_](absl::StatusOr<SourcePointer> source) {
      if (StreamReactor* reactor = begin->Take()) return reactor->Begin(std::move(source));
      if (source.ok()) (*source)->Cancel();
    };
  }

  void OnWriteDone(bool ok) override {
    entry_.Disarm();
    if (ok) return Pull();
    source_->Cancel();
    End(absl::CancelledError("the stream was closed"));
  }

  void OnCancel() override {
    if (begin_->Take() != nullptr) return End(absl::CancelledError("the call was cancelled"));
    SourcePointer source;
    {
      absl::MutexLock lock(&mutex_);
      cancelled_ = true;
      source = source_;
    }
    if (source != nullptr) source->Cancel();
  }

  void OnDone() override { delete this; }

 private:
  // Gives the reactor to the first who asks, its source or its cancellation.
  class FirstTaken {
   public:
    explicit FirstTaken(StreamReactor* reactor) : reactor_(reactor) {}
    StreamReactor* Take() { return reactor_.exchange(nullptr); }

   private:
    std::atomic<StreamReactor*> reactor_;
  };

  void Begin(absl::StatusOr<SourcePointer> source) {
    if (!source.ok()) return End(source.status());
    bool cancelled = false;
    {
      absl::MutexLock lock(&mutex_);
      source_ = *std::move(source);
      cancelled = cancelled_;
    }
    if (cancelled) source_->Cancel();
    Pull();
  }

  void Pull() {
    source_->Next([this](absl::StatusOr<std::optional<Reply>> next) {
      if (!next.ok() || !*next) return End(next.status());
      message_ = **std::move(next);
      entry_.Arm(kMessageDeadline);
      this->StartWrite(&message_);
    });
  }

  void End(const absl::Status& status) {
    entry_.Arm(kReplyDeadline);
    this->Finish(call_.Finish(status));
  }

  const Call call_;
  CallWatch::Entry entry_;
  const std::shared_ptr<FirstTaken> begin_ = std::make_shared<FirstTaken>(this);
  Reply message_;
  absl::Mutex mutex_;
  SourcePointer source_;  // set once under mutex_, then only read
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

// Streams to the caller of a session what `start(session, done)` gives a source of.
template <typename Reply, typename Start>
grpc::ServerWriteReactor<Reply>* StreamSession(const Call& call, Sessions& sessions, Start start) {
  auto* reactor = new StreamReactor<Reply>(call);
  const absl::StatusOr<Session> session = Authenticate(sessions, call);
  auto begin = reactor->Beginning();
  if (session.ok()) {
    start(*session, std::move(begin));
  } else {
    begin(session.status());
  }
  return reactor;
}

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RPC_RPC_H_
