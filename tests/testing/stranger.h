// SPDX-License-Identifier: EUPL-1.2
// Somebody who reaches a broker's port and keeps no rules: plain connections, and HTTP/2 over TLS by hand.
// For tests and benchmarks only. Not thread-safe.
#ifndef SEINPOST_TESTS_TESTING_STRANGER_H_
#define SEINPOST_TESTS_TESTING_STRANGER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace seinpost::test {

// TCP connections that say nothing; closed with their object.
class Crowd {
 public:
  // `broker` is "127.0.0.1:port"; they come from `from`, an address in 127.0.0.0/8.
  explicit Crowd(std::string broker) : broker_(std::move(broker)) {}
  ~Crowd() { Leave(); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // How many of `count` more could connect. What waits in the broker's queue counts too.
  size_t Come(size_t count, const std::string& from = "127.0.0.1");
  void Leave();
  // How many the other side has not closed.
  size_t StillThere() const;
  // Waits until the other side has closed all but `most`; false after a minute.
  bool WaitForAtMost(size_t most) const;

 private:
  const std::string broker_;
  std::vector<int> sockets_;
};

// One connection of HTTP/2 over TLS (RFC 9113). Does not acknowledge SETTINGS, nor answer pings, unless it
// must.
class Stranger {
 public:
  struct Frame {
    uint8_t type = 0, flags = 0;
    uint32_t stream = 0;
    std::string payload;
  };
  static constexpr uint8_t kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kGoAway = 7;
  static constexpr uint8_t kEndStream = 1;

  // Connected, with `window` bytes to send into for every stream; !ok() if that failed.
  explicit Stranger(const std::string& broker, uint32_t window = 65535,
                    const std::string& from = "127.0.0.1");
  ~Stranger();
  Stranger(Stranger&&) = delete;

  bool ok() const;
  // The headers of a call, its stream left open; returns the stream.
  uint32_t Call(absl::string_view path,
                const std::vector<std::pair<std::string, std::string>>& metadata = {});
  // Bytes of its request. A message is five bytes, 0 and its length in 32 bits, and itself.
  void Send(uint32_t stream, absl::string_view bytes, bool end = false);
  // A whole message, and the end of the request.
  void SendMessage(uint32_t stream, absl::string_view message);
  // So many bytes more may come on a stream, or on 0: the connection.
  void OpenWindow(uint32_t stream, uint32_t bytes);
  static std::string MessageHeader(uint32_t length);
  // False once the other side has gone.
  bool Flush();
  // The next frame; nothing when the other side has closed, or after a minute.
  std::optional<Frame> Read();
  // The gRPC status of a stream, by reading on; -1 if it was reset or everything ended without one. Only
  // codes as gRPC writes them: not compressed by Huffman.
  int StatusOf(uint32_t stream);

 private:
  struct Tls;
  void Add(uint8_t type, uint8_t flags, uint32_t stream, absl::string_view payload);
  bool ReadBytes(size_t count, std::string& bytes);

  std::unique_ptr<Tls> tls_;
  std::string out_;
  uint32_t next_stream_ = 1;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_TESTING_STRANGER_H_
