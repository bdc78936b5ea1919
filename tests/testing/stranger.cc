// SPDX-License-Identifier: EUPL-1.2
#include "tests/testing/stranger.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace seinpost::test {
namespace {

constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr int kPatienceSeconds = 60;

sockaddr_in AddressOf(const std::string& host, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

// A connected socket, or -1.
int Connect(const std::string& broker, const std::string& from) {
  const size_t colon = broker.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(broker.substr(colon + 1), &port)) return -1;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const timeval patience{kPatienceSeconds, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  const int one = 1;
  // So that as many ports may be had as there are, at each address.
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  const sockaddr_in here = AddressOf(from, 0);
  const sockaddr_in there = AddressOf(broker.substr(0, colon), static_cast<uint16_t>(port));
  if (bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof(here)) == 0 &&
      connect(fd, reinterpret_cast<const sockaddr*>(&there), sizeof(there)) == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

std::string BigEndian(uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>((value >> (8 * i)) & 0xff);
  return text;
}

// HPACK (RFC 7541 6.2.2): a literal that is not indexed, with a new name; both shorter than 127 bytes.
std::string Header(absl::string_view name, absl::string_view value) {
  return absl::StrCat(std::string(1, '\0'), std::string(1, static_cast<char>(name.size())), name,
                      std::string(1, static_cast<char>(value.size())), value);
}

}  // namespace

size_t Crowd::Come(size_t count, const std::string& from) {
  size_t came = 0;
  for (size_t i = 0; i < count; ++i) {
    const int fd = Connect(broker_, from);
    if (fd < 0) continue;
    sockets_.push_back(fd);
    ++came;
  }
  return came;
}

void Crowd::Leave() {
  for (const int fd : sockets_) close(fd);
  sockets_.clear();
}

size_t Crowd::StillThere() const {
  size_t there = 0;
  for (const int fd : sockets_) {
    char byte = 0;
    const ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))) ++there;
  }
  return there;
}

bool Crowd::WaitForAtMost(size_t most) const {
  const absl::Time end = absl::Now() + absl::Seconds(kPatienceSeconds);
  while (StillThere() > most) {
    // Until something happens on one of those that are there.
    std::vector<pollfd> waiting;
    for (const int fd : sockets_) {
      char byte = 0;
      if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0) waiting.push_back({fd, POLLIN | POLLRDHUP, 0});
    }
    if (waiting.size() <= most) continue;  // others closed since
    const auto left = static_cast<int>(absl::ToInt64Milliseconds(end - absl::Now()));
    if (left <= 0 || poll(waiting.data(), waiting.size(), left) == 0) return false;
  }
  return true;
}

struct Stranger::Tls {
  ~Tls() {
    SSL_free(ssl);
    SSL_CTX_free(context);
    if (fd >= 0) close(fd);
  }
  int fd = -1;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  bool ok = false;
};

Stranger::Stranger(const std::string& broker, uint32_t window, const std::string& from)
    : tls_(std::make_unique<Tls>()) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes into what the other side has closed
  tls_->fd = Connect(broker, from);
  if (tls_->fd < 0) return;
  tls_->context = SSL_CTX_new(TLS_client_method());
  tls_->ssl = SSL_new(tls_->context);
  static constexpr unsigned char kAlpn[] = {2, 'h', '2'};
  SSL_set_alpn_protos(tls_->ssl, kAlpn, sizeof(kAlpn));
  SSL_set_fd(tls_->ssl, tls_->fd);
  if (SSL_connect(tls_->ssl) != 1) return;
  tls_->ok = true;
  out_ = kPreface;
  // HEADER_TABLE_SIZE 0, so that headers come as they are; INITIAL_WINDOW_SIZE.
  Add(kSettings, 0, 0, absl::StrCat(BigEndian(1, 2), BigEndian(0, 4), BigEndian(4, 2), BigEndian(window, 4)));
  Flush();
}

