// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/fingerprint.h"

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"

namespace seinpost::client {

std::string GroupedHex(const Digest& hash) {
  const std::string hex = ToHex(hash);
  std::string grouped;
  for (size_t i = 0; i < hex.size(); i += 4) {
    absl::StrAppend(&grouped, i == 0 ? "" : " ", hex.substr(i, 4));
  }
  return grouped;
}

std::string Fingerprint(ByteView public_key) { return GroupedHex(crypto::Sha256(public_key)); }

}  // namespace seinpost::client
