// SPDX-License-Identifier: EUPL-1.2
#include "crypto/password_file.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "crypto/password_file_internal.h"
#include "crypto/sodium_internal.h"
#include "util/status_macros.h"

namespace seinpost::crypto {

namespace {

using internal::ArgonLimits;
using internal::ArgonParameters;
using internal::Data;

constexpr absl::string_view kMagic = "seinpost-sealed/1\n";
constexpr size_t kSaltBytes = crypto_pwhash_argon2id_SALTBYTES;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr size_t kHeaderBytes = kMagic.size() + 4 + 4 + kSaltBytes + kNonceBytes;
static_assert(kHeaderBytes == 66 && kTagBytes == 16, "docs/formats/sealed_file.md");

constexpr ArgonParameters kInteractive = {.memory_kib = 64 * 1024, .passes = 2};
constexpr ArgonParameters kModerate = {.memory_kib = 256 * 1024, .passes = 3};
constexpr ArgonLimits kLimits = {.least = kInteractive, .most = kModerate};

absl::Status DeriveKey(ByteView passphrase, ByteView salt, ArgonParameters parameters, WipedArray<32>& key) {
  if (crypto_pwhash_argon2id(key.data(), key.size(), reinterpret_cast<const char*>(Data(passphrase)),
                             passphrase.size(), Data(salt), parameters.passes,
                             size_t{parameters.memory_kib} * 1024,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for the passphrase: ", parameters.memory_kib, " KiB are needed"));
  }
  return absl::OkStatus();
}

uint32_t ReadU32(ByteView bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

bool Within(uint32_t value, uint32_t least, uint32_t most) { return value >= least && value <= most; }

}  // namespace

absl::StatusOr<Bytes> internal::SealWithParameters(ByteView passphrase, ByteView plaintext,
                                                   ArgonParameters parameters) {
  if (passphrase.empty()) return absl::InvalidArgumentError("passphrase is empty");
  if (plaintext.size() > kMaxSealedFileBytes) return absl::InvalidArgumentError("file to seal is too large");
  const Bytes salt = RandomBytes(kSaltBytes);
  const Bytes nonce = RandomBytes(kNonceBytes);
  WipedArray<32> key;
  RETURN_IF_ERROR(DeriveKey(passphrase, salt, parameters, key));
  const Bytes header = absl::StrCat(kMagic, U32(parameters.memory_kib), U32(parameters.passes), salt, nonce);
  Bytes ciphertext(plaintext.size() + kTagBytes, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(Data(ciphertext), nullptr, Data(plaintext), plaintext.size(),
                                             Data(header), header.size(), nullptr, Data(nonce), key.data());
  return header + ciphertext;
}

absl::StatusOr<WipedBytes> internal::OpenWithinLimits(ByteView passphrase, ByteView sealed,
                                                      const ArgonLimits& limits) {
  if (!absl::StartsWith(sealed, kMagic))
    return absl::InvalidArgumentError("not a sealed file of a known version");
  if (sealed.size() < kHeaderBytes + kTagBytes) return absl::InvalidArgumentError("sealed file is cut off");
  const ByteView header = sealed.substr(0, kHeaderBytes);
  const ByteView ciphertext = sealed.substr(kHeaderBytes);
  if (ciphertext.size() > kMaxSealedFileBytes + kTagBytes) {
    return absl::InvalidArgumentError("sealed file is too large");
  }
  ByteView rest = header.substr(kMagic.size());
  const ArgonParameters parameters = {.memory_kib = ReadU32(rest), .passes = ReadU32(rest.substr(4))};
  if (!Within(parameters.memory_kib, limits.least.memory_kib, limits.most.memory_kib) ||
      !Within(parameters.passes, limits.least.passes, limits.most.passes)) {
    return absl::InvalidArgumentError(absl::StrCat("sealed file asks for ", parameters.memory_kib,
                                                   " KiB and ", parameters.passes,
                                                   " passes, which is out of range"));
  }
  const ByteView salt = rest.substr(8, kSaltBytes);
  const ByteView nonce = rest.substr(8 + kSaltBytes, kNonceBytes);
  WipedArray<32> key;
  RETURN_IF_ERROR(DeriveKey(passphrase, salt, parameters, key));
  WipedBytes plaintext(ciphertext.size() - kTagBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext.MutableData(), nullptr, nullptr, Data(ciphertext),
                                                 ciphertext.size(), Data(header), header.size(), Data(nonce),
                                                 key.data()) != 0) {
    return absl::UnauthenticatedError("wrong passphrase, or the file was altered");
  }
  RETURN_IF_ERROR(plaintext.Resize(plaintext.capacity()));
  return plaintext;
}

absl::StatusOr<Bytes> SealWithPassphrase(ByteView passphrase, ByteView plaintext,
                                         PassphraseStrength strength) {
  return internal::SealWithParameters(passphrase, plaintext,
                                      strength == PassphraseStrength::kModerate ? kModerate : kInteractive);
}

absl::StatusOr<WipedBytes> OpenWithPassphrase(ByteView passphrase, ByteView sealed) {
  return internal::OpenWithinLimits(passphrase, sealed, kLimits);
}

}  // namespace seinpost::crypto
