// SPDX-License-Identifier: EUPL-1.2
// Buffers that are wiped when they die, for what is secret but is not a key of fixed size (that is Secret<N>,
// crypto/secret.h): intermediate values inside crypto/, and decrypted files.
#ifndef SEINPOST_CRYPTO_WIPED_H_
#define SEINPOST_CRYPTO_WIPED_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/base/attributes.h"
#include "absl/status/statusor.h"
#include "util/bytes.h"

namespace seinpost::crypto {

// Overwrites `size` bytes with zeros in a way the compiler does not drop.
void Wipe(void* data, size_t size);
// Wipes the whole capacity of `bytes` and leaves it empty. For a library that insists on std::string: copies
// that the string made while it grew are out of reach, so reserve first.
void Wipe(Bytes& bytes);

// WipedArray is N bytes on the stack, zero at first, wiped on destruction. It neither copies nor moves.
// Not locked in memory: for values that live as long as one function call.
template <size_t N>
class WipedArray {
 public:
  WipedArray() = default;
  ~WipedArray() { Wipe(bytes_.data(), N); }
  WipedArray(const WipedArray&) = delete;
  WipedArray& operator=(const WipedArray&) = delete;

  uint8_t* data() { return bytes_.data(); }
  const uint8_t* data() const { return bytes_.data(); }
  static constexpr size_t size() { return N; }
  std::span<const uint8_t, N> span() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return bytes_; }
  ByteView view() const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    return ByteView(reinterpret_cast<const char*>(bytes_.data()), N);
  }

 private:
  std::array<uint8_t, N> bytes_{};
};

namespace internal {
// Memory from sodium_malloc: locked where the system's limit allows it, between guard pages, left out of core
// dumps, wiped when freed.
struct LockedFree {
  void operator()(uint8_t* data) const;
};
using LockedBytes = std::unique_ptr<uint8_t[], LockedFree>;
LockedBytes AllocateLocked(size_t size);  // All zero. Aborts when memory is exhausted.
}  // namespace internal

// WipedBytes is a buffer of fixed capacity in locked memory. Fixed, because a buffer that grows leaves
// unwiped copies behind. Move-only; a moved-from one is empty with capacity 0.
class WipedBytes {
 public:
  explicit WipedBytes(size_t capacity);
  static WipedBytes Copy(ByteView bytes);
  WipedBytes(WipedBytes&& other) noexcept;
  WipedBytes& operator=(WipedBytes&& other) noexcept;
  ~WipedBytes() = default;

  // kOutOfRange, and nothing appended, when it does not fit.
  absl::Status Append(ByteView bytes);

  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  // The bytes themselves: `git grep ExposeSecret` finds every use.
  ByteView ExposeSecretView() const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    return ByteView(reinterpret_cast<const char*>(bytes_.get()), size_);
  }
  // For a writer that fills the buffer itself: capacity() bytes; call Resize() with how many were written.
  uint8_t* MutableData() ABSL_ATTRIBUTE_LIFETIME_BOUND { return bytes_.get(); }
  // kOutOfRange above capacity(). Shrinking wipes what is cut off.
  absl::Status Resize(size_t size);

 private:
  internal::LockedBytes bytes_;
  size_t capacity_ = 0;
  size_t size_ = 0;
};

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_WIPED_H_
