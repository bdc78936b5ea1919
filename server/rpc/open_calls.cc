// SPDX-License-Identifier: EUPL-1.2
#include "server/rpc/open_calls.h"

#include <algorithm>
#include <optional>

#include "server/gate/quota.h"
#include "server/rpc/endpoint.h"
#include "server/rpc/grpc_status.h"

namespace seinpost::server {

namespace {

constexpr absl::Duration kComeBack = absl::Seconds(1);

std::string AddressOf(const std::string& peer) {
  const std::optional<Endpoint> endpoint = EndpointOfPeer(peer);
  return endpoint ? endpoint->Neighbourhood() : peer;
}

// Refuses a call that is not one of ours.
class NoSuchMethod final : public grpc::ServerGenericBidiReactor {
 public:
  NoSuchMethod() { Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such method")); }
  void OnDone() override { delete this; }
};

}  // namespace

// One call: it waits, is read, runs, is answered. Deletes itself when it is over.
class OpenCalls::OneCall final : public grpc::ServerGenericBidiReactor {
 public:
  enum class State { kOutside, kWaiting, kReading, kRunning, kReplying };

  OneCall(OpenCalls& calls, grpc::GenericCallbackServerContext* context, const Method& method)
      : connection_(context->peer()),
        address_(AddressOf(connection_)),
        entry_(calls.rpc_.watch, *context),
        calls_(calls),
        method_(method),
        call_{context, &calls.rpc_, method.service, method.name} {}

  void Begin() {
    const absl::Status entered = calls_.Enter(*this);
    if (absl::IsCancelled(entered)) call_.context->TryCancel();
    if (!entered.ok()) return End(entered);
    entry_.Arm(calls_.bounds_.read_deadline);
    calls_.StartReading();
  }

  void Read() { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    entry_.Disarm();
    calls_.HasRead(*this);
    calls_.StartReading();
    if (!ok) return End(absl::CancelledError("the request did not come"));
    if (request_.Length() > method_.max_bytes) {
      return End(absl::InvalidArgumentError(
          absl::StrCat("request: larger than the ", method_.max_bytes, " bytes of this method")));
    }
    method_.run(request_, address_, [this](absl::StatusOr<grpc::ByteBuffer> reply) {
      request_.Clear();
      if (!reply.ok()) return End(reply.status());
      reply_ = *std::move(reply);
      calls_.WillReply(*this, reply_.Length());
      entry_.Arm(kReplyDeadline);
      StartWriteAndFinish(&reply_, grpc::WriteOptions(), Finished(absl::OkStatus()));
    });
  }

  void OnCancel() override {
    if (calls_.GiveUpWaiting(*this)) End(absl::CancelledError("the call was cancelled"));
  }

  void OnDone() override {
    calls_.Leave(*this);
    delete this;
  }

  const std::string connection_, address_;
  CallWatch::Entry entry_;
  // Guarded by OpenCalls::mutex_, as nothing can say here.
  State state_ = State::kOutside;
  uint64_t number_ = 0;
  absl::Time since_;  // of state_
  size_t reply_bytes_ = 0;
  bool gives_way_ = false;

 private:
  grpc::Status Finished(const absl::Status& status) {
    return method_.service == nullptr ? ToGrpcStatus(status) : call_.Finish(status);
  }
  void End(const absl::Status& status) {
    entry_.Arm(kReplyDeadline);
    Finish(Finished(status));
  }

