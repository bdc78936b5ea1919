// SPDX-License-Identifier: EUPL-1.2
#include "crypto/secret.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "crypto/sodium_internal.h"

namespace seinpost::crypto::internal {

void FillRandom(uint8_t* data, size_t size) {
  EnsureSodium();
  randombytes_buf(data, size);
}

bool SecretEquals(const uint8_t* a, const uint8_t* b, size_t size) { return sodium_memcmp(a, b, size) == 0; }

void CopySecret(uint8_t* to, const void* from, size_t size) { std::memcpy(to, from, size); }

void UsedAfterMove() {
  std::fputs("a secret was read after it was moved away\n", stderr);
  std::abort();
}

}  // namespace seinpost::crypto::internal
