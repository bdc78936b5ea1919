// SPDX-License-Identifier: EUPL-1.2
#include "server/grpc/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace seinpost::server {

namespace {

constexpr int kBacklog = 4096;  // the kernel's net.core.somaxconn bounds it further
constexpr int kUnreadMilliseconds = 20'000;

void SetPort(sockaddr_storage& address, uint16_t port) {
  if (address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_port = htons(port);
  }
}

uint16_t PortOf(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

bool IsAny(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) {
    return IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  }
  return reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr == htonl(INADDR_ANY);
}

sockaddr_storage AnyOfBothFamilies() {
  sockaddr_storage address{};
  address.ss_family = AF_INET6;
  return address;
}

void SetOption(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof(value));
}

// kUnavailable with the system's reason.
absl::StatusOr<Listener> ListenOn(sockaddr_storage address, socklen_t size) {
  const auto failed = [] { return absl::UnavailableError(std::strerror(errno)); };
  const int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return failed();
  absl::Cleanup close_it = [fd] { close(fd); };
  SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.ss_family == AF_INET6) SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, IsAny(address) ? 0 : 1);
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnreadMilliseconds);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) return failed();
  if (listen(fd, kBacklog) != 0) return failed();
  socklen_t bound_size = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bound_size) != 0) return failed();
  if (IsAny(address)) {
    if (address.ss_family == AF_INET6) {
      reinterpret_cast<sockaddr_in6&>(address).sin6_addr = in6addr_loopback;
    } else {
      reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
  }
  std::move(close_it).Cancel();
  return Listener(fd, address, bound_size);
}

struct Candidate {
  sockaddr_storage address;
  socklen_t size;
};

absl::StatusOr<std::vector<Candidate>> Resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return absl::UnavailableError(gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &freeaddrinfo);
  std::vector<Candidate> candidates;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    Candidate candidate{{}, at->ai_addrlen};
    std::memcpy(&candidate.address, at->ai_addr, at->ai_addrlen);
    if (IsAny(candidate.address)) {
      // One socket for both; where the system has no IPv6, the one that was asked for.
      return std::vector<Candidate>{{AnyOfBothFamilies(), sizeof(sockaddr_in6)}, candidate};
    }
    candidates.push_back(candidate);
  }
  return candidates;
}

}  // namespace

Listener::Listener(Listener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), address_(other.address_), size_(other.size_) {}

Listener::~Listener() {
  if (fd_ >= 0) close(fd_);
}

uint16_t Listener::port() const { return PortOf(address_); }

absl::StatusOr<std::vector<Listener>> Listen(const std::string& address) {
  const size_t colon = address.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) || port > 65535) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": not \"host:port\""));
  }
  std::string host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  absl::StatusOr<std::vector<Candidate>> candidates = Resolve(host);
  absl::Status why = candidates.status();
  std::vector<Listener> listeners;
  if (candidates.ok()) {
    for (Candidate& candidate : *candidates) {
      SetPort(candidate.address, static_cast<uint16_t>(port));
      absl::StatusOr<Listener> listener = ListenOn(candidate.address, candidate.size);
      if (!listener.ok()) {
        why = listener.status();
        continue;
      }
      port = listener->port();
      const bool both = IsAny(candidate.address) && candidate.address.ss_family == AF_INET6;
      listeners.push_back(*std::move(listener));
      if (both) break;
    }
  }
  if (!listeners.empty()) return listeners;
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", why.message()));
}

}  // namespace seinpost::server
