// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COPIES_DESCRIPTOR_H_
#define SEINPOST_SERVER_COPIES_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace seinpost::server {

// Closes a file descriptor when it dies. -1: none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COPIES_DESCRIPTOR_H_
