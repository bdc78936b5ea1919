// SPDX-License-Identifier: EUPL-1.2
// Untrusted sealed files, with Argon2id limited to what costs nothing.
#include "crypto/password_file.h"
#include "crypto/password_file_internal.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace crypto = seinpost::crypto;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr crypto::internal::ArgonLimits kLimits = {.least = {.memory_kib = 8, .passes = 1},
                                                     .most = {.memory_kib = 16, .passes = 2}};
  const ByteView file = seinpost::FuzzView(data, size);
  const absl::StatusOr<crypto::WipedBytes> opened =
      crypto::internal::OpenWithinLimits("passphrase", file, kLimits);
  FuzzCheck(!opened.ok() || opened->size() + 66 + 16 == size,
            "content has the size that the file has room for");
  // The real limits refuse every cheap file before they do any work.
  FuzzCheck(!opened.ok() || !crypto::OpenWithPassphrase("passphrase", file).ok(), "cheap files are refused");
  return 0;
}
