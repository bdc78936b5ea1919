// SPDX-License-Identifier: EUPL-1.2
#include "crypto/process.h"

#include <openssl/crypto.h>

#include <cstdlib>

namespace seinpost::crypto {

void KeepLibcryptoAtExit() {
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr) != 1) std::abort();
}

}  // namespace seinpost::crypto
