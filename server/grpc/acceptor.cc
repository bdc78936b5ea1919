// SPDX-License-Identifier: EUPL-1.2
#include "server/grpc/acceptor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace seinpost::server {

namespace {

constexpr int kAcceptsAtOnce = 64;
constexpr absl::Duration kNotePace = absl::Minutes(1);
constexpr absl::Duration kIdleSweepPace = absl::Seconds(2);
constexpr absl::Duration kBusySweepPace = absl::Milliseconds(100);
constexpr absl::Duration kFullSweepPace = absl::Milliseconds(10);
constexpr absl::Duration kLookPace = absl::Microseconds(20);  // a connection, looked at in a fiftieth of this

template <typename Map, typename Key>
void CountDown(Map& map, const Key& key) {
  const auto found = map.find(key);
  if (found != map.end() && --found->second == 0) map.erase(found);
}

}  // namespace

Acceptor::Acceptor(std::vector<Listener> listeners, Options options)
    : listeners_(std::move(listeners)),
      options_(std::move(options)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Acceptor::~Acceptor() {
  Stop();
  if (wake_ >= 0) close(wake_);
}

void Acceptor::Start(Give give) {
  give_ = std::move(give);
  thread_ = std::thread([this] { Loop(); });
}

void Acceptor::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
  for (const Listener& listener : listeners_) shutdown(listener.fd(), SHUT_RDWR);  // who waits is refused
  // What is left ends with the server.
  absl::MutexLock lock(&mutex_);
  for (auto it = connections_.begin(); it != connections_.end();) it = Forget(it);
}

void Acceptor::Wake() {
  const uint64_t one = 1;
  // Fails only when it is awake already.
  [[maybe_unused]] const ssize_t ignored = write(wake_, &one, sizeof(one));
}

void Acceptor::Loop() {
  while (true) {
    const bool room = HasRoom();
    std::vector<pollfd> waiting = {{wake_, POLLIN, 0}};
    absl::Duration pace;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      pace = SweepPace();
    }
    if (room) {
      for (const Listener& listener : listeners_) waiting.push_back({listener.fd(), POLLIN, 0});
    }
    poll(waiting.data(), waiting.size(), static_cast<int>(absl::ToInt64Milliseconds(pace)));
    uint64_t ignored = 0;
    while (read(wake_, &ignored, sizeof(ignored)) > 0) {
    }
    bool stuck = false;
    for (size_t i = 1; i < waiting.size(); ++i) {
      if ((waiting[i].revents & POLLIN) == 0) continue;
      for (int n = 0; n < kAcceptsAtOnce && HasRoom(); ++n) {
        errno = 0;
        if (AcceptOne(listeners_[i - 1])) continue;
        stuck = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        break;
      }
    }
    // Whoever waits stays in the queue; polling on would only turn in a circle.
    if (stuck) {
      pollfd awake{wake_, POLLIN, 0};
      poll(&awake, 1, static_cast<int>(absl::ToInt64Milliseconds(kBusySweepPace)));
    }
  }
}

absl::Duration Acceptor::SweepPace() {
  const size_t most = options_.bounds.connections;
  // The more there are to look at, the rarer.
  const auto scaled = [this](absl::Duration pace) {
    return std::max(pace, kLookPace * static_cast<int64_t>(connections_.size()));
  };
  if (connections_.size() >= most || ending_ > options_.bounds.without_session) {
    return scaled(kFullSweepPace);
  }
  if (!strangers_.empty() || ending_ > 0) return scaled(kBusySweepPace);
  return kIdleSweepPace;
}

bool Acceptor::HasRoom() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = steady_.Now();
  if (now - swept_ >= SweepPace()) {
    swept_ = now;
    Sweep(options_.clock->Now());
  }
  if (stopping_) return false;
  if (connections_.size() >= options_.bounds.connections) {
    was_busy_ = true;
    Note("all places for connections are taken; who comes now waits until others go");
    return false;
  }
  // Connections that were told to end and are still open: gRPC has not come round to closing them.
  if (ending_ > options_.bounds.without_session) {
    was_busy_ = true;
    return false;
  }
  return true;
}

void Acceptor::Sweep(absl::Time now) {
  for (auto it = connections_.begin(); it != connections_.end();) {
    struct stat info;
    const Connection& connection = it->second;
    const bool open =
        fstat(it->first, &info) == 0 && info.st_ino == connection.inode && info.st_dev == connection.device;
    if (!open) {
      it = Forget(it);
      continue;
    }
    if (connection.copy >= 0 && now - connection.since >= kStrangerLife) End(it->first);
    ++it;
  }
}

void Acceptor::ReleaseStranger(Connection& connection) {
  if (connection.copy < 0) return;
  close(std::exchange(connection.copy, -1));
  strangers_.erase(connection.peer);
  strangers_count_.store(strangers_.size(), std::memory_order_relaxed);
  CountDown(stranger_neighbours_, connection.neighbourhood);
}

Acceptor::Connections::iterator Acceptor::Forget(Connections::iterator it) {
  ReleaseStranger(it->second);
  if (it->second.ending) {
    --ending_;
  } else {
    CountDown(neighbours_, it->second.neighbourhood);
  }
  return connections_.erase(it);
}

void Acceptor::End(int fd) {
  Connection& connection = connections_.at(fd);
  shutdown(connection.copy, SHUT_RDWR);
  ReleaseStranger(connection);
  connection.ending = true;
  ++ending_;
  CountDown(neighbours_, connection.neighbourhood);
}

