// SPDX-License-Identifier: EUPL-1.2
// What one decision costs: per recipient it must stay small beside one Ed25519 verification
// (bench/crypto_bench.cc). Run from the source tree.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "benchmark/benchmark.h"
#include "policies/decide.h"
#include "policies/lab_file.h"
#include "policies/questions.h"
#include "util/secure_file.h"

namespace seinpost::policies {
namespace {

constexpr char kConvenant[] = "tests/testing/convenants/plaats.yaml";
constexpr char kLab[] = "tests/testing/convenants/plaats.lab.yaml";

template <typename T>
T OrExit(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "%s\n", std::string(value.status().message()).c_str());
  std::exit(1);
}

Bytes TextOf(const char* path) { return OrExit(ReadFile(path, kMaxConvenantBytes)); }

MemberId NthOfficer(int64_t n) {
  MemberId member;
  member.party = "politie";
  member.handle = "wijkagent-" + std::to_string(n);
  member.ref = "ref of " + member.handle;
  return member;
}

// A sealed L2 signal of the school to `recipients` police officers, each with text and identity.
struct Scene {
  explicit Scene(int64_t recipients)
      : convenant(OrExit(Convenant::Parse(TextOf(kConvenant), kConvenant))),
        facts(LabFacts(convenant, OrExit(ParseLabFile(TextOf(kLab), kLab, convenant)))),
        now(convenant.valid_from() + absl::Hours(1000)) {
    send.sender = *ParseMemberId("school/zorgcoordinator");
    send.convenant_id = convenant.id();
    send.convenant_version = convenant.version();
    send.channel = "direct@school-a";
    send.category = "wapen";
    send.purpose = "dreiging";
    send.level = Level::kL2;
    send.informed = Informed::kYes;
    send.has_case_ref = true;
    send.created = now;
    const MemberFacts officer = facts.members.at(*ParseMemberId("politie/wijkagent"));
    PartRequest narrative, identity, justification;
    identity.kind = PartKind::kIdentity;
    justification.kind = PartKind::kJustification;
    for (int64_t i = 0; i < recipients; ++i) {
      const MemberId member = NthOfficer(i);
      MemberFacts member_facts = officer;
      member_facts.devices[0].id = "device " + std::to_string(i);
      facts.members[member] = member_facts;
      narrative.recipients.push_back(member);
      justification.justifies.push_back(member.ref);
    }
    identity.recipients = narrative.recipients;
    justification.recipients = JustificationOfficers(send.sender, facts, now);
    send.parts = {narrative, identity, justification};
    Seal();
  }

  void Seal() {
    send.sealed = true;
    const Channel& channel = *convenant.FindChannel(send.channel);
    for (PartRequest& part : send.parts) {
      part.retention_class = *channel.RetentionClass(part.kind, send.level);
      part.devices.push_back(facts.members.at(send.sender).devices[0].id);
      for (const MemberId& member : part.recipients)
        part.devices.push_back(facts.members.at(member).devices[0].id);
    }
  }

  Convenant convenant;
  Facts facts;
  absl::Time now;
  SendRequest send;
};

void BM_DecideSend(benchmark::State& state) {
  const Scene scene(state.range(0));
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
  original.purpose = scene.send.purpose;
  original.level = scene.send.level;
  for (const PartRequest& part : scene.send.parts) {
    original.parts.push_back({part.kind, scene.now + absl::Hours(1), part.recipients});
  }
  scene.facts.original = original;
  OpenRequest open;
  open.reader = NthOfficer(3);
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
  const Bytes text = TextOf(kConvenant);
  while (state.KeepRunning()) benchmark::DoNotOptimize(Convenant::Parse(text, kConvenant).ok());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(BM_LoadConvenant);

}  // namespace
}  // namespace seinpost::policies

BENCHMARK_MAIN();
