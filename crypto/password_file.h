// SPDX-License-Identifier: EUPL-1.2
// A file sealed under a passphrase (docs/formats/sealed_file.md): Argon2id with its parameters in the file,
// then XChaCha20-Poly1305 with the whole header as associated data. Thread-safe, and slow on purpose.
#ifndef SEINPOST_CRYPTO_PASSWORD_FILE_H_
#define SEINPOST_CRYPTO_PASSWORD_FILE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "crypto/wiped.h"
#include "util/bytes.h"

namespace seinpost::crypto {

// How much work one guess costs. Use kModerate; kInteractive is for labs and tests.
enum class PassphraseStrength : uint8_t {
  kInteractive,  // 64 MiB, 2 passes, about 0.1 s
  kModerate,     // 256 MiB, 3 passes, about 0.5 s
};

inline constexpr size_t kMaxSealedFileBytes = 64 * 1024 * 1024;

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
