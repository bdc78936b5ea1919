// SPDX-License-Identifier: EUPL-1.2
#include "server/rpc/endpoint.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace seinpost::server {
namespace {

sockaddr_storage V4(const char* text, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, text, &address.sin_addr);
  sockaddr_storage storage{};
  std::memcpy(&storage, &address, sizeof(address));
  return storage;
}

sockaddr_storage V6(const char* text, uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  inet_pton(AF_INET6, text, &address.sin6_addr);
  sockaddr_storage storage{};
  std::memcpy(&storage, &address, sizeof(address));
  return storage;
}

TEST(DoorEndpoint, IsTheSameAsTheSystemAndGrpcSayIt) {
  EXPECT_EQ(EndpointOf(V4("192.0.2.7", 4242)), EndpointOfPeer("ipv4:192.0.2.7:4242"));
  EXPECT_EQ(EndpointOf(V6("::ffff:192.0.2.7", 4242)), EndpointOfPeer("ipv4:192.0.2.7:4242"));
  EXPECT_EQ(EndpointOf(V6("2001:db8::1", 1)), EndpointOfPeer("ipv6:%5B2001:db8::1%5D:1"));
  EXPECT_EQ(EndpointOf(V6("2001:db8::1", 1)), EndpointOfPeer("ipv6:[2001:db8::1]:1"));
  EXPECT_EQ(EndpointOf(V6("fe80::1", 9)), EndpointOfPeer("ipv6:%5Bfe80::1%25eth0%5D:9"));
  for (const char* peer : {"", "unix:/x", "ipv4:", "ipv4:1.2.3.4", "ipv4:1.2.3.4:x", "ipv4:1.2.3.4:65536",
                           "ipv6:%5Bzz%5D:1", "ipv6:"}) {
    EXPECT_FALSE(EndpointOfPeer(peer).has_value()) << peer;
  }
}

TEST(DoorEndpoint, CountsAnIpv4AddressAndAnIpv6Subscriber) {
  const auto of = [](const sockaddr_storage& address) { return EndpointOf(address)->Neighbourhood(); };
  EXPECT_NE(of(V4("192.0.2.7", 1)), of(V4("192.0.2.8", 1)));
  EXPECT_EQ(of(V4("192.0.2.7", 1)), of(V4("192.0.2.7", 2)));
  EXPECT_EQ(of(V6("2001:db8::1", 1)), of(V6("2001:db8::ffff:1", 1)));
  EXPECT_NE(of(V6("2001:db8::1", 1)), of(V6("2001:db8:0:1::1", 1)));
}

}  // namespace
}  // namespace seinpost::server
