// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/call_guard.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "client/broker/grpc_status.h"
#include "client/terminal/context.h"
#include "util/clock.h"

namespace seinpost::client {
namespace {

const SteadyClock kSteady;

absl::Status InterruptedCall() { return UnreachableError("before the broker answered"); }

}  // namespace

CallGuard::CallGuard(const Interrupt* stop) : stop_(stop), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) std::abort();
}

CallGuard::~CallGuard() {
  {
    absl::MutexLock lock(&mutex_);
    over_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
  close(wake_);
}

void CallGuard::Wake() const {
  const uint64_t one = 1;
  if (write(wake_, &one, sizeof one) != sizeof one) std::abort();  // it counts to 2^64
}

absl::Status CallGuard::MayCall() const {
  return stop_ != nullptr && stop_->raised() ? InterruptedCall() : absl::OkStatus();
}

absl::Time CallGuard::CutDue(absl::Time now) {
  absl::Time next = absl::InfiniteFuture();
  for (GuardedCall* one = newest_; one != nullptr; one = one->outer_) {
    if (one->cut_ != GuardedCall::Cut::kNo) continue;
    if (stop_ != nullptr && stop_->raised()) {
      one->cut_ = GuardedCall::Cut::kInterrupted;
    } else if (one->until_ <= now) {
      one->cut_ = GuardedCall::Cut::kIdle;
    }
    if (one->cut_ != GuardedCall::Cut::kNo) {
      one->call_.TryCancel();
    } else {
      next = std::min(next, one->until_);
    }
  }
  return next;
}

void CallGuard::Run() {
  while (true) {
    absl::Time now = kSteady.Now();
    pollfd wait[2] = {{wake_, POLLIN, 0}, {-1, POLLIN, 0}};
    int milliseconds = -1;
    {
      absl::MutexLock lock(&mutex_);
      if (over_) return;
      sleeps_until_ = CutDue(now);
      if (sleeps_until_ != absl::InfiniteFuture()) {
        const int64_t left = absl::ToInt64Milliseconds(sleeps_until_ - now) + 1;
        milliseconds = static_cast<int>(std::clamp<int64_t>(left, 1, 60'000));
      }
      // Once raised it stays readable, and every call is cut off as it begins.
      if (stop_ != nullptr && !stop_->raised()) wait[1].fd = stop_->fd();
    }
    poll(wait, 2, milliseconds);
    uint64_t wakes = 0;
    if (wait[0].revents != 0 && read(wake_, &wakes, sizeof wakes) != sizeof wakes) continue;
  }
}

GuardedCall::GuardedCall(CallGuard& guard, grpc::ClientContext& call)
    : guard_(guard), call_(call), outer_([&guard] {
        absl::MutexLock lock(&guard.mutex_);
        return guard.newest_;
      }()) {
  if (!guard_.thread_.joinable()) guard_.thread_ = std::thread([&guard] { guard.Run(); });
  absl::MutexLock lock(&guard_.mutex_);
  guard_.newest_ = this;
  guard_.CutDue(kSteady.Now());  // interrupted between the last call and this one
}

GuardedCall::~GuardedCall() {
  absl::MutexLock lock(&guard_.mutex_);
  guard_.newest_ = outer_;
}

void GuardedCall::Wait(absl::Duration idle) {
  bool wake = false;
  {
    absl::MutexLock lock(&guard_.mutex_);
    until_ = idle == absl::InfiniteDuration() ? absl::InfiniteFuture() : kSteady.Now() + idle;
    wake = until_ < guard_.sleeps_until_;
  }
  if (wake) guard_.Wake();
}

absl::Status GuardedCall::Meaning(const grpc::Status& status) const {
  Cut cut = Cut::kNo;
  {
    absl::MutexLock lock(&guard_.mutex_);
    cut = cut_;
  }
  if (status.ok() || cut == Cut::kNo) return FromGrpc(status);
  return cut == Cut::kInterrupted ? InterruptedCall()
                                  : UnreachableError("the broker does not answer in time");
}

}  // namespace seinpost::client
