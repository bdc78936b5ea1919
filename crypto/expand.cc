// SPDX-License-Identifier: EUPL-1.2
#include "crypto/expand.h"

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"

namespace seinpost::crypto {

namespace {
constexpr size_t kBlockBytes = 128;  // s_in_bytes of SHA-512
constexpr size_t kHashBytes = 64;    // b_in_bytes
}  // namespace

absl::StatusOr<Bytes> ExpandMessageXmdSha512(ByteView message, ByteView dst, size_t length) {
  if (dst.empty()) return absl::InvalidArgumentError("domain separation tag is empty");
  if (length == 0 || length > 255 * kHashBytes) {
    return absl::InvalidArgumentError(absl::StrCat("cannot expand to ", length, " bytes"));
  }
  Bytes dst_prime = dst.size() <= 255 ? Bytes(dst) : ToBytes(Sha512Concat({"H2C-OVERSIZE-DST-", dst}));
  dst_prime += U8(static_cast<uint8_t>(dst_prime.size()));

  const Bytes z_pad(kBlockBytes, '\0');
  const FixedBytes<64> b_0 =
      Sha512Concat({z_pad, message, U16(static_cast<uint16_t>(length)), U8(0), dst_prime});
  FixedBytes<64> b_i = Sha512Concat({View(b_0), U8(1), dst_prime});
  Bytes uniform_bytes = ToBytes(b_i);
  for (size_t i = 2; uniform_bytes.size() < length; ++i) {
    FixedBytes<64> mixed;
    for (size_t j = 0; j < mixed.size(); ++j) mixed[j] = b_0[j] ^ b_i[j];
    b_i = Sha512Concat({View(mixed), U8(static_cast<uint8_t>(i)), dst_prime});
    uniform_bytes.append(reinterpret_cast<const char*>(b_i.data()), b_i.size());
  }
  uniform_bytes.resize(length);
  return uniform_bytes;
}

}  // namespace seinpost::crypto
