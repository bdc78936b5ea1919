// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/publisher.h"

#include <utility>

namespace seinpost::server {

namespace {
constexpr absl::Duration kPace = absl::Milliseconds(100);
constexpr absl::Duration kAgain = absl::Seconds(1);      // after a failure
constexpr absl::Duration kIdleLook = absl::Seconds(15);  // how often an idle log is asked whether it is due
}  // namespace

Publisher::Publisher(std::vector<Realm*> realms, const Clock& clock, TriedPublishing tried)
    : realms_(std::move(realms)), clock_(clock), tried_(std::move(tried)) {
  thread_ = std::thread([this] { Run(); });
}

Publisher::~Publisher() { Stop(); }

void Publisher::Notify() {
  absl::MutexLock lock(&mutex_);
  notified_ = true;
}

bool Publisher::Flush() {
  absl::MutexLock lock(&publishing_);
  bool all = true;
  for (Realm* realm : realms_) {
    if (!realm->Sound().ok()) continue;
    const absl::Status published = realm->Publish(clock_.Now());
    all = all && published.ok();
    tried_(*realm, published);
  }
  return all;
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
  bool published = true;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&awake), published ? kIdleLook : kAgain);
      if (stopping_) return;
      notified_ = false;
    }
    published = Flush();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping), published ? kPace : kAgain);
  }
}

}  // namespace seinpost::server
