// SPDX-License-Identifier: EUPL-1.2
#include "crypto/hkdf.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "crypto/hash_internal.h"
#include "crypto/hkdf_internal.h"
#include "crypto/sodium_internal.h"

namespace seinpost::crypto {

namespace internal {

void HkdfExtractInto(ByteView salt, std::initializer_list<ByteView> ikm, uint8_t* prk) {
  // HMAC pads its key with zeros, so an empty salt is the HashLen zeros that the RFC asks for.
  HmacSha256Into(salt, ikm, prk);
}

}  // namespace internal

Secret<32> HkdfExtract(ByteView salt, ByteView ikm) {
  return Secret<32>::Filled([&](uint8_t* prk) { internal::HkdfExtractInto(salt, {ikm}, prk); });
}

void HkdfExpandInto(ByteView prk, ByteView info, uint8_t* out, size_t size) {
  if (size > kHkdfMaxBytes) {
    std::fputs("HKDF-Expand was asked for too many bytes\n", stderr);
    std::abort();
  }
  WipedArray<32> t;  // T(0) is empty, T(n) = HMAC(PRK, T(n-1) || info || n)
  for (size_t done = 0, n = 1; done < size; ++n) {
    const uint8_t counter = static_cast<uint8_t>(n);
    const ByteView previous = n == 1 ? ByteView() : t.view();
    internal::HmacSha256Into(prk, {previous, info, internal::AsView(&counter, 1)}, t.data());
    const size_t take = std::min<size_t>(t.size(), size - done);
    std::memcpy(out + done, t.data(), take);
    done += take;
  }
}

absl::StatusOr<Bytes> HkdfExpandPublic(const Secret<32>& prk, ByteView info, size_t length) {
  if (length > kHkdfMaxBytes) {
    return absl::InvalidArgumentError(absl::StrCat("HKDF gives at most ", kHkdfMaxBytes, " bytes"));
  }
  Bytes out(length, '\0');
  HkdfExpandInto(prk.ExposeSecretView(), info, internal::Data(out), length);
  return out;
}

}  // namespace seinpost::crypto
