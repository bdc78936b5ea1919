// SPDX-License-Identifier: EUPL-1.2
#include "crypto/wiped.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "crypto/sodium_internal.h"

namespace seinpost::crypto {

void Wipe(void* data, size_t size) { sodium_memzero(data, size); }

void Wipe(Bytes& bytes) {
  bytes.resize(bytes.capacity());  // Never reallocates, and brings what lies behind the end within reach.
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
}

namespace internal {

void LockedFree::operator()(uint8_t* data) const { sodium_free(data); }

LockedBytes AllocateLocked(size_t size) {
  EnsureSodium();
  auto* data = static_cast<uint8_t*>(sodium_malloc(size));
  if (data == nullptr) {
    std::fputs("out of memory for secrets\n", stderr);
    std::abort();
  }
  sodium_memzero(data, size);  // sodium_malloc() fills with 0xdb.
  return LockedBytes(data);
}

}  // namespace internal

WipedBytes::WipedBytes(size_t capacity) : bytes_(internal::AllocateLocked(capacity)), capacity_(capacity) {}

WipedBytes WipedBytes::Copy(ByteView bytes) {
  WipedBytes copy(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.bytes_.get(), bytes.data(), bytes.size());
  copy.size_ = bytes.size();
  return copy;
}

WipedBytes::WipedBytes(WipedBytes&& other) noexcept
    : bytes_(std::move(other.bytes_)),
      capacity_(std::exchange(other.capacity_, 0)),
      size_(std::exchange(other.size_, 0)) {}

WipedBytes& WipedBytes::operator=(WipedBytes&& other) noexcept {
  bytes_ = std::move(other.bytes_);
  capacity_ = std::exchange(other.capacity_, 0);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

absl::Status WipedBytes::Append(ByteView bytes) {
  if (bytes.size() > capacity_ - size_) return absl::OutOfRangeError("wiped buffer is full");
  if (!bytes.empty()) std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
  return absl::OkStatus();
}

absl::Status WipedBytes::Resize(size_t size) {
  if (size > capacity_) return absl::OutOfRangeError("wiped buffer is too small");
  if (size < size_) sodium_memzero(bytes_.get() + size, size_ - size);
  size_ = size;
  return absl::OkStatus();
}

}  // namespace seinpost::crypto
