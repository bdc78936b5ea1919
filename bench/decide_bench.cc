// SPDX-License-Identifier: EUPL-1.2
// What one decision costs: per recipient it must stay small beside one Ed25519 verification
// (bench/crypto_bench.cc). Run from the source tree.
#include <string>

#include "bench/decide_scene.h"
#include "benchmark/benchmark.h"
#include "policies/decide/decide.h"
#include "policies/instead/alternatives.h"

namespace seinpost::policies {
namespace {

using Scene = bench::DecideScene;

void BM_DecideSend(benchmark::State& state) {
  const Scene scene(static_cast<size_t>(state.range(0)));
  while (state.KeepRunning()) {
    const Decision decision = DecideSend(scene.send, scene.facts, scene.now);
    if (!decision.allowed) state.SkipWithError(decision.Sentence(Language::kEnglish).c_str());
    benchmark::DoNotOptimize(decision.allowed);
  }
  state.counters["per_recipient"] =
      benchmark::Counter(static_cast<double>(state.iterations() * state.range(0)),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_DecideSend)->Arg(1)->Arg(6)->Arg(28)->Arg(150);

void BM_DecideSendDenied(benchmark::State& state) {
  Scene scene(6);
  scene.send.informed = Informed::kNotStated;
  while (state.KeepRunning())
    benchmark::DoNotOptimize(DecideSend(scene.send, scene.facts, scene.now).allowed);
}
BENCHMARK(BM_DecideSendDenied);

void BM_DecideOpen(benchmark::State& state) {
  Scene scene(6);
  OriginalFacts original;
  original.sender = scene.send.sender;
  original.channel = scene.send.channel;
  original.category = scene.send.category;
  original.purpose = scene.send.purpose;
  original.level = scene.send.level;
  for (const PartRequest& part : scene.send.parts) {
    original.parts.push_back({part.kind, scene.now + absl::Hours(1), part.recipients});
  }
  scene.facts.original = original;
  OpenRequest open;
  open.reader = scene.Recipient(3);
  open.part = PartKind::kIdentity;
  open.part_index = 1;
  while (state.KeepRunning()) {
    const Decision decision = DecideOpen(open, scene.facts, scene.now);
    if (!decision.allowed) state.SkipWithError(decision.Sentence(Language::kEnglish).c_str());
    benchmark::DoNotOptimize(decision.allowed);
  }
}
BENCHMARK(BM_DecideOpen);

void BM_Alternatives(benchmark::State& state) {
  Scene scene(6);
  scene.send.informed = Informed::kNotStated;
  scene.send.channel = "core@school-a";
  while (state.KeepRunning())
    benchmark::DoNotOptimize(Alternatives(scene.send, scene.facts, scene.now).size());
}
BENCHMARK(BM_Alternatives);

void BM_LoadConvenant(benchmark::State& state) {
  const std::string path = bench::LargestConvenant(), text = bench::ConvenantText(path);
  while (state.KeepRunning()) benchmark::DoNotOptimize(Convenant::Parse(text, path).ok());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(BM_LoadConvenant);

}  // namespace
}  // namespace seinpost::policies
