// SPDX-License-Identifier: EUPL-1.2
// main() of every GoogleTest program: brokers and clients run inside many of them.
#include <gmock/gmock.h>

#include "absl/synchronization/mutex.h"
#include "crypto/process.h"

int main(int argc, char** argv) {
  seinpost::crypto::StartProcess();
  // A test may pay for it: two locks that are ever taken in both orders end it.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kAbort);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
