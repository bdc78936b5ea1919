// SPDX-License-Identifier: EUPL-1.2
#include "crypto/aead.h"

#include "crypto/aead_internal.h"
#include "crypto/sodium_internal.h"

namespace seinpost::crypto {

static_assert(kAeadKeyBytes == crypto_aead_chacha20poly1305_ietf_KEYBYTES);
static_assert(kAeadNonceBytes == crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
static_assert(kAeadTagBytes == crypto_aead_chacha20poly1305_ietf_ABYTES);

namespace internal {

Bytes AeadSealWith(const uint8_t* key, const uint8_t* nonce, ByteView aad, ByteView plaintext) {
  Bytes ciphertext(plaintext.size() + kAeadTagBytes, '\0');
  crypto_aead_chacha20poly1305_ietf_encrypt(Data(ciphertext), nullptr, Data(plaintext), plaintext.size(),
                                            Data(aad), aad.size(), nullptr, nonce, key);
  return ciphertext;
}

absl::StatusOr<Bytes> AeadOpenWith(const uint8_t* key, const uint8_t* nonce, ByteView aad,
                                   ByteView ciphertext) {
  absl::Status refused = absl::UnauthenticatedError("ciphertext cannot be opened");
  if (ciphertext.size() < kAeadTagBytes) return refused;
  Bytes plaintext(ciphertext.size() - kAeadTagBytes, '\0');
  if (crypto_aead_chacha20poly1305_ietf_decrypt(Data(plaintext), nullptr, nullptr, Data(ciphertext),
                                                ciphertext.size(), Data(aad), aad.size(), nonce, key) != 0) {
    return refused;
  }
  return plaintext;
}

}  // namespace internal

Bytes AeadSeal(const Secret<32>& key, const AeadNonce& nonce, ByteView aad, ByteView plaintext) {
  return internal::AeadSealWith(key.ExposeSecret().data(), nonce.data(), aad, plaintext);
}

absl::StatusOr<Bytes> AeadOpen(const Secret<32>& key, const AeadNonce& nonce, ByteView aad,
                               ByteView ciphertext) {
  return internal::AeadOpenWith(key.ExposeSecret().data(), nonce.data(), aad, ciphertext);
}

}  // namespace seinpost::crypto
