// SPDX-License-Identifier: EUPL-1.2
#include "tests/hostile/hostile_broker.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <list>
#include <thread>

#include "absl/strings/string_view.h"

namespace seinpost::test {
namespace {

// Credentials of a session, passed on as they came.
constexpr char kSessionMetadata[] = "seinpost-session-bin";
constexpr int kMaxMessageBytes = 64 * 1024 * 1024;

Bytes ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) std::abort();
  Bytes bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

grpc::ByteBuffer ToBuffer(const Bytes& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::string MethodOf(absl::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

}  // namespace

// The server, in the generic API: one thread accepts calls, each call has a thread and a queue of its own, on
// which it takes one step at a time. No call of the protos streams both ways at once, so requests go first,
// then replies.
class HostileBroker::Relay {
 public:
  explicit Relay(HostileBroker& owner) : owner_(owner) {
    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back({TheTls().key_pem, TheTls().certificate_pem});
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port_);
    builder.RegisterAsyncGenericService(&service_);
    accepted_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) std::abort();
    acceptor_ = std::thread([this] { Accept(); });
  }

  ~Relay() {
    server_->Shutdown(std::chrono::system_clock::now());  // cancels what is under way
    accepted_->Shutdown();
    acceptor_.join();
    for (std::thread& call : calls_) call.join();
  }

  int port() const { return port_; }

 private:
  struct Call {
    grpc::GenericServerContext context;
    grpc::CompletionQueue queue;
    grpc::GenericServerAsyncReaderWriter stream{&context};
  };

  void Accept() {
    auto next = std::make_unique<Call>();
    service_.RequestCall(&next->context, &next->stream, &next->queue, accepted_.get(), next.get());
    void* tag = nullptr;
    bool ok = false;
    while (accepted_->Next(&tag, &ok)) {
      if (!ok) continue;
      std::shared_ptr<Call> call = std::move(next);
      next = std::make_unique<Call>();
      service_.RequestCall(&next->context, &next->stream, &next->queue, accepted_.get(), next.get());
      calls_.emplace_back([this, call] { Serve(*call); });
    }
  }

  // Waits for the one step that was begun on `queue`.
  static bool Done(grpc::CompletionQueue& queue) {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  }

  std::shared_ptr<grpc::Channel> ChannelTo(const Door& door) {
    absl::MutexLock lock(&mutex_);
    std::shared_ptr<grpc::Channel>& channel = channels_[door.address];
    if (channel == nullptr) {
      grpc::SslCredentialsOptions tls;
      tls.pem_root_certs = door.tls_ca_pem;
      grpc::ChannelArguments arguments;
      arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
      channel = grpc::CreateCustomChannel(door.address, grpc::SslCredentials(tls), arguments);
    }
    return channel;
  }

  void Serve(Call& call) {
    const Plan plan = owner_.PlanOf(MethodOf(call.context.method()));
    if (plan.answer) return Answer(call, plan);
    // Cancels the onward call when the caller goes away.
    const std::unique_ptr<grpc::ClientContext> onward = grpc::ClientContext::FromServerContext(call.context);
    for (const auto& [name, value] : call.context.client_metadata()) {
      if (name == kSessionMetadata) onward->AddMetadata(kSessionMetadata, {value.data(), value.size()});
    }
    grpc::GenericStub stub(ChannelTo(plan.door));
    const auto stream = stub.PrepareCall(onward.get(), call.context.method(), &call.queue);
    stream->StartCall(&call);
    bool going = Done(call.queue);
    going = PassRequests(call, *stream, plan, going);
    grpc::Status status;
    if (PassReplies(call, *stream, plan, going)) {
      stream->Finish(&status, &call);
      Done(call.queue);
    } else {
      onward->TryCancel();
      stream->Finish(&status, &call);
      Done(call.queue);
      status = grpc::Status::CANCELLED;
    }
    for (const auto& [name, value] : onward->GetServerTrailingMetadata()) {
      if (absl::string_view(name.data(), name.size()).substr(0, 9) != "seinpost-") continue;
      call.context.AddTrailingMetadata({name.data(), name.size()}, {value.data(), value.size()});
    }
    call.stream.Finish(status, &call);
    Done(call.queue);
    call.queue.Shutdown();
    while (Done(call.queue)) {
    }
  }

