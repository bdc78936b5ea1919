// SPDX-License-Identifier: EUPL-1.2
// Hashes as people compare them, over the telephone say.
#ifndef SEINPOST_CLIENT_TERMINAL_FINGERPRINT_H_
#define SEINPOST_CLIENT_TERMINAL_FINGERPRINT_H_

#include <string>

#include "util/bytes.h"

namespace seinpost::client {

// "ab12 cd34 …": SHA-256 of a public key, or of a convenant file, in groups of four, to be read aloud and
// compared.
std::string Fingerprint(ByteView public_key);
std::string GroupedHex(const Digest& hash);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_FINGERPRINT_H_
