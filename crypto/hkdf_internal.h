// SPDX-License-Identifier: EUPL-1.2
// HKDF-Extract into memory of the caller's choice. Include from crypto/ only.
#ifndef SEINPOST_CRYPTO_HKDF_INTERNAL_H_
#define SEINPOST_CRYPTO_HKDF_INTERNAL_H_

#include <cstdint>
#include <initializer_list>

#include "util/bytes.h"

namespace seinpost::crypto::internal {

// RFC 5869 Section 2.2 with IKM = the parts one after the other; writes 32 bytes.
void HkdfExtractInto(ByteView salt, std::initializer_list<ByteView> ikm, uint8_t* prk);

}  // namespace seinpost::crypto::internal

#endif  // SEINPOST_CRYPTO_HKDF_INTERNAL_H_
