// SPDX-License-Identifier: EUPL-1.2
// A broker that lies: a real gRPC server that passes every call of every service on to an honest broker, and
// changes what a test tells it to change on the way. It holds whatever the honest one holds, the log key
// above all (LiveBroker::network().log_key()), so it signs what it likes.
//
//   HostileBroker liar(broker);
//   LiveMember reader(broker, kReader, liar.door());
//   liar.OnReply<v1::OpenReply>("Open", [](v1::OpenReply& reply) { reply.clear_receipt(); });
//
// A method is named as in the protos, without its service. Messages are parsed and serialised anew only where
// there is something to change. Several hooks of one method run in the order they were set. Thread-safe;
// hooks run on threads of the calls, and must not set hooks. For tests only: aborts on what must not fail.
#ifndef SEINPOST_TESTS_HOSTILE_HOSTILE_BROKER_H_
#define SEINPOST_TESTS_HOSTILE_HOSTILE_BROKER_H_

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/testing/live.h"
#include "util/bytes.h"

namespace seinpost::test {

class HostileBroker {
 public:
  explicit HostileBroker(const LiveBroker& truth);
  ~HostileBroker();

  const Door& door() const { return door_; }

  // Changes each message that clients send in calls of `method`.
  template <typename Request>
  void OnRequest(const std::string& method, std::function<void(Request&)> change) {
    AddRequestHook(method, [change = std::move(change)](const Bytes& bytes) {
      Request request = Parsed<Request>(bytes);
      change(request);
      return request.SerializeAsString();
    });
  }
  // Changes each reply, or each message of a stream of replies.
  template <typename Reply>
  void OnReply(const std::string& method, std::function<void(Reply&)> change) {
    OnReplies<Reply>(method, [change = std::move(change)](Reply reply) {
      change(reply);
      return std::vector<Reply>{std::move(reply)};
    });
  }
  // Gives other messages in the place of each message of a stream: none, one or more.
  template <typename Reply>
  void OnReplies(const std::string& method, std::function<std::vector<Reply>(Reply)> instead) {
    AddReplyHook(method, [instead = std::move(instead)](const Bytes& bytes) {
      std::vector<Bytes> replies;
      for (const Reply& reply : instead(Parsed<Reply>(bytes))) replies.push_back(reply.SerializeAsString());
      return replies;
    });
  }
  // Answers calls of `method`, which is no stream, without asking the honest broker.
  template <typename Request, typename Reply>
  void Answer(const std::string& method, std::function<Reply(const Request&)> answer) {
    AddAnswer(method, [answer = std::move(answer)](const Bytes& bytes) {
      return answer(Parsed<Request>(bytes)).SerializeAsString();
    });
  }
  // Calls of `method` are answered by another broker; of every method, if none is named. Sessions are made
  // where they are needed: a client logs in again by itself.
  void SendTo(const Door& door, const std::string& method = "");
  // Forgets all of the above; about one method, if one is named.
  void BeHonest();
  void BeHonest(const std::string& method);
  // How many calls of `method` there were.
  int calls(const std::string& method) const;

  // The channel behind which calls of `method` are answered, and the hooks they pass, as of now.
  using RequestHook = std::function<Bytes(const Bytes&)>;
  using ReplyHook = std::function<std::vector<Bytes>(const Bytes&)>;
  struct Plan {
    Door door;
    std::vector<RequestHook> requests;
    std::vector<ReplyHook> replies;
    RequestHook answer;  // may be empty
  };
  Plan PlanOf(const std::string& method);

 private:
  class Relay;
  template <typename Message>
  static Message Parsed(const Bytes& bytes) {
    Message message;
    if (!message.ParseFromString(bytes)) std::abort();
    return message;
  }
  void AddRequestHook(const std::string& method, RequestHook hook);
  void AddReplyHook(const std::string& method, ReplyHook hook);
  void AddAnswer(const std::string& method, RequestHook answer);

  const Door truth_;
  Door door_;
  mutable absl::Mutex mutex_;
  std::map<std::string, std::vector<RequestHook>> requests_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<ReplyHook>> replies_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, RequestHook> answers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Door> elsewhere_ ABSL_GUARDED_BY(mutex_);  // "": every other method
  std::map<std::string, int> calls_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Relay> relay_;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_HOSTILE_HOSTILE_BROKER_H_
