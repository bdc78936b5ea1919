// SPDX-License-Identifier: EUPL-1.2
#include "crypto/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/synchronization/mutex.h"

namespace seinpost::crypto {
namespace {

// Exit handlers run in the reverse of the order they came in, and this one comes before main(): whatever
// libcrypto registered has run by then.
bool asked = false;
const int registered = std::atexit([] {
  if (asked) std::_Exit(OPENSSL_init_crypto(0, nullptr) == 1 ? 7 : 8);
});

TEST(Process, LibcryptoStillServesWhileTheProcessExits) {
  ASSERT_EQ(registered, 0);
  EXPECT_EXIT(
      {
        asked = true;
        unsigned char hash[EVP_MAX_MD_SIZE];
        if (EVP_Digest("x", 1, hash, nullptr, EVP_sha256(), nullptr) != 1) std::_Exit(9);
        std::exit(0);
      },
      testing::ExitedWithCode(7), "");
}

void LockInBothOrders() {
  absl::Mutex one, other;
  {
    absl::MutexLock first(&one), second(&other);
  }
  absl::MutexLock first(&other), second(&one);
}

TEST(Process, LocksLookForDeadlocksInTestsOnly) {
  EXPECT_DEATH(LockInBothOrders(), "");
  EXPECT_EXIT(
      {
        StartProcess();
        LockInBothOrders();
        std::exit(7);
      },
      testing::ExitedWithCode(7), "");
}

// Ends with 7 when all is as it should be.
[[noreturn]] void StartWithClosedStreams() {
  for (int number = 0; number <= 2; ++number) close(number);
  StartProcess();
  const bool ours = open("/dev/null", O_RDONLY) <= 2;
  char byte = 0;
  const bool read_end = read(0, &byte, 1) == 0;
  const bool write_fails = write(1, "x", 1) < 0;
  const bool said_is_lost = write(2, "x", 1) == 1;
  std::_Exit(!ours && read_end && write_fails && said_is_lost ? 7 : 8);
}

TEST(Process, StandardStreamsThatWereClosedAreNoFilesOfOurs) {
  EXPECT_EXIT(StartWithClosedStreams(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace seinpost::crypto
