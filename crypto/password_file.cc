// SPDX-License-Identifier: EUPL-1.2
#include "crypto/password_file.h"

#include <utility>

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
constexpr size_t kPreambleBytes = kMagic.size() + 4 + 4 + kSaltBytes;
constexpr size_t kHeaderBytes = kPreambleBytes + kNonceBytes;
static_assert(kHeaderBytes == 66 && kTagBytes == 16, "docs/formats/sealed_file.md");

constexpr ArgonParameters kInteractive = {.memory_kib = 64 * 1024, .passes = 2};
constexpr ArgonParameters kModerate = {.memory_kib = 256 * 1024, .passes = 3};
constexpr ArgonLimits kLimits = {.least = kInteractive, .most = kModerate};

uint32_t ReadU32(ByteView bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

bool Within(uint32_t value, uint32_t least, uint32_t most) { return value >= least && value <= most; }

ArgonParameters ParametersOf(PassphraseStrength strength) {
  return strength == PassphraseStrength::kModerate ? kModerate : kInteractive;
}

absl::Status CheckFormat(ByteView sealed) {
  if (!absl::StartsWith(sealed, kMagic))
    return absl::InvalidArgumentError("not a sealed file of a known version");
  if (sealed.size() < kHeaderBytes + kTagBytes) return absl::InvalidArgumentError("sealed file is cut off");
  if (sealed.size() > kHeaderBytes + kMaxSealedFileBytes + kTagBytes) {
    return absl::InvalidArgumentError("sealed file is too large");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PassphraseKey> internal::PassphraseKeys::Derive(ByteView passphrase, Bytes preamble,
                                                               ArgonParameters parameters) {
  const Bytes salt = preamble.substr(kPreambleBytes - kSaltBytes);
  int failed = 0;
  auto key = std::make_shared<const Secret<32>>(Secret<32>::Filled([&](uint8_t* out) {
    failed = crypto_pwhash_argon2id(
        out, 32, reinterpret_cast<const char*>(Data(passphrase)), passphrase.size(), Data(salt),
        parameters.passes, size_t{parameters.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  }));
  if (failed != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for the passphrase: ", parameters.memory_kib, " KiB are needed"));
  }
  return PassphraseKey(std::move(preamble), std::move(key));
}

absl::StatusOr<PassphraseKey> internal::PassphraseKeys::Make(ByteView passphrase,
                                                             ArgonParameters parameters) {
  if (passphrase.empty()) return absl::InvalidArgumentError("passphrase is empty");
  return Derive(
      passphrase,
      absl::StrCat(kMagic, U32(parameters.memory_kib), U32(parameters.passes), RandomBytes(kSaltBytes)),
      parameters);
}

absl::StatusOr<PassphraseKey> internal::PassphraseKeys::Of(ByteView passphrase, ByteView sealed,
                                                           const ArgonLimits& limits) {
  RETURN_IF_ERROR(CheckFormat(sealed));
  const ByteView rest = sealed.substr(kMagic.size());
  const ArgonParameters parameters = {.memory_kib = ReadU32(rest), .passes = ReadU32(rest.substr(4))};
  if (!Within(parameters.memory_kib, limits.least.memory_kib, limits.most.memory_kib) ||
      !Within(parameters.passes, limits.least.passes, limits.most.passes)) {
    return absl::InvalidArgumentError(absl::StrCat("sealed file asks for ", parameters.memory_kib,
                                                   " KiB and ", parameters.passes,
                                                   " passes, which is out of range"));
  }
  return Derive(passphrase, Bytes(sealed.substr(0, kPreambleBytes)), parameters);
}

PassphraseKey::PassphraseKey(Bytes preamble, std::shared_ptr<const Secret<32>> key)
    : preamble_(std::move(preamble)), key_(std::move(key)) {}

absl::StatusOr<PassphraseKey> PassphraseKey::Make(ByteView passphrase, PassphraseStrength strength) {
  return internal::PassphraseKeys::Make(passphrase, ParametersOf(strength));
}

absl::StatusOr<PassphraseKey> PassphraseKey::Of(ByteView passphrase, ByteView sealed) {
  return internal::PassphraseKeys::Of(passphrase, sealed, kLimits);
}

bool PassphraseKey::IsOf(ByteView sealed) const {
  return CheckFormat(sealed).ok() && absl::StartsWith(sealed, preamble_);
}

absl::StatusOr<Bytes> PassphraseKey::Seal(ByteView plaintext) const {
  if (plaintext.size() > kMaxSealedFileBytes) return absl::InvalidArgumentError("file to seal is too large");
  const Bytes nonce = RandomBytes(kNonceBytes);
  const Bytes header = preamble_ + nonce;
  Bytes ciphertext(plaintext.size() + kTagBytes, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(Data(ciphertext), nullptr, Data(plaintext), plaintext.size(),
                                             Data(header), header.size(), nullptr, Data(nonce),
                                             key_->ExposeSecret().data());
  return header + ciphertext;
}

absl::StatusOr<WipedBytes> PassphraseKey::Open(ByteView sealed) const {
  RETURN_IF_ERROR(CheckFormat(sealed));
  const ByteView header = sealed.substr(0, kHeaderBytes);
  const ByteView nonce = header.substr(kPreambleBytes);
  const ByteView ciphertext = sealed.substr(kHeaderBytes);
  WipedBytes plaintext(ciphertext.size() - kTagBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext.MutableData(), nullptr, nullptr, Data(ciphertext),
                                                 ciphertext.size(), Data(header), header.size(), Data(nonce),
                                                 key_->ExposeSecret().data()) != 0) {
    return absl::UnauthenticatedError("wrong passphrase, or the file was altered");
  }
  RETURN_IF_ERROR(plaintext.Resize(plaintext.capacity()));
  return plaintext;
}

absl::StatusOr<Bytes> internal::SealWithParameters(ByteView passphrase, ByteView plaintext,
                                                   ArgonParameters parameters) {
  ASSIGN_OR_RETURN(const PassphraseKey key, PassphraseKeys::Make(passphrase, parameters));
  return key.Seal(plaintext);
}

absl::StatusOr<WipedBytes> internal::OpenWithinLimits(ByteView passphrase, ByteView sealed,
                                                      const ArgonLimits& limits) {
  ASSIGN_OR_RETURN(const PassphraseKey key, PassphraseKeys::Of(passphrase, sealed, limits));
  return key.Open(sealed);
}

absl::StatusOr<Bytes> SealWithPassphrase(ByteView passphrase, ByteView plaintext,
                                         PassphraseStrength strength) {
  return internal::SealWithParameters(passphrase, plaintext, ParametersOf(strength));
}

absl::StatusOr<WipedBytes> OpenWithPassphrase(ByteView passphrase, ByteView sealed) {
  return internal::OpenWithinLimits(passphrase, sealed, kLimits);
}

}  // namespace seinpost::crypto