  OpenCalls& calls_;
  const Method& method_;
  const Call call_;
  grpc::ByteBuffer request_, reply_;
};

OpenCalls::OpenCalls(const RpcContext& rpc, const Clock& clock, OpenCallBounds bounds)
    : rpc_(rpc), clock_(clock), bounds_(bounds) {}

OpenCalls::~OpenCalls() = default;

void OpenCalls::AddRaw(std::string path, const char* service, const char* method, size_t max_bytes,
                       RunRaw run) {
  methods_.emplace(std::move(path), Method{service, method, max_bytes, std::move(run)});
}

grpc::ServerGenericBidiReactor* OpenCalls::CreateReactor(grpc::GenericCallbackServerContext* context) {
  const auto method = methods_.find(context->method());
  if (method == methods_.end()) return new NoSuchMethod;
  auto* call = new OneCall(*this, context, method->second);
  call->Begin();
  return call;
}

absl::Status OpenCalls::Enter(OneCall& call) {
  absl::MutexLock lock(&mutex_);
  size_t of_connection = 0, of_address = 0;
  for (const auto& [number, other] : calls_) {
    if (other->connection_ == call.connection_) ++of_connection;
    if (other->address_ == call.address_ && !other->gives_way_) ++of_address;
  }
  if (of_connection >= bounds_.per_connection || calls_.size() >= 2 * bounds_.in_all) {
    if (++refusals_[call.connection_] > bounds_.refusals) return absl::CancelledError("too many calls");
    return OverQuota(kComeBack);
  }
  if (of_address >= bounds_.per_address) MakeOneGiveWay(call.address_);
  if (calls_.size() - giving_way_ >= bounds_.in_all) MakeOneGiveWay("");
  call.number_ = next_number_++;
  call.state_ = OneCall::State::kWaiting;
  call.since_ = clock_.Now();
  calls_[call.number_] = &call;
  ++waiting_;
  return absl::OkStatus();
}

void OpenCalls::Leave(OneCall& call) {
  absl::MutexLock lock(&mutex_);
  if (call.state_ == OneCall::State::kOutside) {
    const auto found = refusals_.find(call.connection_);
    if (--found->second == 0) refusals_.erase(found);
    return;
  }
  reply_bytes_ -= call.reply_bytes_;
  if (call.gives_way_) --giving_way_;
  calls_.erase(call.number_);
}

void OpenCalls::StartReading() {
  while (OneCall* next = TakeNext()) next->Read();
}

// Addresses take turns; of one address the newest call comes first, since what has waited long has most
// likely been sent to be waited for.
OpenCalls::OneCall* OpenCalls::TakeNext() {
  absl::MutexLock lock(&mutex_);
  if (waiting_ == 0 || reading_ >= bounds_.reading) return nullptr;
  std::map<absl::string_view, size_t> readers;
  if (waiting_ > 1) {
    for (const auto& [number, call] : calls_) {
      if (call->state_ == OneCall::State::kReading) ++readers[call->address_];
    }
  }
  const auto readers_of = [&](const OneCall& call) {
    const auto found = readers.find(call.address_);
    return found == readers.end() ? 0 : found->second;
  };
  OneCall* next = nullptr;
  for (auto it = calls_.rbegin(); it != calls_.rend(); ++it) {
    if (it->second->state_ != OneCall::State::kWaiting || it->second->gives_way_) continue;
    if (next == nullptr || readers_of(*it->second) < readers_of(*next)) next = it->second;
  }
  if (next == nullptr) return nullptr;
  next->state_ = OneCall::State::kReading;
  next->since_ = clock_.Now();
  --waiting_;
  ++reading_;
  return next;
}

void OpenCalls::HasRead(OneCall& call) {
  absl::MutexLock lock(&mutex_);
  call.state_ = OneCall::State::kRunning;
  --reading_;
}

bool OpenCalls::GiveUpWaiting(OneCall& call) {
  absl::MutexLock lock(&mutex_);
  if (call.state_ != OneCall::State::kWaiting) return false;
  call.state_ = OneCall::State::kRunning;
  --waiting_;
  return true;
}

void OpenCalls::WillReply(OneCall& call, size_t bytes) {
  absl::MutexLock lock(&mutex_);
  call.state_ = OneCall::State::kReplying;
  call.since_ = clock_.Now();
  call.reply_bytes_ = bytes;
  reply_bytes_ += bytes;
  size_t staying = 0;
  for (const auto& [number, other] : calls_) staying += other->gives_way_ ? 0 : other->reply_bytes_;
  for (const auto& [number, other] : calls_) {
    if (staying <= bounds_.reply_bytes) return;
    if (other == &call || other->gives_way_ || other->state_ != OneCall::State::kReplying) continue;
    staying -= other->reply_bytes_;
    other->gives_way_ = true;
    other->entry_.GiveWay();
    ++giving_way_;
  }
}

void OpenCalls::MakeOneGiveWay(absl::string_view address) {
  const auto may = [&](const OneCall& call) {
    return !call.gives_way_ && call.state_ != OneCall::State::kRunning &&
           (address.empty() || call.address_ == address);
  };
  std::map<absl::string_view, size_t> counts;
  for (const auto& [number, call] : calls_) {
    if (may(*call)) ++counts[call->connection_];
  }
  OneCall* chosen = nullptr;
  for (const auto& [number, call] : calls_) {
    if (!may(*call)) continue;
    if (chosen == nullptr || counts[call->connection_] > counts[chosen->connection_]) chosen = call;
  }
  if (chosen == nullptr) return;
  chosen->gives_way_ = true;
  chosen->entry_.GiveWay();
  ++giving_way_;
}

void OpenCalls::Tick() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = clock_.Now();
  size_t wanted = waiting_;
  for (const auto& [number, call] : calls_) {
    if (wanted == 0) return;
    if (call->state_ != OneCall::State::kReading || call->gives_way_) continue;
    if (now - call->since_ < bounds_.read_patience) continue;
    call->gives_way_ = true;
    call->entry_.GiveWay();
    ++giving_way_;
    --wanted;
  }
}

OpenCalls::Counts OpenCalls::Count() {
  absl::MutexLock lock(&mutex_);
  return {calls_.size(), waiting_, reading_, reply_bytes_};
}

}  // namespace seinpost::server
