// SPDX-License-Identifier: EUPL-1.2
#include "server/rpc/call_watch.h"

#include <iterator>
#include <utility>

namespace seinpost::server {

namespace {

constexpr absl::Duration kPace = absl::Milliseconds(100);
constexpr size_t kMostSpare = 1024;

}  // namespace

CallWatch::~CallWatch() { Stop(); }

void CallWatch::Start(std::function<void()> tick) {
  tick_ = std::move(tick);
  thread_ = std::thread([this] { Loop(); });
}

void CallWatch::Stop() {
  {
    absl::MutexLock lock(&stop_mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void CallWatch::Loop() {
  while (true) {
    {
      absl::MutexLock lock(&stop_mutex_);
      if (stop_mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kPace)) return;
    }
    tick_();
    Sweep();
  }
}

// Most calls are over before anybody looks; few are armed at once.
void CallWatch::Sweep() {
  const absl::Time now = clock_.Now();
  const std::lock_guard<std::recursive_mutex> lock(mutex_);
  while (true) {
    Entry* late = nullptr;
    for (Entry* entry : armed_) {
      if (entry->deadline_ > now && !entry->gives_way_) continue;
      late = entry;
      break;
    }
    if (late == nullptr) return;
    late->Disarm();
    late->context_.TryCancel();  // `late` may be gone now
  }
}

CallWatch::Entry::Entry(CallWatch& watch, const grpc::CallbackServerContext& context)
    : watch_(watch), context_(context) {}

CallWatch::Entry::~Entry() { Disarm(); }

void CallWatch::Entry::Arm(absl::Duration patience) {
  const absl::Time deadline = watch_.clock_.Now() + patience;
  const std::lock_guard<std::recursive_mutex> lock(watch_.mutex_);
  if (deadline_ == absl::InfiniteFuture()) {
    if (watch_.spare_.empty()) watch_.spare_.push_front(nullptr);
    watch_.armed_.splice(watch_.armed_.end(), watch_.spare_, watch_.spare_.begin());
    place_ = std::prev(watch_.armed_.end());
    *place_ = this;
  }
  deadline_ = deadline;
}

void CallWatch::Entry::Disarm() {
  const std::lock_guard<std::recursive_mutex> lock(watch_.mutex_);
  if (deadline_ == absl::InfiniteFuture()) return;
  deadline_ = absl::InfiniteFuture();
  if (watch_.spare_.size() < kMostSpare) {
    watch_.spare_.splice(watch_.spare_.begin(), watch_.armed_, place_);
  } else {
    watch_.armed_.erase(place_);
  }
}

}  // namespace seinpost::server