  static void Answer(Call& call, const Plan& plan) {
    grpc::ByteBuffer request;
    call.stream.Read(&request, &call);
    if (Done(call.queue)) {
      call.stream.WriteAndFinish(ToBuffer(plan.answer(ToString(request))), {}, grpc::Status::OK, &call);
    } else {
      call.stream.Finish(grpc::Status::CANCELLED, &call);
    }
    Done(call.queue);
    call.queue.Shutdown();
    while (Done(call.queue)) {
    }
  }

  static bool PassRequests(Call& call, grpc::GenericClientAsyncReaderWriter& stream, const Plan& plan,
                           bool going) {
    while (true) {
      grpc::ByteBuffer buffer;
      call.stream.Read(&buffer, &call);
      if (!Done(call.queue)) break;
      if (!going) continue;  // the broker has ended the call; its status says why
      if (!plan.requests.empty()) {
        Bytes bytes = ToString(buffer);
        for (const RequestHook& hook : plan.requests) bytes = hook(bytes);
        buffer = ToBuffer(bytes);
      }
      stream.Write(buffer, &call);
      going = Done(call.queue);
    }
    if (going) {
      stream.WritesDone(&call);
      going = Done(call.queue);
    }
    return going;
  }

  // False: the caller is gone.
  static bool PassReplies(Call& call, grpc::GenericClientAsyncReaderWriter& stream, const Plan& plan,
                          bool going) {
    while (going) {
      grpc::ByteBuffer buffer;
      stream.Read(&buffer, &call);
      if (!Done(call.queue)) return true;
      std::vector<Bytes> replies = {ToString(buffer)};
      for (const ReplyHook& hook : plan.replies) {
        std::vector<Bytes> changed;
        for (const Bytes& reply : replies) {
          for (Bytes& bytes : hook(reply)) changed.push_back(std::move(bytes));
        }
        replies = std::move(changed);
      }
      for (const Bytes& reply : replies) {
        call.stream.Write(ToBuffer(reply), &call);
        if (!Done(call.queue)) return false;
      }
    }
    return true;
  }

  HostileBroker& owner_;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> accepted_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::thread acceptor_;
  std::list<std::thread> calls_;  // only the acceptor adds
  absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_ ABSL_GUARDED_BY(mutex_);
};

HostileBroker::HostileBroker(const LiveBroker& truth)
    : truth_(truth.door()), relay_(std::make_unique<Relay>(*this)) {
  door_ = {"127.0.0.1:" + std::to_string(relay_->port()), TheTls().certificate_pem};
}

HostileBroker::~HostileBroker() = default;

void HostileBroker::SendTo(const Door& door, const std::string& method) {
  absl::MutexLock lock(&mutex_);
  elsewhere_[method] = door;
}

void HostileBroker::BeHonest() {
  absl::MutexLock lock(&mutex_);
  requests_.clear();
  replies_.clear();
  answers_.clear();
  elsewhere_.clear();
}

void HostileBroker::BeHonest(const std::string& method) {
  absl::MutexLock lock(&mutex_);
  requests_.erase(method);
  replies_.erase(method);
  answers_.erase(method);
  elsewhere_.erase(method);
}

int HostileBroker::calls(const std::string& method) const {
  absl::MutexLock lock(&mutex_);
  const auto found = calls_.find(method);
  return found == calls_.end() ? 0 : found->second;
}

HostileBroker::Plan HostileBroker::PlanOf(const std::string& method) {
  absl::MutexLock lock(&mutex_);
  ++calls_[method];
  Plan plan{.door = truth_};
  for (const std::string& name : {std::string(), method}) {
    if (const auto found = elsewhere_.find(name); found != elsewhere_.end()) plan.door = found->second;
  }
  if (const auto found = requests_.find(method); found != requests_.end()) plan.requests = found->second;
  if (const auto found = replies_.find(method); found != replies_.end()) plan.replies = found->second;
  if (const auto found = answers_.find(method); found != answers_.end()) plan.answer = found->second;
  return plan;
}

void HostileBroker::AddRequestHook(const std::string& method, RequestHook hook) {
  absl::MutexLock lock(&mutex_);
  requests_[method].push_back(std::move(hook));
}

void HostileBroker::AddReplyHook(const std::string& method, ReplyHook hook) {
  absl::MutexLock lock(&mutex_);
  replies_[method].push_back(std::move(hook));
}

void HostileBroker::AddAnswer(const std::string& method, RequestHook answer) {
  absl::MutexLock lock(&mutex_);
  answers_[method] = std::move(answer);
}

}  // namespace seinpost::test
