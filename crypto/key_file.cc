// SPDX-License-Identifier: EUPL-1.2
#include "crypto/key_file.h"

#include "absl/strings/str_cat.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::crypto {

absl::StatusOr<Secret<32>> ReadKeyBytes(const std::string& path) {
  absl::StatusOr<size_t> size = absl::UnknownError("");
  Secret<32> key =
      Secret<32>::Filled([&](uint8_t* out) { size = ReadFileInto(path, out, Secret<32>::kSize); });
  if (absl::IsResourceExhausted(size.status()) || (size.ok() && *size != Secret<32>::kSize)) {
    return absl::DataLossError(absl::StrCat("'", path, "' is not a key of 32 bytes"));
  }
  RETURN_IF_ERROR(size.status());
  return key;
}

}  // namespace seinpost::crypto