bool Acceptor::EndOldest(absl::string_view neighbourhood) {
  std::string of(neighbourhood);
  if (of.empty()) {
    uint32_t most = 0;
    for (const auto& [where, count] : stranger_neighbours_) {
      if (count <= most) continue;
      most = count;
      of = where;
    }
  }
  int oldest = -1;
  absl::Time since = absl::InfiniteFuture();
  for (const auto& [peer, fd] : strangers_) {
    const Connection& connection = connections_.at(fd);
    if (connection.neighbourhood != of || connection.since >= since) continue;
    oldest = fd;
    since = connection.since;
  }
  if (oldest < 0) return false;
  End(oldest);
  return true;
}

bool Acceptor::AcceptOne(const Listener& listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  const int fd =
      accept4(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    const int why = errno;
    if (why == EMFILE || why == ENFILE || why == ENOBUFS || why == ENOMEM) {
      absl::MutexLock lock(&mutex_);
      was_busy_ = true;
      Note("no descriptor or memory is left for a connection; who comes now waits");
    }
    errno = why;
    return why == ECONNABORTED || why == EINTR || why == EPROTO;
  }
  const std::optional<Endpoint> peer = EndpointOf(address);
  if (!peer || !Admit(fd, *peer)) {
    close(fd);
    return true;
  }
  give_(listener.fd(), fd);
  return true;
}

bool Acceptor::Admit(int fd, const Endpoint& peer) {
  const absl::Time now = options_.clock->Now();
  absl::MutexLock lock(&mutex_);
  ++accepted_;
  if (probes_.erase(peer) > 0) return false;
  // The number was somebody's who is gone.
  if (const auto former = connections_.find(fd); former != connections_.end()) Forget(former);
  Connection connection;
  connection.peer = peer;
  connection.neighbourhood = peer.Neighbourhood();
  connection.since = now;
  const auto has_place = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = neighbours_.find(connection.neighbourhood);
    return found == neighbours_.end() || found->second < options_.bounds.per_address;
  };
  if (!has_place() && steady_.Now() - swept_ >= kFullSweepPace) {
    swept_ = steady_.Now();
    Sweep(now);
  }
  if (!has_place() && !EndOldest(connection.neighbourhood)) {
    Note("one address holds as many connections as it may; more of its connections are closed");
    return false;
  }
  if (strangers_.size() >= options_.bounds.without_session) {
    Note("connections without a session are as many as may be; the oldest make place");
    if (!EndOldest("")) return false;
  }
  struct stat info;
  if (fstat(fd, &info) != 0) return false;
  connection.inode = info.st_ino;
  connection.device = info.st_dev;
  connection.copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (connection.copy < 0) return false;
  // A peer whose former connection was not seen to close: it is gone, since its port is in use again.
  if (const auto same = strangers_.find(peer); same != strangers_.end()) End(same->second);
  strangers_[peer] = fd;
  strangers_count_.store(strangers_.size(), std::memory_order_relaxed);
  ++neighbours_[connection.neighbourhood];
  ++stranger_neighbours_[connection.neighbourhood];
  connections_[fd] = std::move(connection);
  return true;
}

void Acceptor::ShowedSession(const Endpoint& peer) {
  if (!HasStrangers()) return;
  absl::MutexLock lock(&mutex_);
  const auto found = strangers_.find(peer);
  if (found != strangers_.end()) ReleaseStranger(connections_.at(found->second));
}

void Acceptor::Note(absl::string_view what) {
  if (options_.log == nullptr) return;
  const absl::Time now = steady_.Now();
  const auto found = noted_.find(what);
  if (found != noted_.end() && now - found->second < kNotePace) return;
  noted_[std::string(what)] = now;
  options_.log(what);
}

Acceptor::Counts Acceptor::Count() {
  absl::MutexLock lock(&mutex_);
  Sweep(options_.clock->Now());
  return {connections_.size(), strangers_.size(), accepted_};
}

Acceptor::Probed Acceptor::Probe(absl::Duration patience) {
  const Listener& listener = listeners_.front();
  const auto busy_or_nobody = [this] {
    absl::MutexLock lock(&mutex_);
    return std::exchange(was_busy_, false) ? Probed::kBusy : Probed::kNobody;
  };
  const int fd = socket(listener.address().ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Probed::kBusy;  // no descriptor is left
  const absl::Cleanup close_it = [fd] { close(fd); };
  // From the listener's own address, at any port, so that it is known before it is accepted.
  sockaddr_storage address = listener.address();
  if (address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = 0;
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_port = 0;
  }
  socklen_t size = listener.size();
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return Probed::kBusy;  // this machine has no port left
  }
  const std::optional<Endpoint> self = EndpointOf(address);
  if (!self) return Probed::kNobody;
  {
    absl::MutexLock lock(&mutex_);
    probes_.insert(*self);
  }
  const bool refused =
      connect(fd, reinterpret_cast<const sockaddr*>(&listener.address()), listener.size()) != 0 &&
      errno != EINPROGRESS;
  bool accepted = false;
  {
    absl::MutexLock lock(&mutex_);
    if (refused) patience = absl::ZeroDuration();
    const auto seen = [this, &self]()
                          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return probes_.count(*self) == 0; };
    accepted = mutex_.AwaitWithTimeout(absl::Condition(&seen), patience);
    probes_.erase(*self);
    if (accepted) was_busy_ = false;
  }
  return accepted ? Probed::kAccepted : busy_or_nobody();
}

}  // namespace seinpost::server
