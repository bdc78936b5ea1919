// SPDX-License-Identifier: EUPL-1.2
// What one operation of crypto/ costs on one core.
#include <vector>

#include "benchmark/benchmark.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/merkle.h"
#include "crypto/secret.h"
#include "crypto/sign.h"
#include "crypto/voprf.h"

namespace seinpost::crypto {
namespace {

void SetBytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
}

void BM_Sha256(benchmark::State& state) {
  const Bytes data(static_cast<size_t>(state.range(0)), 'x');
  while (state.KeepRunning()) benchmark::DoNotOptimize(Sha256(data));
  SetBytes(state);
}
BENCHMARK(BM_Sha256)->Arg(64)->Arg(1024)->Arg(65536);

void BM_HmacSha256(benchmark::State& state) {
  const Bytes key(32, 'k');
  const Bytes data(static_cast<size_t>(state.range(0)), 'x');
  while (state.KeepRunning()) benchmark::DoNotOptimize(HmacSha256(key, data));
  SetBytes(state);
}
BENCHMARK(BM_HmacSha256)->Arg(64);

void BM_MerkleNode(benchmark::State& state) {
  const Digest left = Sha256("left");
  const Digest right = Sha256("right");
  while (state.KeepRunning()) benchmark::DoNotOptimize(NodeHash(left, right));
}
BENCHMARK(BM_MerkleNode);

void BM_AeadSeal(benchmark::State& state) {
  const Secret<32> key = Secret<32>::Random();
  const Bytes data(static_cast<size_t>(state.range(0)), 'x');
  while (state.KeepRunning()) benchmark::DoNotOptimize(AeadSeal(key, AeadNonce{}, "aad", data));
  SetBytes(state);
}
BENCHMARK(BM_AeadSeal)->Arg(1024)->Arg(65536);

void BM_Ed25519Sign(benchmark::State& state) {
  const SigningKey key = SigningKey::Generate();
  const Bytes message(static_cast<size_t>(state.range(0)), 'x');
  while (state.KeepRunning()) benchmark::DoNotOptimize(Sign(key, "seinpost/v1/bench", message));
}
BENCHMARK(BM_Ed25519Sign)->Arg(256)->Arg(2048);

void BM_Ed25519Verify(benchmark::State& state) {
  const SigningKey key = SigningKey::Generate();
  const Bytes message(static_cast<size_t>(state.range(0)), 'x');
  const Bytes signature = Sign(key, "seinpost/v1/bench", message);
  while (state.KeepRunning()) {
    if (!Verify(View(key.public_key()), "seinpost/v1/bench", message, signature).ok())
      state.SkipWithError("refused");
  }
}
BENCHMARK(BM_Ed25519Verify)->Arg(256)->Arg(2048);

void BM_HpkeSealBase(benchmark::State& state) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  const Bytes key(32, 'k');
  while (state.KeepRunning())
    benchmark::DoNotOptimize(SealBase(View(recipient.public_key), "info", "aad", key));
}
BENCHMARK(BM_HpkeSealBase);

void BM_HpkeOpenBase(benchmark::State& state) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  const Bytes sealed = *SealBase(View(recipient.public_key), "info", "aad", Bytes(32, 'k'));
  while (state.KeepRunning()) {
    if (!OpenBase(recipient, "info", "aad", sealed).ok()) state.SkipWithError("refused");
  }
}
BENCHMARK(BM_HpkeOpenBase);

std::vector<voprf::Element> BlindedBatch(int64_t size) {
  std::vector<voprf::Element> batch;
  batch.reserve(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) {
    batch.push_back(voprf::Blind(voprf::Mode::kVoprf, std::to_string(i))->blinded_element);
  }
  return batch;
}

void BM_VoprfBlindEvaluate(benchmark::State& state) {
  const voprf::KeyPair key = voprf::GenerateKeyPair();
  const std::vector<voprf::Element> batch = BlindedBatch(state.range(0));
  while (state.KeepRunning()) benchmark::DoNotOptimize(voprf::BlindEvaluate(key, batch));
}
BENCHMARK(BM_VoprfBlindEvaluate)->Arg(1)->Arg(3);

void BM_VoprfVerifyProof(benchmark::State& state) {
  const voprf::KeyPair key = voprf::GenerateKeyPair();
  const std::vector<voprf::Element> batch = BlindedBatch(state.range(0));
  const voprf::Evaluation evaluation = *voprf::BlindEvaluate(key, batch);
  while (state.KeepRunning()) {
    if (!voprf::VerifyProof(key.public_key, batch, evaluation.evaluated_elements, evaluation.proof).ok()) {
      state.SkipWithError("refused");
    }
  }
}
BENCHMARK(BM_VoprfVerifyProof)->Arg(1)->Arg(3);

void BM_SecretRandom(benchmark::State& state) {
  while (state.KeepRunning()) benchmark::DoNotOptimize(Secret<32>::Random());
}
BENCHMARK(BM_SecretRandom);

}  // namespace
}  // namespace seinpost::crypto
