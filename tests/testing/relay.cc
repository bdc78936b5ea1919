// SPDX-License-Identifier: EUPL-1.2
#include "tests/testing/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace seinpost::test {
namespace {

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool WriteAll(int socket, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

}  // namespace

Relay::Relay(std::string broker)
    : broker_(std::move(broker)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      wake_(eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  // Little fits in between, so that what a sender has got rid of has come through.
  const int small = 32 * 1024;
  setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  thread_ = std::thread([this] { Run(); });
}

Relay::~Relay() {
  const uint64_t one = 1;
  if (write(wake_, &one, sizeof one) != sizeof one) std::abort();
  thread_.join();
  close(listener_);
  close(wake_);
}

void Relay::Slow(size_t bytes, absl::Duration pause) {
  bytes_at_once_ = bytes;
  pause_ms_ = absl::ToInt64Milliseconds(pause);
}

void Relay::Run() {
  struct Pair {
    int client, broker;
  };
  std::vector<Pair> pairs;
  std::vector<char> buffer(64 * 1024);
  const auto pump = [&](int from, int to, size_t most) {
    const ssize_t got = recv(from, buffer.data(), std::min(most, buffer.size()), 0);
    return got > 0 && WriteAll(to, buffer.data(), static_cast<size_t>(got));
  };
  while (true) {
    std::vector<pollfd> wait{{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Pair& pair : pairs) {
      const auto events = static_cast<short>(frozen_ || broker_.empty() ? 0 : POLLIN);
      wait.push_back({events == 0 ? -1 : pair.client, events, 0});
      wait.push_back({events == 0 ? -1 : pair.broker, events, 0});
    }
    // Looks up now and then whether it is to freeze.
    if (poll(wait.data(), wait.size(), 20) < 0) std::abort();
    if (wait[0].revents != 0) break;
    if (frozen_) continue;
    for (size_t i = 0; i < pairs.size(); ++i) {
      const bool up = (wait[2 + 2 * i].revents) != 0, down = (wait[3 + 2 * i].revents) != 0;
      bool alive = !down || pump(pairs[i].broker, pairs[i].client, buffer.size());
      if (alive && up) {
        alive = pump(pairs[i].client, pairs[i].broker, bytes_at_once_);
        if (pause_ms_ > 0) poll(wait.data(), 1, static_cast<int>(pause_ms_));
      }
      if (!alive) {
        shutdown(pairs[i].client, SHUT_RDWR);
        shutdown(pairs[i].broker, SHUT_RDWR);
        close(pairs[i].client);
        close(pairs[i].broker);
        pairs.erase(pairs.begin() + static_cast<ptrdiff_t>(i));
        break;  // the rest with the next look
      }
    }
    if (wait[1].revents != 0) {
      Pair pair{accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), -1};
      if (!broker_.empty()) {
        int port = 0;
        if (!absl::SimpleAtoi(broker_.substr(broker_.find(':') + 1), &port)) std::abort();
        sockaddr_in address = Loopback(static_cast<uint16_t>(port));
        pair.broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(pair.broker, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
      }
      pairs.push_back(pair);
      if (!connected_.HasBeenNotified()) connected_.Notify();
    }
  }
  for (const Pair& pair : pairs) {
    close(pair.client);
    if (pair.broker >= 0) close(pair.broker);
  }
}

}  // namespace seinpost::test
