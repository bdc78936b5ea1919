// SPDX-License-Identifier: EUPL-1.2
#include "bench/flood.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/sender.h"
#include "tests/testing/stranger.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

using test::Crowd;
using test::Stranger;

constexpr size_t kPerAddress = 500;
constexpr size_t kHalf = 60 * 1024;  // what HTTP/2's first window lets through
constexpr size_t kFrame = 16 * 1024;

std::string AddressOf(size_t index) { return absl::StrCat("127.0.1.", 1 + index / kPerAddress % 250); }

void SendHalf(Stranger& stranger, const char* path, uint32_t whole) {
  const uint32_t stream = stranger.Call(path);
  std::string bytes = Stranger::MessageHeader(whole) + std::string(kHalf, 'x');
  for (size_t at = 0; at < bytes.size(); at += kFrame) stranger.Send(stream, bytes.substr(at, kFrame));
}

using Strangers = std::vector<std::unique_ptr<Stranger>>;

// Makes the `count` connections of a flood; `then` has each do what it does.
template <typename Then>
std::shared_ptr<Strangers> Come(const Door& door, size_t count, uint32_t window, Then then) {
  auto strangers = std::make_shared<Strangers>();
  for (size_t i = 0; i < count; ++i) {
    auto stranger = std::make_unique<Stranger>(door.address, window, AddressOf(i));
    if (!stranger->ok()) continue;
    then(*stranger);
    stranger->Flush();
    strangers->push_back(std::move(stranger));
  }
  return strangers;
}

// Asks for challenges, `at_once` at a time, as long as it lives.
class Challenger {
 public:
  Challenger(const Door& door, size_t at_once)
      : thread_([this, address = door.address, at_once] { Ask(address, at_once); }) {}
  ~Challenger() {
    stopping_ = true;
    thread_.join();
  }

 private:
  void Ask(const std::string& address, size_t at_once) {
    while (!stopping_) {
      Stranger stranger(address, 65535, AddressOf(0));
      while (stranger.ok() && !stopping_) {
        uint32_t last = 0;
        for (size_t i = 0; i < at_once; ++i) {
          last = stranger.Call("/seinpost.v1.SessionService/Challenge");
          stranger.SendMessage(last, "");
        }
        stranger.OpenWindow(0, 65535);
        if (stranger.StatusOf(last) < 0) break;
      }
    }
  }
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

absl::StatusOr<std::shared_ptr<void>> Members(const Door& door, size_t size) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Sender> sender, Sender::Login(door));
  size_t let_in = 0;
  const auto members = Come(door, size, 65535, [&](Stranger& stranger) {
    const uint32_t stream = stranger.Call("/seinpost.v1.TransparencyService/GetCheckpoint",
                                          {{"seinpost-session-bin", sender->token()}});
    stranger.SendMessage(stream, "");
    if (stranger.StatusOf(stream) >= 0) ++let_in;
  });
  if (let_in == size) return std::shared_ptr<void>(members);
  return absl::ResourceExhaustedError(absl::StrCat(let_in, " of ", size, " members were let in"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<void>> StartFlood(Flood flood, const Door& door, size_t size) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  switch (flood) {
    case Flood::kConnections: {
      auto crowd = std::make_shared<Crowd>(door.address);
      for (size_t came = 0; came < size; came += kPerAddress) {
        crowd->Come(std::min(kPerAddress, size - came), AddressOf(came));
      }
      return std::shared_ptr<void>(crowd);
    }
    case Flood::kTls:
      return std::shared_ptr<void>(Come(door, size, 65535, [](Stranger&) {}));
    case Flood::kUnreadReplies:
      return std::shared_ptr<void>(Come(door, 1, 0, [size](Stranger& stranger) {
        for (size_t i = 0; i < size; ++i) {
          stranger.SendMessage(stranger.Call("/seinpost.v1.ConvenantService/GetConvenant"), "");
        }
      }));
    case Flood::kHalfSentRequests:
      return std::shared_ptr<void>(Come(door, (size + 7) / 8, 65535, [](Stranger& stranger) {
        for (int i = 0; i < 8; ++i) SendHalf(stranger, "/seinpost.v1.PublicationService/Publish", 1 << 20);
      }));
    case Flood::kWithoutSession:
      return std::shared_ptr<void>(Come(door, (size + 99) / 100, 65535, [](Stranger& stranger) {
        for (int i = 0; i < 100; ++i) SendHalf(stranger, "/seinpost.v1.SubmissionService/Submit", 3 << 20);
      }));
    case Flood::kChallenges:
      return std::shared_ptr<void>(std::make_shared<Challenger>(door, size));
    case Flood::kMembers:
      return Members(door, size);
  }
  return absl::InvalidArgumentError("no such flood");
}

}  // namespace seinpost::bench
