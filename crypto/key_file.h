// SPDX-License-Identifier: EUPL-1.2
// Key files: 32 bytes and nothing else, read straight into locked memory.
#ifndef SEINPOST_CRYPTO_KEY_FILE_H_
#define SEINPOST_CRYPTO_KEY_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "crypto/secret.h"

namespace seinpost::crypto {

// kNotFound: no such file. kDataLoss: not 32 bytes. kFailedPrecondition: not a regular file, or not readable.
absl::StatusOr<Secret<32>> ReadKeyBytes(const std::string& path);

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_KEY_FILE_H_
