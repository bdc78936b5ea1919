// SPDX-License-Identifier: EUPL-1.2
// The calls that anybody may make. gRPC hands a call of a generated service over when its whole request has
// been read; one that a stranger sends by halves would be seen by nobody and held for ever. So these calls
// are answered by a generic service: it has them as soon as their headers are there, and reads, bounds and
// ends them itself.
#ifndef SEINPOST_SERVER_RPC_OPEN_CALLS_H_
#define SEINPOST_SERVER_RPC_OPEN_CALLS_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/rpc/rpc.h"
#include "server/stream/source.h"
#include "util/clock.h"

namespace seinpost::server {

struct OpenCallBounds {
  size_t per_connection = 8;  // calls under way; more are refused
  size_t per_address = 64;    // and
  size_t in_all = 256;        // then the oldest of the connection that has most gives way
  // Refusals on their way to one connection. Whoever takes none of them has further calls cut off without
  // one: a call lives until its refusal has been written.
  size_t refusals = 64;
  // Requests being read at once, each of up to kMaxMessageBytes. Others wait with no more than HTTP/2's
  // window of 64 KiB each. While some wait, a request that has not come whole within `read_patience` gives
  // way.
  size_t reading = 12;
  absl::Duration read_patience = absl::Milliseconds(250);
  absl::Duration read_deadline = absl::Seconds(10);
  size_t reply_bytes = 16 * 1024 * 1024;  // of replies not taken yet; over it the oldest give way
};

// Answers the open calls of one server. One OpenCalls belongs to one grpc::Server, and outlives it.
class OpenCalls final : public grpc::CallbackGenericService {
 public:
  // Borrows all of them.
  OpenCalls(const RpcContext& rpc, const Clock& clock, OpenCallBounds bounds = {});
  ~OpenCalls() override;

  // Before the server starts. `run` is as in Answer(); `address` is whom a bound per address counts
  // (Endpoint::Neighbourhood()). The request lives until `done` was called. Requests
  // over `max_bytes` are refused unread. `service` without its package, as metrics have it.
  template <typename Request, typename Reply>
  void Add(const char* service, const char* method, size_t max_bytes,
           std::function<void(const Request& request, absl::string_view address, Done<Reply> done)> run) {
    AddRaw(absl::StrCat("/seinpost.v1.", service, "/", method), service, method, max_bytes,
           [run = std::move(run)](const grpc::ByteBuffer& bytes, absl::string_view address,
                                  Done<grpc::ByteBuffer> done) {
             const auto request = std::make_shared<Request>();
             grpc::ByteBuffer copy(bytes);  // shares the slices; reading consumes it
             if (!grpc::SerializationTraits<Request>::Deserialize(&copy, request.get()).ok()) {
               return done(absl::InvalidArgumentError("request: not a message of this method"));
             }
             run(*request, address, [request, done = std::move(done)](absl::StatusOr<Reply> reply) {
               if (!reply.ok()) return done(reply.status());
               grpc::ByteBuffer serialized;
               bool own = false;
               const grpc::Status made =
                   grpc::SerializationTraits<Reply>::Serialize(*reply, &serialized, &own);
               if (!made.ok()) return done(absl::InternalError("reply cannot be serialized"));
               done(std::move(serialized));
             });
           });
  }
  // The same with messages as bytes, at any path; not counted in metrics if `service` is null.
  using RunRaw = std::function<void(const grpc::ByteBuffer& request, absl::string_view address,
                                    Done<grpc::ByteBuffer> done)>;
  void AddRaw(std::string path, const char* service, const char* method, size_t max_bytes, RunRaw run);

  // Whether a call of this path, "/package.Service/Method", is answered here.
  bool IsOpen(absl::string_view path) const { return methods_.find(path) != methods_.end(); }

  // Lets requests that take too long give way to those that wait. Called about ten times a second.
  void Tick();

  struct Counts {
    size_t calls = 0, waiting = 0, reading = 0, reply_bytes = 0;
  };
  Counts Count();

 private:
  class OneCall;
  struct Method {
    const char* service;
    const char* name;
    size_t max_bytes;
    RunRaw run;
  };

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;

  // OK, and the call is among calls_, waiting to be read; or why it may not be. kCancelled: cut it off.
  absl::Status Enter(OneCall& call);
  void Leave(OneCall& call);
  // Begins to read what may be read now. No lock is held: gRPC may run other calls within.
  void StartReading();
  // The call that is read next, if one may be.
  OneCall* TakeNext();
  // After a request was read, or ended without one.
  void HasRead(OneCall& call);
  // False: it is being read already; then that will end it.
  bool GiveUpWaiting(OneCall& call);
  // Before a reply of this size is sent.
  void WillReply(OneCall& call, size_t bytes);
  // Lets the oldest call of the connection that has most give way, of one address or, if it is empty, of all.
  void MakeOneGiveWay(absl::string_view address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RpcContext& rpc_;
  const Clock& clock_;
  const OpenCallBounds bounds_;
  std::map<std::string, Method, std::less<>> methods_;  // not changed while serving

  // Never held when gRPC is called.
  absl::Mutex mutex_;
  std::map<uint64_t, OneCall*> calls_ ABSL_GUARDED_BY(mutex_);  // by number, so by age
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t reading_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t giving_way_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t reply_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, size_t, std::less<>> refusals_ ABSL_GUARDED_BY(mutex_);  // by connection
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RPC_OPEN_CALLS_H_
