// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/publisher.h"

#include <utility>

namespace seinpost::server {

namespace {
constexpr absl::Duration kPace = absl::Milliseconds(100);
constexpr absl::Duration kIdleLook = absl::Seconds(15);  // how often an idle log is asked whether it is due
}  // namespace

Publisher::Publisher(std::vector<Realm*> realms, const Clock& clock, FailedPublishing failed)
    : realms_(std::move(realms)), clock_(clock), failed_(std::move(failed)) {
  thread_ = std::thread([this] { Run(); });
}

Publisher::~Publisher() { Stop(); }

void Publisher::Notify() {
  absl::MutexLock lock(&mutex_);
  notified_ = true;
}

void Publisher::Flush() {
  absl::MutexLock lock(&publishing_);
  for (Realm* realm : realms_) {
    if (!realm->Writable().ok()) continue;
    const absl::Status published = realm->Publish(clock_.Now());
    if (!published.ok()) failed_(published);
  }
}

void Publisher::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  thread_.join();
  Flush();
}

void Publisher::Run() {
  const auto stopping = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_; };
  const auto awake = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || notified_; };
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&awake), kIdleLook);
      if (stopping_) return;
      notified_ = false;
    }
    Flush();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping), kPace);
  }
}

}  // namespace seinpost::server
