// SPDX-License-Identifier: EUPL-1.2
#include "server/copies/control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "crypto/hash.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr absl::string_view kSocketName = "control";
constexpr absl::string_view kCheckpointPrefix = "checkpoint-";
constexpr absl::string_view kRequestLine = "checkpoint\n";
constexpr size_t kMaxLineBytes = 512;
constexpr int kRequestTimeoutMs = 5000;
constexpr int kWaiting = 16;

absl::Status SocketFailed(absl::string_view what, const std::string& data_dir) {
  return absl::UnavailableError(
      absl::StrCat("cannot ", what, " '", data_dir, "/", kSocketName, "': ", std::strerror(errno)));
}

// An address holds 107 characters; a directory's name may have more, and then goes by its descriptor.
struct SocketAddress {
  Descriptor directory;
  sockaddr_un address{};
};
absl::StatusOr<SocketAddress> AddressIn(const std::string& data_dir) {
  SocketAddress made;
  made.directory = Descriptor(open(data_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (made.directory.get() < 0) return SocketFailed("reach", data_dir);
  const std::string path = absl::StrCat("/proc/self/fd/", made.directory.get(), "/", kSocketName);
  made.address.sun_family = AF_UNIX;
  std::memcpy(made.address.sun_path, path.c_str(), path.size() + 1);
  return made;
}

const sockaddr* Generic(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr*>(&address.address);
}

bool IsOwnOrRoot(int connection) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == geteuid() || peer.uid == 0);
}

bool SendLine(int connection, absl::string_view line) {
  return send(connection, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
}

// Up to and including the end of the line; less when the other side is gone, or says too much.
std::string ReceiveLine(int connection) {
  std::string line;
  char byte = 0;
  while (line.size() < kMaxLineBytes && recv(connection, &byte, 1, 0) == 1) {
    line += byte;
    if (byte == '\n') break;
  }
  return line;
}

std::string NewCheckpointName() { return absl::StrCat(kCheckpointPrefix, ToHex(crypto::RandomBytes(8))); }

void RemoveTree(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

// RocksDB builds a checkpoint under another name first, which begins the same.
void RemoveLeftCheckpoints(const std::string& data_dir) {
  std::error_code error;
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(data_dir, error)) {
    if (absl::StartsWith(entry.path().filename().string(), kCheckpointPrefix)) left.push_back(entry.path());
  }
  for (const std::string& path : left) RemoveTree(path);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControlSocket>> ControlSocket::Start(const std::string& data_dir,
                                                                    const Store& store, Log log) {
  RemoveLeftCheckpoints(data_dir);
  ASSIGN_OR_RETURN(const SocketAddress address, AddressIn(data_dir));
  unlink(address.address.sun_path);
  Descriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (listener.get() < 0 || bind(listener.get(), Generic(address), sizeof(address.address)) != 0 ||
      chmod(address.address.sun_path, 0600) != 0 || listen(listener.get(), kWaiting) != 0) {
    return SocketFailed("listen on", data_dir);
  }
  Descriptor stop(eventfd(0, EFD_CLOEXEC));
  if (stop.get() < 0) return SocketFailed("listen on", data_dir);
  return std::unique_ptr<ControlSocket>(
      new ControlSocket(data_dir, store, std::move(log), std::move(listener), std::move(stop)));
}

ControlSocket::ControlSocket(std::string data_dir, const Store& store, Log log, Descriptor listener,
                             Descriptor stop)
    : data_dir_(std::move(data_dir)),
      store_(store),
      log_(std::move(log)),
      listener_(std::move(listener)),
      stop_(std::move(stop)),
      thread_([this] { Loop(); }) {}

ControlSocket::~ControlSocket() {
  const uint64_t one = 1;
  // An eventfd takes eight bytes whole.
  if (write(stop_.get(), &one, sizeof(one)) == sizeof(one)) thread_.join();
  unlink(absl::StrCat(data_dir_, "/", kSocketName).c_str());
}

bool ControlSocket::Await(int fd, int timeout_ms) const {
  pollfd watched[] = {{fd, POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  int ready = -1;
  do {
    ready = poll(watched, 2, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  return watched[1].revents == 0 && ready > 0;
}

void ControlSocket::Loop() {
  while (Await(listener_.get(), -1)) {
    const Descriptor connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.get() < 0) {
      Await(-1, kRequestTimeoutMs);  // no descriptors left, perhaps: try again later
    } else if (IsOwnOrRoot(connection.get())) {
      Serve(connection.get());
    }
  }
}

void ControlSocket::Serve(int connection) {
  if (!Await(connection, kRequestTimeoutMs)) return;
  const timeval patience{kRequestTimeoutMs / 1000, 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (ReceiveLine(connection) != kRequestLine) return;
  const std::string name = NewCheckpointName();
  const std::string directory = absl::StrCat(data_dir_, "/", name);
  const absl::Status made = store_.MakeCheckpoint(directory);
  if (made.ok()) {
    log_("a backup is being made");
    // Until the other side has copied it and goes.
    if (SendLine(connection, absl::StrCat("ok ", name, "\n"))) Await(connection, -1);
  } else {
    log_(absl::StrCat("a backup could not be begun: ", made.ToString()));
    SendLine(connection, absl::StrCat("failed ", made.message(), "\n"));
  }
  RemoveTree(directory);
}

absl::StatusOr<CheckpointLease> CheckpointLease::Take(const std::string& data_dir) {
  ASSIGN_OR_RETURN(const SocketAddress address, AddressIn(data_dir));
  Descriptor connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connection.get() < 0) return SocketFailed("reach", data_dir);
  if (connect(connection.get(), Generic(address), sizeof(address.address)) != 0) {
    if (errno != ENOENT && errno != ECONNREFUSED) return SocketFailed("reach", data_dir);
    StoreOptions options;
    options.create = false;
    ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(data_dir + "/db", options));
    RemoveLeftCheckpoints(data_dir);
    std::string directory = absl::StrCat(data_dir, "/", NewCheckpointName());
    RETURN_IF_ERROR(store->MakeCheckpoint(directory));
    return CheckpointLease(std::move(directory), Descriptor());
  }
  if (!IsOwnOrRoot(connection.get())) {
    return absl::UnavailableError(absl::StrCat("another user listens on '", data_dir, "/", kSocketName, "'"));
  }
  if (!SendLine(connection.get(), kRequestLine)) return SocketFailed("ask the broker through", data_dir);
  const std::string line = ReceiveLine(connection.get());
  absl::string_view answer = absl::StripSuffix(line, "\n");
  if (absl::ConsumePrefix(&answer, "ok ") && absl::StartsWith(answer, kCheckpointPrefix) &&
      !absl::StrContains(answer, "/")) {
    return CheckpointLease(absl::StrCat(data_dir, "/", answer), std::move(connection));
  }
  absl::ConsumePrefix(&answer, "failed ");
  return absl::UnavailableError(absl::StrCat("the running broker gave no copy: ",
                                             answer.empty() ? "it ended, or is stopping" : answer));
}

// A broker sees the connection close, and removes what it made.
CheckpointLease::~CheckpointLease() {
  if (!directory_.empty() && !online()) RemoveTree(directory_);
}

}  // namespace seinpost::server
