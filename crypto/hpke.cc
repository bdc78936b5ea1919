// SPDX-License-Identifier: EUPL-1.2
#include "crypto/hpke.h"

#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "crypto/aead_internal.h"
#include "crypto/hkdf.h"
#include "crypto/hkdf_internal.h"
#include "crypto/hpke_internal.h"
#include "crypto/sodium_internal.h"
#include "crypto/x25519.h"
#include "util/status_macros.h"

namespace seinpost::crypto {

namespace {

using internal::HpkeMode;
using internal::HpkeSchedule;

constexpr size_t kNk = 32;  // AEAD key
constexpr size_t kNn = 12;  // AEAD nonce
constexpr size_t kNh = 32;  // KDF output
constexpr size_t kMinPskBytes = 32;

// suite_id of the KEM: "KEM" || I2OSP(kem_id, 2). Of HPKE: "HPKE" || kem_id || kdf_id || aead_id.
constexpr absl::string_view kKemSuiteId("KEM\x00\x20", 5);
constexpr absl::string_view kHpkeSuiteId("HPKE\x00\x20\x00\x01\x00\x03", 10);
constexpr absl::string_view kVersion = "HPKE-v1";

// RFC 9180 Section 4, LabeledExtract(). Writes Nh bytes.
void LabeledExtract(ByteView suite_id, ByteView salt, absl::string_view label, ByteView ikm, uint8_t* prk) {
  internal::HkdfExtractInto(salt, {kVersion, suite_id, label, ikm}, prk);
}

// RFC 9180 Section 4, LabeledExpand(). Writes L bytes.
void LabeledExpand(ByteView suite_id, ByteView prk, absl::string_view label, ByteView info, uint8_t* out,
                   size_t L) {
  HkdfExpandInto(prk, absl::StrCat(U16(static_cast<uint16_t>(L)), kVersion, suite_id, label, info), out, L);
}

// RFC 9180 Section 4.1, ExtractAndExpand().
void ExtractAndExpand(ByteView dh, ByteView kem_context, WipedArray<32>& shared_secret) {
  WipedArray<kNh> eae_prk;
  LabeledExtract(kKemSuiteId, {}, "eae_prk", dh, eae_prk.data());
  LabeledExpand(kKemSuiteId, eae_prk.view(), "shared_secret", kem_context, shared_secret.data(),
                shared_secret.size());
}

// RFC 9180 Section 4.1, Encap() with the ephemeral pair given: skE, and enc, its public key.
absl::Status Encap(ByteView pkR, const uint8_t* skE, ByteView enc, WipedArray<32>& shared_secret) {
  WipedArray<32> dh;
  RETURN_IF_ERROR(X25519(skE, pkR, dh.data()));
  ExtractAndExpand(dh.view(), absl::StrCat(enc, pkR), shared_secret);
  return absl::OkStatus();
}

// RFC 9180 Section 4.1, Decap().
absl::Status Decap(ByteView enc, const HpkeKeyPair& recipient, WipedArray<32>& shared_secret) {
  WipedArray<32> dh;
  RETURN_IF_ERROR(X25519(recipient.secret.ExposeSecret().data(), enc, dh.data()));
  ExtractAndExpand(dh.view(), absl::StrCat(enc, View(recipient.public_key)), shared_secret);
  return absl::OkStatus();
}

// key || base_nonce || exporter_secret.
using ScheduleKeys = WipedArray<kNk + kNn + kNh>;

// RFC 9180 Section 5.1, KeySchedule(). The PSK inputs are verified before.
void KeySchedule(HpkeMode mode, const WipedArray<32>& shared_secret, ByteView info, ByteView psk,
                 ByteView psk_id, ScheduleKeys& keys) {
  FixedBytes<kNh> psk_id_hash;
  FixedBytes<kNh> info_hash;
  LabeledExtract(kHpkeSuiteId, {}, "psk_id_hash", psk_id, psk_id_hash.data());
  LabeledExtract(kHpkeSuiteId, {}, "info_hash", info, info_hash.data());
  const Bytes key_schedule_context =
      absl::StrCat(U8(static_cast<uint8_t>(mode)), View(psk_id_hash), View(info_hash));
  WipedArray<kNh> secret;
  LabeledExtract(kHpkeSuiteId, shared_secret.view(), "secret", psk, secret.data());

  uint8_t* key = keys.data();
  uint8_t* base_nonce = key + kNk;
  uint8_t* exporter_secret = base_nonce + kNn;
  LabeledExpand(kHpkeSuiteId, secret.view(), "key", key_schedule_context, key, kNk);
  LabeledExpand(kHpkeSuiteId, secret.view(), "base_nonce", key_schedule_context, base_nonce, kNn);
  LabeledExpand(kHpkeSuiteId, secret.view(), "exp", key_schedule_context, exporter_secret, kNh);
}

absl::Status KeysS(HpkeMode mode, ByteView recipient, ByteView info, ByteView psk, ByteView psk_id,
                   const uint8_t* skE, ByteView enc, ScheduleKeys& keys) {
  RETURN_IF_ERROR(internal::VerifyPskInputs(mode, psk, psk_id));
  WipedArray<32> shared_secret;
  RETURN_IF_ERROR(Encap(recipient, skE, enc, shared_secret));
  KeySchedule(mode, shared_secret, info, psk, psk_id, keys);
  return absl::OkStatus();
}

absl::Status KeysR(HpkeMode mode, ByteView enc, const HpkeKeyPair& recipient, ByteView info, ByteView psk,
                   ByteView psk_id, ScheduleKeys& keys) {
  RETURN_IF_ERROR(internal::VerifyPskInputs(mode, psk, psk_id));
  WipedArray<32> shared_secret;
  RETURN_IF_ERROR(Decap(enc, recipient, shared_secret));
  KeySchedule(mode, shared_secret, info, psk, psk_id, keys);
  return absl::OkStatus();
}

HpkeSchedule Keep(const ScheduleKeys& keys) {
  return HpkeSchedule{.keys = Secret<ScheduleKeys::size()>::Filled(
                          [&](uint8_t* data) { std::memcpy(data, keys.data(), keys.size()); })};
}

// RFC 9180 Section 5.2, ComputeNonce(): base_nonce XOR I2OSP(seq, Nn).
void ComputeNonce(const uint8_t* base_nonce, uint64_t seq, WipedArray<kNn>& nonce) {
  std::memcpy(nonce.data(), base_nonce, kNn);
  for (size_t i = 0; i < sizeof(seq); ++i) nonce.data()[kNn - 1 - i] ^= static_cast<uint8_t>(seq >> (8 * i));
}

absl::Status CheckMessageLimit(uint64_t seq) {
  if (seq == std::numeric_limits<uint64_t>::max())
    return absl::ResourceExhaustedError("message limit reached");
  return absl::OkStatus();
}

absl::StatusOr<Bytes> ExportFrom(const HpkeSchedule& schedule, ByteView exporter_context, size_t length) {
  if (length > kHkdfMaxBytes) {
    return absl::InvalidArgumentError(absl::StrCat("HPKE exports at most ", kHkdfMaxBytes, " bytes"));
  }
  Bytes out(length, '\0');
  LabeledExpand(kHpkeSuiteId, schedule.keys.ExposeSecretView().substr(kNk + kNn), "sec", exporter_context,
                internal::Data(out), length);
  return out;
}

}  // namespace

// RFC 9180 Section 7.1.3, DeriveKeyPair() for X25519.
absl::StatusOr<HpkeKeyPair> HpkeKeyPair::DeriveKeyPair(ByteView ikm) {
  if (ikm.size() < 32) return absl::InvalidArgumentError("key material has fewer than 32 bytes");
  WipedArray<kNh> dkp_prk;
  LabeledExtract(kKemSuiteId, {}, "dkp_prk", ikm, dkp_prk.data());
  return FromSecret(
      Secret<32>::Filled([&](uint8_t* sk) { LabeledExpand(kKemSuiteId, dkp_prk.view(), "sk", {}, sk, 32); }));
}

HpkeKeyPair HpkeKeyPair::Generate() { return FromSecret(Secret<32>::Random()); }

HpkeKeyPair HpkeKeyPair::FromSecret(Secret<32> secret) {
  const FixedBytes<32> public_key = X25519PublicKey(secret);
  return HpkeKeyPair{.secret = std::move(secret), .public_key = public_key};
}

namespace internal {

absl::Status VerifyPskInputs(HpkeMode mode, ByteView psk, ByteView psk_id) {
  if (psk.empty() != psk_id.empty()) return absl::InvalidArgumentError("PSK and PSK identifier go together");
  if (mode == HpkeMode::kBase && !psk.empty()) return absl::InvalidArgumentError("base mode takes no PSK");
  if (mode == HpkeMode::kPsk && psk.empty()) return absl::InvalidArgumentError("PSK mode needs a PSK");
  if (mode == HpkeMode::kPsk && psk.size() < kMinPskBytes) {
    return absl::InvalidArgumentError("PSK has fewer than 32 bytes");
  }
  return absl::OkStatus();
}

absl::StatusOr<HpkeSchedule> ScheduleS(HpkeMode mode, ByteView recipient, ByteView info, ByteView psk,
                                       ByteView psk_id, const HpkeKeyPair& ephemeral) {
  ScheduleKeys keys;
  RETURN_IF_ERROR(KeysS(mode, recipient, info, psk, psk_id, ephemeral.secret.ExposeSecret().data(),
                        View(ephemeral.public_key), keys));
  return Keep(keys);
}

absl::StatusOr<HpkeSchedule> ScheduleR(HpkeMode mode, ByteView enc, const HpkeKeyPair& recipient,
                                       ByteView info, ByteView psk, ByteView psk_id) {
  ScheduleKeys keys;
  RETURN_IF_ERROR(KeysR(mode, enc, recipient, info, psk, psk_id, keys));
  return Keep(keys);
}

absl::StatusOr<HpkeSender> SetupS(HpkeMode mode, ByteView recipient, ByteView info, ByteView psk,
                                  ByteView psk_id, const HpkeKeyPair& ephemeral) {
  ASSIGN_OR_RETURN(HpkeSchedule schedule, ScheduleS(mode, recipient, info, psk, psk_id, ephemeral));
  return HpkeSender{.enc = ephemeral.public_key, .context = HpkeSealContext(std::move(schedule))};
}

}  // namespace internal

absl::StatusOr<Bytes> HpkeSealContext::Seal(ByteView aad, ByteView plaintext) {
  RETURN_IF_ERROR(CheckMessageLimit(schedule_.seq));
  const uint8_t* key = schedule_.keys.ExposeSecret().data();
  WipedArray<kNn> nonce;
  ComputeNonce(key + kNk, schedule_.seq, nonce);
  Bytes ciphertext = internal::AeadSealWith(key, nonce.data(), aad, plaintext);
  ++schedule_.seq;
  return ciphertext;
}

absl::StatusOr<Bytes> HpkeOpenContext::Open(ByteView aad, ByteView ciphertext) {
  RETURN_IF_ERROR(CheckMessageLimit(schedule_.seq));
  const uint8_t* key = schedule_.keys.ExposeSecret().data();
  WipedArray<kNn> nonce;
  ComputeNonce(key + kNk, schedule_.seq, nonce);
  ASSIGN_OR_RETURN(Bytes plaintext, internal::AeadOpenWith(key, nonce.data(), aad, ciphertext));
  ++schedule_.seq;
  return plaintext;
}

absl::StatusOr<Bytes> HpkeSealContext::Export(ByteView exporter_context, size_t length) const {
  return ExportFrom(schedule_, exporter_context, length);
}

absl::StatusOr<Bytes> HpkeOpenContext::Export(ByteView exporter_context, size_t length) const {
  return ExportFrom(schedule_, exporter_context, length);
}

absl::StatusOr<HpkeSender> SetupBaseS(ByteView recipient, ByteView info) {
  return internal::SetupS(HpkeMode::kBase, recipient, info, {}, {}, HpkeKeyPair::Generate());
}

absl::StatusOr<HpkeOpenContext> SetupBaseR(ByteView enc, const HpkeKeyPair& recipient, ByteView info) {
  ASSIGN_OR_RETURN(HpkeSchedule schedule, internal::ScheduleR(HpkeMode::kBase, enc, recipient, info, {}, {}));
  return HpkeOpenContext(std::move(schedule));
}

absl::StatusOr<HpkeSender> SetupPskS(ByteView recipient, ByteView info, ByteView psk, ByteView psk_id) {
  return internal::SetupS(HpkeMode::kPsk, recipient, info, psk, psk_id, HpkeKeyPair::Generate());
}

absl::StatusOr<HpkeOpenContext> SetupPskR(ByteView enc, const HpkeKeyPair& recipient, ByteView info,
                                          ByteView psk, ByteView psk_id) {
  ASSIGN_OR_RETURN(HpkeSchedule schedule,
                   internal::ScheduleR(HpkeMode::kPsk, enc, recipient, info, psk, psk_id));
  return HpkeOpenContext(std::move(schedule));
}

// Single shot: the sequence number is 0, so the nonce is base_nonce.
absl::StatusOr<Bytes> SealBase(ByteView recipient, ByteView info, ByteView aad, ByteView plaintext) {
  WipedArray<32> skE;
  internal::FillRandom(skE.data(), skE.size());
  FixedBytes<kHpkeEncBytes> enc;
  crypto_scalarmult_curve25519_base(enc.data(), skE.data());
  ScheduleKeys keys;
  RETURN_IF_ERROR(KeysS(HpkeMode::kBase, recipient, info, {}, {}, skE.data(), View(enc), keys));
  return absl::StrCat(View(enc), internal::AeadSealWith(keys.data(), keys.data() + kNk, aad, plaintext));
}

absl::StatusOr<Bytes> OpenBase(const HpkeKeyPair& recipient, ByteView info, ByteView aad, ByteView sealed) {
  if (sealed.size() < kHpkeOverheadBytes) {
    return absl::InvalidArgumentError("sealed message is shorter than its overhead");
  }
  ScheduleKeys keys;
  RETURN_IF_ERROR(KeysR(HpkeMode::kBase, sealed.substr(0, kHpkeEncBytes), recipient, info, {}, {}, keys));
  return internal::AeadOpenWith(keys.data(), keys.data() + kNk, aad, sealed.substr(kHpkeEncBytes));
}

}  // namespace seinpost::crypto
