// SPDX-License-Identifier: EUPL-1.2
#include "crypto/process.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/synchronization/mutex.h"

namespace seinpost::crypto {

namespace {

// open() takes the lowest number that is free.
void OpenStandardStreams() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(number, F_GETFD) >= 0) continue;
    if (open("/dev/null", number == STDERR_FILENO ? O_WRONLY : O_RDONLY) != number) std::abort();
  }
}

}  // namespace

void StartProcess() {
  OpenStandardStreams();
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr) != 1) std::abort();
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace seinpost::crypto
