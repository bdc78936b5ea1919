// SPDX-License-Identifier: EUPL-1.2
// main() of every GoogleTest program: brokers and clients run inside many of them.
#include <gmock/gmock.h>

#include "crypto/process.h"

int main(int argc, char** argv) {
  seinpost::crypto::KeepLibcryptoAtExit();
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
