// SPDX-License-Identifier: EUPL-1.2
#include "crypto/sodium_internal.h"

#include <cstdio>
#include <cstdlib>

namespace seinpost::crypto::internal {

bool EnsureSodium() {
  static const bool ready = [] {
    if (sodium_init() < 0) {
      std::fputs("libsodium cannot start\n", stderr);
      std::abort();
    }
    return true;
  }();
  return ready;
}

}  // namespace seinpost::crypto::internal
