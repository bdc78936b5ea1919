// SPDX-License-Identifier: EUPL-1.2
// What a stranger can do at the port of the metrics.
#include "server/gate/metrics.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"

namespace seinpost::server {
namespace {

using testing::HasSubstr;

// A connection to 127.0.0.1 that waits for no answer longer than ten seconds.
class Connection {
 public:
  explicit Connection(const std::string& address) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
    to.sin_port = htons(static_cast<uint16_t>(port));
    const timeval patience{10, 0};
    EXPECT_EQ(setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Send(const std::string& text) {
    EXPECT_EQ(send(socket_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // Up to the end, or the end of patience.
  std::string ReadAll() {
    std::string all;
    char buffer[4096];
    ssize_t got = 0;
    while ((got = recv(socket_, buffer, sizeof buffer, 0)) > 0) all.append(buffer, static_cast<size_t>(got));
    return all;
  }

 private:
  const int socket_;
};

TEST(DoorMetrics, AnswerWhileHalfSentRequestsLie) {
  Metrics metrics;
  const absl::StatusOr<std::string> address = metrics.Listen("127.0.0.1:0");
  ASSERT_TRUE(address.ok()) << address.status();
  // More than there are threads, so that some have to be given up; with one thread all of them in turn.
  std::vector<std::unique_ptr<Connection>> half_sent;
  for (int i = 0; i < 9; ++i) {
    half_sent.push_back(std::make_unique<Connection>(*address));
    half_sent.back()->Send("GET /metrics HTTP/1.1\r\nHost: x");
  }
  Connection whole(*address);
  whole.Send("GET /metrics HTTP/1.0\r\n\r\n");
  EXPECT_THAT(whole.ReadAll(), HasSubstr("seinpost_syncs_total"));
}

TEST(DoorMetrics, KnowWhoCanConnect) {
  for (const char* address : {"127.0.0.1:9443", "127.1.2.3:0", "[::1]:9443", "localhost:9443"}) {
    EXPECT_TRUE(IsLoopback(address)) << address;
  }
  for (const char* address : {"0.0.0.0:9443", "[::]:9443", "10.127.0.1:9443", "host.example:9443", ":9443"}) {
    EXPECT_FALSE(IsLoopback(address)) << address;
  }
}

}  // namespace
}  // namespace seinpost::server
