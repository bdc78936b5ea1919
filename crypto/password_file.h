// SPDX-License-Identifier: EUPL-1.2
// A file sealed under a passphrase (docs/formats/sealed_file.md): Argon2id with its parameters in the file,
// then XChaCha20-Poly1305 with the whole header as associated data. Thread-safe, and slow on purpose.
#ifndef SEINPOST_CRYPTO_PASSWORD_FILE_H_
#define SEINPOST_CRYPTO_PASSWORD_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "crypto/secret.h"
#include "crypto/wiped.h"
#include "util/bytes.h"

namespace seinpost::crypto {

// How much work one guess costs. Use kModerate; kInteractive is for labs and tests.
enum class PassphraseStrength : uint8_t {
  kInteractive,  // 64 MiB, 2 passes, about 0.1 s
  kModerate,     // 256 MiB, 3 passes, about 0.5 s
};

inline constexpr size_t kMaxSealedFileBytes = 64 * 1024 * 1024;

namespace internal {
struct PassphraseKeys;
}

// PassphraseKey is what a passphrase becomes under one salt: who writes a file again pays for Argon2id once.
// Every sealing has a random nonce of 24 bytes of its own. Copies share the key, wiped with the last of them.
class PassphraseKey {
 public:
  // Under a fresh salt. kInvalidArgument: an empty passphrase. kResourceExhausted: no memory.
  static absl::StatusOr<PassphraseKey> Make(ByteView passphrase,
                                            PassphraseStrength strength = PassphraseStrength::kModerate);
  // Under the salt of `sealed`. Whether the passphrase is right shows when it is opened. kInvalidArgument and
  // kResourceExhausted as for OpenWithPassphrase().
  static absl::StatusOr<PassphraseKey> Of(ByteView passphrase, ByteView sealed);

  // Whether `sealed` is a file under the salt and parameters of this key.
  bool IsOf(ByteView sealed) const;
  // kInvalidArgument: a plaintext above kMaxSealedFileBytes.
  absl::StatusOr<Bytes> Seal(ByteView plaintext) const;
  // kInvalidArgument: not this format. kUnauthenticated: another passphrase, another salt, or altered.
  absl::StatusOr<WipedBytes> Open(ByteView sealed) const;

 private:
  friend struct internal::PassphraseKeys;
  PassphraseKey(Bytes preamble, std::shared_ptr<const Secret<32>> key);

  Bytes preamble_;  // of the file, up to and with the salt
  std::shared_ptr<const Secret<32>> key_;
};

// kInvalidArgument: an empty passphrase, or a plaintext above kMaxSealedFileBytes. kResourceExhausted: no
// memory.
absl::StatusOr<Bytes> SealWithPassphrase(ByteView passphrase, ByteView plaintext,
                                         PassphraseStrength strength = PassphraseStrength::kModerate);

// kInvalidArgument: not this format, or parameters outside what SealWithPassphrase() writes, which are
// refused before they cost anything. kUnauthenticated: another passphrase, or altered; it does not say which.
// kResourceExhausted: no memory.
absl::StatusOr<WipedBytes> OpenWithPassphrase(ByteView passphrase, ByteView sealed);

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_PASSWORD_FILE_H_
