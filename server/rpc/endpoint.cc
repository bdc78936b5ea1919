// SPDX-License-Identifier: EUPL-1.2
#include "server/rpc/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace seinpost::server {

namespace {

constexpr char kMapped[] = "\0\0\0\0\0\0\0\0\0\0\xff\xff";  // RFC 4291 2.5.5.2
constexpr size_t kMappedBytes = 12;

std::string Mapped(const in_addr& address) {
  std::string mapped(kMapped, kMappedBytes);
  mapped.append(reinterpret_cast<const char*>(&address), sizeof(address));
  return mapped;
}

std::string Plain(const in6_addr& address) {
  return std::string(reinterpret_cast<const char*>(&address), sizeof(address));
}

}  // namespace

std::string Endpoint::Neighbourhood() const {
  return absl::StartsWith(address, absl::string_view(kMapped, kMappedBytes)) ? address : address.substr(0, 8);
}

std::optional<Endpoint> EndpointOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    return Endpoint{Mapped(v4.sin_addr), ntohs(v4.sin_port)};
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof(v6));
    return Endpoint{Plain(v6.sin6_addr), ntohs(v6.sin6_port)};
  }
  return std::nullopt;
}

std::optional<Endpoint> EndpointOfPeer(absl::string_view peer) {
  const bool v4 = absl::ConsumePrefix(&peer, "ipv4:");
  if (!v4 && !absl::ConsumePrefix(&peer, "ipv6:")) return std::nullopt;
  const std::string plain = absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
  const size_t colon = plain.rfind(':');
  Endpoint endpoint;
  uint32_t port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(plain.substr(colon + 1), &port) || port > 65535) {
    return std::nullopt;
  }
  endpoint.port = static_cast<uint16_t>(port);
  std::string host = plain.substr(0, colon);
  if (v4) {
    in_addr address{};
    if (inet_pton(AF_INET, host.c_str(), &address) != 1) return std::nullopt;
    endpoint.address = Mapped(address);
    return endpoint;
  }
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  host = host.substr(0, host.find('%'));  // a link-local address names its interface
  in6_addr address{};
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1) return std::nullopt;
  endpoint.address = Plain(address);
  return endpoint;
}

}  // namespace seinpost::server
