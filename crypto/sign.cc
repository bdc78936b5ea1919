// SPDX-License-Identifier: EUPL-1.2
#include "crypto/sign.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/sodium_internal.h"
#include "util/status_macros.h"

namespace seinpost::crypto {

using internal::Data;

static_assert(kSignatureBytes == crypto_sign_ed25519_BYTES);

namespace {

Bytes Labelled(absl::string_view label, ByteView message) {
  if (label.empty() || label.find('\0') != absl::string_view::npos) {
    std::fputs("a signature label is empty or holds a zero byte\n", stderr);
    std::abort();
  }
  return absl::StrCat(label, absl::string_view("\0", 1), U32(static_cast<uint32_t>(message.size())), message);
}

}  // namespace

SigningKey::SigningKey(Secret<64> expanded, const PublicKey& public_key)
    : expanded_(std::move(expanded)), public_key_(public_key) {}

SigningKey SigningKey::Generate() { return FromSeed(Secret<32>::Random()); }

SigningKey SigningKey::FromSeed(const Secret<32>& seed) {
  PublicKey public_key;
  Secret<64> expanded = Secret<64>::Filled([&](uint8_t* out) {
    crypto_sign_ed25519_seed_keypair(public_key.data(), out, seed.ExposeSecret().data());
  });
  return SigningKey(std::move(expanded), public_key);
}

Secret<32> SigningKey::seed() const {
  return Secret<32>::Filled(
      [this](uint8_t* out) { crypto_sign_ed25519_sk_to_seed(out, expanded_.ExposeSecret().data()); });
}

Bytes SignRaw(const SigningKey& key, ByteView message) {
  Bytes signature(kSignatureBytes, '\0');
  crypto_sign_ed25519_detached(Data(signature), nullptr, Data(message), message.size(),
                               key.expanded_.ExposeSecret().data());
  return signature;
}

absl::Status VerifyRaw(ByteView public_key, ByteView message, ByteView signature) {
  if (public_key.size() != crypto_sign_ed25519_PUBLICKEYBYTES) {
    return WrongSize("public key", crypto_sign_ed25519_PUBLICKEYBYTES, public_key.size());
  }
  if (signature.size() != kSignatureBytes) return WrongSize("signature", kSignatureBytes, signature.size());
  if (crypto_sign_ed25519_verify_detached(Data(signature), Data(message), message.size(), Data(public_key)) ==
      0) {
    return absl::OkStatus();
  }
  // libsodium does not say why. A key outside the main subgroup is the one cause that lies with the key.
  if (crypto_core_ed25519_is_valid_point(Data(public_key)) != 1) {
    return absl::InvalidArgumentError("public key is no canonical point of prime order");
  }
  return absl::PermissionDeniedError("signature does not fit");
}

Bytes Sign(const SigningKey& key, absl::string_view label, ByteView message) {
  return SignRaw(key, Labelled(label, message));
}

absl::Status Verify(ByteView public_key, absl::string_view label, ByteView message, ByteView signature) {
  return VerifyRaw(public_key, Labelled(label, message), signature);
}

}  // namespace seinpost::crypto
