// SPDX-License-Identifier: EUPL-1.2
#include "crypto/process.h"

#include <openssl/crypto.h>

#include <cstdlib>

#include "absl/synchronization/mutex.h"

namespace seinpost::crypto {

void StartProcess() {
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr) != 1) std::abort();
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace seinpost::crypto
