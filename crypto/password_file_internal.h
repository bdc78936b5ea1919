// SPDX-License-Identifier: EUPL-1.2
// Sealed files with parameters of one's own choice, for tests and fuzzing, where Argon2id must be cheap.
// Include from crypto/ and tests/ only.
#ifndef SEINPOST_CRYPTO_PASSWORD_FILE_INTERNAL_H_
#define SEINPOST_CRYPTO_PASSWORD_FILE_INTERNAL_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "crypto/password_file.h"
#include "crypto/wiped.h"
#include "util/bytes.h"

namespace seinpost::crypto::internal {

struct ArgonParameters {
  uint32_t memory_kib;
  uint32_t passes;
};

// Inclusive.
struct ArgonLimits {
  ArgonParameters least;
  ArgonParameters most;
};

struct PassphraseKeys {
  static absl::StatusOr<PassphraseKey> Make(ByteView passphrase, ArgonParameters parameters);
  static absl::StatusOr<PassphraseKey> Of(ByteView passphrase, ByteView sealed, const ArgonLimits& limits);

 private:
  // `preamble`: of a file, up to and with the salt.
  static absl::StatusOr<PassphraseKey> Derive(ByteView passphrase, Bytes preamble,
                                              ArgonParameters parameters);
};

absl::StatusOr<Bytes> SealWithParameters(ByteView passphrase, ByteView plaintext, ArgonParameters parameters);
absl::StatusOr<WipedBytes> OpenWithinLimits(ByteView passphrase, ByteView sealed, const ArgonLimits& limits);

}  // namespace seinpost::crypto::internal

#endif  // SEINPOST_CRYPTO_PASSWORD_FILE_INTERNAL_H_
