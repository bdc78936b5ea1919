// SPDX-License-Identifier: EUPL-1.2
// What the broker and a recipient spend on one envelope, and how long a directory of 10,000 objects takes to
// load. Run from the root of the tree: the network is made from tests/testing/convenants/plaats.yaml.
#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "envelope/open.h"
#include "envelope/seal.h"
#include "envelope/verify.h"
#include "tests/envelope/signals.h"
#include "tests/testing/network.h"

namespace seinpost {
namespace {

using test::TestNetwork;

const TestNetwork& Net() {
  static const TestNetwork* network = new TestNetwork(TestNetwork::Example(TestNetwork::AnyTime()));
  return *network;
}

// L1 to two devices, or L2 with five parts.
envelope::SignalPlan PlanFor(bool named) { return named ? test::NamedPlan(Net()) : test::SmallPlan(Net()); }

void BM_Seal(benchmark::State& state) {
  const envelope::SignalPlan plan = PlanFor(state.range(0) == 1);
  for (auto _ : state) benchmark::DoNotOptimize(test::SealOrDie(Net(), plan));
}
BENCHMARK(BM_Seal)->ArgName("named")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void BM_VerifyAtBroker(benchmark::State& state) {
  const envelope::SealedSignal sealed = test::SealOrDie(Net(), PlanFor(state.range(0) == 1));
  const envelope::VerifyOptions options = test::AsBroker(Net());
  for (auto _ : state) {
    const auto header = envelope::VerifyEnvelope(sealed.envelope, Net().directory(), options);
    if (!header.ok()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(header);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(sealed.envelope.ByteSizeLong()));
}
BENCHMARK(BM_VerifyAtBroker)->ArgName("named")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void BM_DecideAtBroker(benchmark::State& state) {
  const envelope::SealedSignal sealed = test::SealOrDie(Net(), PlanFor(state.range(0) == 1));
  const auto header = envelope::VerifyEnvelope(sealed.envelope, Net().directory(), test::AsBroker(Net()));
  for (auto _ : state) {
    const policies::SendRequest request = envelope::ToSendRequest(*header, Net().directory());
    const policies::Facts facts = envelope::LoadFacts(*header, Net().directory(), request.created);
    const policies::Decision decision = policies::DecideSend(request, facts, Net().now());
    if (!decision.allowed) state.SkipWithError("denied");
  }
}
BENCHMARK(BM_DecideAtBroker)->ArgName("named")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void BM_VerifyAndOpenAtRecipient(benchmark::State& state) {
  const envelope::SealedSignal sealed = test::SealOrDie(Net(), PlanFor(false));
  const test::TestDevice& device = Net().device(test::kReader);
  const v1::Envelope delivered = test::Delivered(sealed.envelope, device);
  const uint32_t place = sealed.envelope.parts(0).index();
  const std::vector<envelope::Wrap> wraps = test::WrapsFor(sealed.envelope, place, device);
  const auto lookup = [&device](ByteView id) { return device.FindPrekey(id); };
  for (auto _ : state) {
    const auto header = envelope::VerifyEnvelope(delivered, Net().directory(), test::AsRecipient(Net()));
    const auto content = envelope::OpenPart(*header, *header->FindPart(place), device.id, wraps, lookup,
                                            delivered.parts(0).ciphertext());
    if (!content.ok()) state.SkipWithError("does not open");
  }
}
BENCHMARK(BM_VerifyAndOpenAtRecipient)->Unit(benchmark::kMicrosecond);

// As many devices, each with 20 prekeys, as make `objects` objects.
const TestNetwork& LargeNetwork(size_t objects) {
  static std::map<size_t, TestNetwork>* networks = new std::map<size_t, TestNetwork>();
  const auto found = networks->find(objects);
  if (found != networks->end()) return found->second;
  TestNetwork network = TestNetwork::Example(TestNetwork::AnyTime());
  for (int i = 0; network.objects().size() < objects; ++i)
    network.AddDevice(absl::StrCat("school/mentor-", i));
  return networks->emplace(objects, std::move(network)).first->second;
}

void BM_LoadDirectory(benchmark::State& state) {
  const TestNetwork& network = LargeNetwork(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    trust::Directory directory;
    for (const Bytes& object : network.objects()) {
      if (!directory.Add(object, absl::InfinitePast()).ok()) state.SkipWithError("refused");
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(network.objects().size()));
}
BENCHMARK(BM_LoadDirectory)->ArgName("objects")->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

void BM_CopyDirectory(benchmark::State& state) {
  const TestNetwork& network = LargeNetwork(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(trust::Directory(network.directory()));
}
BENCHMARK(BM_CopyDirectory)->ArgName("objects")->Arg(10000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace seinpost