Stranger::~Stranger() = default;

bool Stranger::ok() const { return tls_->ok; }

void Stranger::Add(uint8_t type, uint8_t flags, uint32_t stream, absl::string_view payload) {
  absl::StrAppend(&out_, BigEndian(static_cast<uint32_t>(payload.size()), 3),
                  std::string(1, static_cast<char>(type)), std::string(1, static_cast<char>(flags)),
                  BigEndian(stream, 4), payload);
}

uint32_t Stranger::Call(absl::string_view path,
                        const std::vector<std::pair<std::string, std::string>>& metadata) {
  std::string headers = absl::StrCat(Header(":method", "POST"), Header(":scheme", "https"),
                                     Header(":path", path), Header(":authority", "localhost"),
                                     Header("te", "trailers"), Header("content-type", "application/grpc"));
  for (const auto& [name, value] : metadata) {
    headers += Header(name, absl::EndsWith(name, "-bin") ? absl::Base64Escape(value) : value);
  }
  const uint32_t stream = next_stream_;
  next_stream_ += 2;
  Add(kHeaders, 4, stream, headers);  // END_HEADERS
  return stream;
}

void Stranger::Send(uint32_t stream, absl::string_view bytes, bool end) {
  Add(kData, end ? kEndStream : 0, stream, bytes);
}

void Stranger::OpenWindow(uint32_t stream, uint32_t bytes) {
  Add(8, 0, stream, BigEndian(bytes, 4));  // WINDOW_UPDATE
}

std::string Stranger::MessageHeader(uint32_t length) { return std::string(1, '\0') + BigEndian(length, 4); }

void Stranger::SendMessage(uint32_t stream, absl::string_view message) {
  Send(stream, MessageHeader(static_cast<uint32_t>(message.size())) + std::string(message), true);
}

bool Stranger::Flush() {
  size_t sent = 0;
  while (tls_->ok && sent < out_.size()) {
    const int wrote = SSL_write(tls_->ssl, out_.data() + sent, static_cast<int>(out_.size() - sent));
    if (wrote <= 0) tls_->ok = false;
    if (wrote > 0) sent += static_cast<size_t>(wrote);
  }
  out_.clear();
  return tls_->ok;
}

bool Stranger::ReadBytes(size_t count, std::string& bytes) {
  bytes.resize(count);
  size_t have = 0;
  while (tls_->ok && have < count) {
    const int got = SSL_read(tls_->ssl, bytes.data() + have, static_cast<int>(count - have));
    if (got <= 0) tls_->ok = false;
    if (got > 0) have += static_cast<size_t>(got);
  }
  return have == count;
}

std::optional<Stranger::Frame> Stranger::Read() {
  Flush();
  std::string head;
  if (!ReadBytes(9, head)) return std::nullopt;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(head[i])); };
  Frame frame;
  frame.type = static_cast<uint8_t>(byte(3));
  frame.flags = static_cast<uint8_t>(byte(4));
  frame.stream = (byte(5) & 0x7f) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8);
  if (!ReadBytes(byte(0) << 16 | byte(1) << 8 | byte(2), frame.payload)) return std::nullopt;
  return frame;
}

int Stranger::StatusOf(uint32_t stream) {
  const std::string name = "grpc-status";
  while (const std::optional<Frame> frame = Read()) {
    if (frame->type == kGoAway) return -1;
    if (frame->stream != stream) continue;
    if (frame->type == kReset) return -1;
    if (frame->type != kHeaders) continue;
    const size_t at = frame->payload.find(name);
    if (at == std::string::npos) continue;
    const size_t length = static_cast<unsigned char>(frame->payload[at + name.size()]);
    int code = -1;
    if (!absl::SimpleAtoi(frame->payload.substr(at + name.size() + 1, length), &code)) return -1;
    return code;
  }
  return -1;
}

}  // namespace seinpost::test
