// SPDX-License-Identifier: EUPL-1.2
#include "crypto/hash.h"

#include <cstdio>
#include <cstdlib>

#include "crypto/hash_internal.h"
#include "crypto/secret.h"
#include "crypto/sodium_internal.h"

namespace seinpost::crypto {

using internal::Data;

namespace internal {

void HmacSha256Into(ByteView key, std::initializer_list<ByteView> parts, uint8_t* out) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, Data(key), key.size());
  for (ByteView part : parts) crypto_auth_hmacsha256_update(&state, Data(part), part.size());
  crypto_auth_hmacsha256_final(&state, out);
  sodium_memzero(&state, sizeof(state));
}

}  // namespace internal

Digest Sha256(ByteView data) {
  Digest digest;
  crypto_hash_sha256(digest.data(), Data(data), data.size());
  return digest;
}

Digest Sha256Concat(std::initializer_list<ByteView> parts) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (ByteView part : parts) crypto_hash_sha256_update(&state, Data(part), part.size());
  Digest digest;
  crypto_hash_sha256_final(&state, digest.data());
  return digest;
}

FixedBytes<64> Sha512(ByteView data) {
  FixedBytes<64> digest;
  crypto_hash_sha512(digest.data(), Data(data), data.size());
  return digest;
}

FixedBytes<64> Sha512Concat(std::initializer_list<ByteView> parts) {
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  for (ByteView part : parts) crypto_hash_sha512_update(&state, Data(part), part.size());
  FixedBytes<64> digest;
  crypto_hash_sha512_final(&state, digest.data());
  return digest;
}

Digest HmacSha256(ByteView key, ByteView message) { return HmacSha256Concat(key, {message}); }

Digest HmacSha256Concat(ByteView key, std::initializer_list<ByteView> parts) {
  Digest digest;
  internal::HmacSha256Into(key, parts, digest.data());
  return digest;
}

bool ConstantTimeEquals(ByteView a, ByteView b) {
  return a.size() == b.size() && sodium_memcmp(Data(a), Data(b), a.size()) == 0;
}

Bytes RandomBytes(size_t size) {
  Bytes bytes(size, '\0');
  FillRandomBytes(Data(bytes), size);
  return bytes;
}

void FillRandomBytes(uint8_t* data, size_t size) { internal::FillRandom(data, size); }

namespace {
static_assert(sizeof(crypto_hash_sha256_state) <= 128 && alignof(crypto_hash_sha256_state) <= 16);
crypto_hash_sha256_state* State(uint8_t* bytes) { return reinterpret_cast<crypto_hash_sha256_state*>(bytes); }
}  // namespace

Sha256Hasher::Sha256Hasher() { crypto_hash_sha256_init(State(state_)); }

void Sha256Hasher::Update(ByteView data) {
  if (finished_) {
    std::fputs("a hasher was used after Finish()\n", stderr);
    std::abort();
  }
  crypto_hash_sha256_update(State(state_), Data(data), data.size());
}

Digest Sha256Hasher::Finish() {
  Update({});  // Aborts when spent.
  finished_ = true;
  Digest digest;
  crypto_hash_sha256_final(State(state_), digest.data());
  return digest;
}

}  // namespace seinpost::crypto
