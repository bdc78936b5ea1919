// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_RPC_ENDPOINT_H_
#define SEINPOST_SERVER_RPC_ENDPOINT_H_

#include <sys/socket.h>

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace seinpost::server {

// The far end of a TCP connection: 16 bytes of address, IPv4 as IPv6 has it, and the port. Never logged.
struct Endpoint {
  std::string address;
  uint16_t port = 0;

  // Whom a bound per address counts: the IPv4 address, or the IPv6 /64, which is one subscriber's.
  std::string Neighbourhood() const;

  friend bool operator<(const Endpoint& a, const Endpoint& b) {
    return a.port != b.port ? a.port < b.port : a.address < b.address;
  }
  friend bool operator==(const Endpoint& a, const Endpoint& b) {
    return a.port == b.port && a.address == b.address;
  }
};

// Nothing if the family is not IPv4 or IPv6.
std::optional<Endpoint> EndpointOf(const sockaddr_storage& address);
// What gRPC calls the peer of a call: "ipv4:127.0.0.1:4242", "ipv6:%5B::1%5D:4242". Nothing if it is neither.
std::optional<Endpoint> EndpointOfPeer(absl::string_view peer);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RPC_ENDPOINT_H_
