// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GRPC_LISTENER_H_
#define SEINPOST_SERVER_GRPC_LISTENER_H_

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace seinpost::server {

// A TCP socket that listens; closed with its object.
class Listener {
 public:
  Listener(int fd, const sockaddr_storage& address, socklen_t size)
      : fd_(fd), address_(address), size_(size) {}
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  int fd() const { return fd_; }
  uint16_t port() const;
  // Where this machine reaches it: its own address, or loopback if it listens on all.
  const sockaddr_storage& address() const { return address_; }
  socklen_t size() const { return size_; }

 private:
  int fd_;
  sockaddr_storage address_;
  socklen_t size_;
};

// Listens on every address that "host:port" stands for, all of them at one port; port 0 picks one. The host
// is a name, an IPv4 address or an IPv6 address in brackets; 0.0.0.0 and [::] are all addresses of both
// families. What is accepted inherits: no delay, and an end after 20 s in which the other side takes nothing.
// kUnavailable: none of them can be listened on.
absl::StatusOr<std::vector<Listener>> Listen(const std::string& address);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GRPC_LISTENER_H_
