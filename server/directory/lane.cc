// SPDX-License-Identifier: EUPL-1.2
#include "server/directory/lane.h"

#include <utility>

#include "server/gate/quota.h"
#include "util/bytes.h"

namespace seinpost::server {

namespace {

constexpr absl::Duration kComeBackAfter = absl::Seconds(1);

}  // namespace

Lane::Lane(const Bounds& bounds) : bounds_(bounds) {
  thread_ = std::thread([this] { Run(); });
}

Lane::~Lane() { Stop(); }

absl::StatusOr<Lane::Place> Lane::Reserve(absl::string_view address, size_t bytes) {
  const size_t share = address.empty() ? 1 : 2;
  absl::MutexLock lock(&mutex_);
  const auto found = lines_.find(address);
  const size_t own_requests = found == lines_.end() ? 0 : found->second.requests;
  const size_t own_bytes = found == lines_.end() ? 0 : found->second.bytes;
  if (requests_ >= bounds_.requests || bytes_ + bytes > bounds_.bytes ||
      own_requests >= bounds_.requests / share || own_bytes + bytes > bounds_.bytes / share) {
    return OverQuota(kComeBackAfter);
  }
  Line& line = lines_[std::string(address)];
  ++requests_;
  bytes_ += bytes;
  ++line.requests;
  line.bytes += bytes;
  return Place(new Seat{std::string(address), bytes}, [this](const Seat* seat) {
    Leave(*seat);
    delete seat;
  });
}

void Lane::Leave(const Seat& seat) {
  absl::MutexLock lock(&mutex_);
  --requests_;
  bytes_ -= seat.bytes;
  const auto found = lines_.find(seat.address);
  found->second.bytes -= seat.bytes;
  if (--found->second.requests == 0) lines_.erase(found);
}

void Lane::Schedule(Place place, std::function<void(Place)> task) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) {
      Line& line = lines_.find(place->address)->second;
      if (line.tasks.empty()) turns_.push_back(place->address);
      line.tasks.emplace_back(std::move(place), std::move(task));
      return;
    }
  }
  task(std::move(place));
}

void Lane::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Lane::Run() {
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !turns_.empty(); };
  while (true) {
    std::pair<Place, std::function<void(Place)>> next;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&ready));
      if (turns_.empty()) return;
      const std::string address = std::move(turns_.front());
      turns_.pop_front();
      Line& line = lines_.find(address)->second;
      next = std::move(line.tasks.front());
      line.tasks.pop_front();
      if (!line.tasks.empty()) turns_.push_back(address);
    }
    next.second(std::move(next.first));
  }
}

UrgentFirst::UrgentFirst() {
  thread_ = std::thread([this] { Run(); });
}

UrgentFirst::~UrgentFirst() { Stop(); }

void UrgentFirst::Schedule(bool urgent, std::function<void()> task) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) {
      (urgent ? urgent_ : others_).push_back(std::move(task));
      return;
    }
  }
  task();
}

void UrgentFirst::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void UrgentFirst::Run() {
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !urgent_.empty() || !others_.empty();
  };
  while (true) {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&ready));
      std::deque<std::function<void()>>& line = urgent_.empty() ? others_ : urgent_;
      if (line.empty()) return;
      task = std::move(line.front());
      line.pop_front();
    }
    task();
  }
}

}  // namespace seinpost::server
