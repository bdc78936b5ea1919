// SPDX-License-Identifier: EUPL-1.2
#include "server/grpc/self_probe.h"

namespace seinpost::server {

SelfProbe::~SelfProbe() { Stop(); }

void SelfProbe::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void SelfProbe::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void SelfProbe::Loop() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.pace)) return;
    }
    KnockOnce();
  }
}

void SelfProbe::KnockOnce() {
  const Acceptor::Probed probed = options_.knock();
  if (probed != Acceptor::Probed::kNobody) {
    failures_.clear();
    if (probed == Acceptor::Probed::kBusy) Log("busy: as many connections or descriptors as may be");
    return;
  }
  const absl::Time now = options_.clock->Now();
  failures_.push_back(now);
  while (now - failures_.front() > kDeafWithin) failures_.pop_front();
  Log("a connection from this machine was not accepted, though there are places");
  if (failures_.size() < kProbesToBeDeaf || deaf_) return;
  deaf_ = true;
  Log("nobody is accepted any more: a restart is needed");
  if (options_.deaf != nullptr) options_.deaf();
}

void SelfProbe::Log(absl::string_view line) const {
  if (options_.log != nullptr) options_.log(line);
}

}  // namespace seinpost::server
