// SPDX-License-Identifier: EUPL-1.2
// The one place that includes libsodium's header. Include from .cc files of crypto/ only.
#ifndef SEINPOST_CRYPTO_SODIUM_INTERNAL_H_
#define SEINPOST_CRYPTO_SODIUM_INTERNAL_H_

#include <sodium.h>

#include <cstdint>

#include "util/bytes.h"

namespace seinpost::crypto::internal {

// Runs sodium_init() once, from whichever thread comes first; aborts if it fails. Each .cc of crypto/ calls
// it before main() through kSodiumReady; functions that other static initialisers may reach call it
// themselves.
bool EnsureSodium();
static const bool kSodiumReady = EnsureSodium();

// Never null: libsodium declares its arguments so, also where the size is 0.
inline const unsigned char* Data(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data() == nullptr ? "" : bytes.data());
}
inline unsigned char* Data(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
inline ByteView AsView(const uint8_t* data, size_t size) {
  return ByteView(reinterpret_cast<const char*>(data), size);
}

}  // namespace seinpost::crypto::internal

#endif  // SEINPOST_CRYPTO_SODIUM_INTERNAL_H_
