// SPDX-License-Identifier: EUPL-1.2
// Bytes and how they are laid out: the encodings every signed or hashed thing of Seinpost is built from
// (docs/formats/encoding.md).
#ifndef SEINPOST_UTIL_BYTES_H_
#define SEINPOST_UTIL_BYTES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace seinpost {

// Bytes owns, ByteView borrows. Never for key material: that is Secret<N> (crypto/secret.h).
using Bytes = std::string;
using ByteView = absl::string_view;

// A hash or other public value of fixed size.
template <size_t N>
using FixedBytes = std::array<uint8_t, N>;
using Digest = FixedBytes<32>;  // SHA-256

template <size_t N>
ByteView View(const FixedBytes<N>& bytes) {
  return ByteView(reinterpret_cast<const char*>(bytes.data()), N);
}
template <size_t N>
Bytes ToBytes(const FixedBytes<N>& bytes) {
  return Bytes(View(bytes));
}

// kInvalidArgument unless `bytes` has exactly N bytes; the text names `what`, never the bytes.
template <size_t N>
absl::StatusOr<FixedBytes<N>> ToFixed(ByteView bytes, absl::string_view what);

// Big-endian integers, as RFC 8446 writes them.
Bytes U8(uint8_t value);
Bytes U16(uint16_t value);
Bytes U32(uint32_t value);
Bytes U64(uint64_t value);
// Reads exactly 8 bytes. kInvalidArgument otherwise.
absl::StatusOr<uint64_t> ReadU64(ByteView bytes);

// LP(x) = u32be(len(x)) || x, for x below 4 GiB.
Bytes Lp(ByteView bytes);

// Lower-case hexadecimal.
std::string ToHex(ByteView bytes);
template <size_t N>
std::string ToHex(const FixedBytes<N>& bytes) {
  return ToHex(View(bytes));
}
// Accepts both cases. kInvalidArgument: odd length or another character.
absl::StatusOr<Bytes> FromHex(absl::string_view text);

// Standard base64 with padding (RFC 4648 Section 4).
std::string ToBase64(ByteView bytes);
// Strict: padding required, no white space, unused bits zero. kInvalidArgument otherwise.
absl::StatusOr<Bytes> FromBase64(absl::string_view text);

absl::Status WrongSize(absl::string_view what, size_t want, size_t got);

template <size_t N>
absl::StatusOr<FixedBytes<N>> ToFixed(ByteView bytes, absl::string_view what) {
  if (bytes.size() != N) return WrongSize(what, N, bytes.size());
  FixedBytes<N> fixed;
  for (size_t i = 0; i < N; ++i) fixed[i] = static_cast<uint8_t>(bytes[i]);
  return fixed;
}

}  // namespace seinpost

#endif  // SEINPOST_UTIL_BYTES_H_
