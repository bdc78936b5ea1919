// SPDX-License-Identifier: EUPL-1.2
#include "tests/integration/lossy_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace seinpost::test {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// The bytes that have come, passed on unless `lose`. How many; 0: this side has ended.
size_t PassOnBytes(int from, int to, bool lose) {
  char buffer[65536];
  const ssize_t got = recv(from, buffer, sizeof buffer, 0);
  if (got <= 0) return 0;
  for (ssize_t done = 0; done < got && !lose;) {
    const ssize_t sent = send(to, buffer + done, static_cast<size_t>(got - done), MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    done += sent;
  }
  return static_cast<size_t>(got);
}

}  // namespace

LossyProxy::LossyProxy(const std::string& broker) {
  broker_port_ = std::atoi(broker.substr(broker.rfind(':') + 1).c_str());
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here = Loopback(0);
  socklen_t size = sizeof here;
  if (listener_ < 0 || bind(listener_, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
      listen(listener_, 16) != 0 || getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size) != 0) {
    std::abort();
  }
  address_ = "127.0.0.1:" + std::to_string(ntohs(here.sin_port));
  accepting_ = std::thread([this] { Accept(); });
}

LossyProxy::~LossyProxy() {
  over_ = true;
  shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  CutOff();
  for (std::thread& one : serving_) one.join();
  close(listener_);
}

void LossyProxy::CutOff() {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const int one : open_) shutdown(one, SHUT_RDWR);
}

void LossyProxy::Accept() {
  while (!over_) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const std::lock_guard<std::mutex> lock(mutex_);
    open_.push_back(client);
    serving_.emplace_back([this, client] { Serve(client); });
  }
}

void LossyProxy::Serve(int client) {
  const int broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in there = Loopback(broker_port_);
  bool going = broker >= 0 && connect(broker, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
  size_t gone = 0;  // to the broker
  pollfd sides[2] = {{client, POLLIN, 0}, {broker, POLLIN, 0}};
  while (going && poll(sides, 2, -1) > 0) {
    if (sides[0].revents != 0) {
      const size_t passed = PassOnBytes(client, broker, false);
      gone += passed;
      going = passed > 0;
    }
    if (going && sides[1].revents != 0) going = PassOnBytes(broker, client, gone >= lose_after_) > 0;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  open_.erase(std::remove(open_.begin(), open_.end(), client), open_.end());
  close(client);
  if (broker >= 0) close(broker);
}

}  // namespace seinpost::test
