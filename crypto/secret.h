// SPDX-License-Identifier: EUPL-1.2
// Secret<N> holds exactly N bytes of key material in locked memory and wipes them when it dies. The size is
// fixed on purpose: a buffer that grows leaves unwiped copies behind. There is no operator<< and no
// conversion to text, so it cannot reach a log by accident.
//
// Each Secret costs a few system calls (sodium_malloc: guard pages, mlock), some tens of microseconds: it is
// for keys that live. Values that live as long as one call are WipedArray<N> (crypto/wiped.h).
//
// Distinct Secrets may be used from any thread; one Secret may be read by several at once.
#ifndef SEINPOST_CRYPTO_SECRET_H_
#define SEINPOST_CRYPTO_SECRET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "crypto/wiped.h"
#include "util/bytes.h"

namespace seinpost::crypto {

namespace internal {
void FillRandom(uint8_t* data, size_t size);  // System CSPRNG; aborts if that fails.
bool SecretEquals(const uint8_t* a, const uint8_t* b, size_t size);
void CopySecret(uint8_t* to, const void* from, size_t size);
[[noreturn]] void UsedAfterMove();
}  // namespace internal

// Move-only. A moved-from Secret may only be destroyed or assigned to; reading it aborts, because going on
// with zeros for a key would be worse.
template <size_t N>
class Secret {
 public:
  static constexpr size_t kSize = N;

  static Secret Random() {
    return Filled([](uint8_t* data) { internal::FillRandom(data, N); });
  }
  // kInvalidArgument unless `bytes` has exactly N bytes. The caller's bytes stay the caller's to wipe.
  static absl::StatusOr<Secret> FromBytes(ByteView bytes) {
    if (bytes.size() != N) return WrongSize("secret", N, bytes.size());
    return Filled([bytes](uint8_t* data) { internal::CopySecret(data, bytes.data(), N); });
  }
  // `fill` writes all N bytes. For code that computes a key in place.
  static Secret Filled(absl::FunctionRef<void(uint8_t*)> fill) {
    Secret secret;
    fill(secret.bytes_.get());
    return secret;
  }

  Secret(Secret&& other) noexcept = default;
  Secret& operator=(Secret&& other) noexcept = default;
  ~Secret() = default;

  // Copying is explicit, so that it shows.
  Secret Clone() const {
    return Filled([this](uint8_t* data) { internal::CopySecret(data, ExposeSecret().data(), N); });
  }
  // Constant time.
  bool Equals(const Secret& other) const {
    return internal::SecretEquals(ExposeSecret().data(), other.ExposeSecret().data(), N);
  }

  // The only ways to the bytes: `git grep ExposeSecret` finds every use.
  std::span<const uint8_t, N> ExposeSecret() const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    if (bytes_ == nullptr) internal::UsedAfterMove();
    return std::span<const uint8_t, N>(bytes_.get(), N);
  }
  ByteView ExposeSecretView() const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    return ByteView(reinterpret_cast<const char*>(ExposeSecret().data()), N);
  }

 private:
  Secret() : bytes_(internal::AllocateLocked(N)) {}
  internal::LockedBytes bytes_;
};

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_SECRET_H_
