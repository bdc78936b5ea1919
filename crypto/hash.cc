// SPDX-License-Identifier: EUPL-1.2
#include "crypto/hash.h"

// SHA-256 is OpenSSL's, for its use of the processor's SHA instructions, by the interface that works on a
// state of our own: no memory to get, nothing that can fail. docs/decisions/0006-sha256-from-openssl.md.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "crypto/hash_internal.h"
#include "crypto/secret.h"
#include "crypto/sodium_internal.h"
#include "crypto/wiped.h"

namespace seinpost::crypto {

using internal::Data;

namespace {

constexpr size_t kSha256BlockBytes = SHA256_CBLOCK;

// A SHA-256 that is wiped when it dies: what it hashes may be secret.
class WipedSha256 {
 public:
  WipedSha256() { SHA256_Init(&state_); }
  ~WipedSha256() { Wipe(&state_, sizeof(state_)); }
  WipedSha256(const WipedSha256&) = delete;
  WipedSha256& operator=(const WipedSha256&) = delete;

  void Update(const uint8_t* data, size_t size) { SHA256_Update(&state_, data, size); }
  void Finish(uint8_t* digest) { SHA256_Final(digest, &state_); }

 private:
  SHA256_CTX state_;
};

}  // namespace

namespace internal {

// RFC 2104 Section 2: H(K xor opad, H(K xor ipad, text)), with a key longer than a block hashed first.

void HmacSha256Into(ByteView key, std::initializer_list<ByteView> parts, uint8_t* out) {
  WipedArray<kSha256BlockBytes> pad;
  WipedArray<SHA256_DIGEST_LENGTH> inner_hash;
  if (key.size() > kSha256BlockBytes) {
    WipedSha256 key_hash;
    key_hash.Update(Data(key), key.size());
    key_hash.Finish(pad.data());
  } else {
    std::memcpy(pad.data(), Data(key), key.size());
  }
  for (size_t i = 0; i < kSha256BlockBytes; ++i) pad.data()[i] ^= 0x36;
  WipedSha256 inner;
  inner.Update(pad.data(), kSha256BlockBytes);
  for (ByteView part : parts) inner.Update(Data(part), part.size());
  inner.Finish(inner_hash.data());

  for (size_t i = 0; i < kSha256BlockBytes; ++i) pad.data()[i] ^= 0x36 ^ 0x5c;
  WipedSha256 outer;
  outer.Update(pad.data(), kSha256BlockBytes);
  outer.Update(inner_hash.data(), inner_hash.size());
  outer.Finish(out);
}

}  // namespace internal

Digest Sha256(ByteView data) { return Sha256Concat({data}); }

Digest Sha256Concat(std::initializer_list<ByteView> parts) {
  SHA256_CTX state;
  SHA256_Init(&state);
  for (ByteView part : parts) SHA256_Update(&state, Data(part), part.size());
  Digest digest;
  SHA256_Final(digest.data(), &state);
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
static_assert(sizeof(SHA256_CTX) <= 128 && alignof(SHA256_CTX) <= 16);
SHA256_CTX* State(uint8_t* bytes) { return reinterpret_cast<SHA256_CTX*>(bytes); }
}  // namespace

Sha256Hasher::Sha256Hasher() { SHA256_Init(State(state_)); }

void Sha256Hasher::Update(ByteView data) {
  if (finished_) {
    std::fputs("a hasher was used after Finish()\n", stderr);
    std::abort();
  }
  SHA256_Update(State(state_), Data(data), data.size());
}

Digest Sha256Hasher::Finish() {
  Update({});  // Aborts when spent.
  finished_ = true;
  Digest digest;
  SHA256_Final(digest.data(), State(state_));
  return digest;
}

}  // namespace seinpost::crypto
