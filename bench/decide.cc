// SPDX-License-Identifier: EUPL-1.2
// What a decision costs the broker beside the signature it verifies anyway, and how often it asks for memory.
#include "policies/decide/decide.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "bench/ceilings.h"
#include "bench/decide_scene.h"
#include "bench/report.h"

namespace {

thread_local uint64_t allocations = 0;

}  // namespace

// Counted for this whole program, which costs one increment each.
void* operator new(size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace seinpost::bench {
namespace {

constexpr size_t kDecisions = 2000;
constexpr size_t kLoads = 50;

constexpr size_t kRecipients[] = {1, 6, 20};
constexpr char kLoad[] = "load the largest convenant / verify";

std::string DecisionFigure(size_t recipients) {
  return absl::StrFormat("decision by recipient, %d of them / verify", recipients);
}

// Allocations that deciding made, less those that a copy of its answer makes.
uint64_t AllocationsBeyondTheResult(const DecideScene& scene) {
  uint64_t before = allocations;
  const policies::Decision decision = policies::DecideSend(scene.send, scene.facts, scene.now);
  const uint64_t deciding = allocations - before;
  before = allocations;
  const policies::Decision copy = decision;  // NOLINT(performance-unnecessary-copy-initialization)
  return deciding - std::min(deciding, allocations - before);
}

absl::Status RunRecipients(size_t recipients, const Options& options, Report& report) {
  const DecideScene scene(recipients);
  if (const auto decision = policies::DecideSend(scene.send, scene.facts, scene.now); !decision.allowed) {
    return absl::InternalError(decision.Sentence(policies::Language::kEnglish));
  }
  const size_t decisions = options.Times(kDecisions);
  std::vector<double> lefts, rights;
  for (int round = 0; round < options.rounds; ++round) {
    const absl::Time begin = absl::Now();
    size_t allowed = 0;
    for (size_t i = 0; i < decisions; ++i) {
      allowed += policies::DecideSend(scene.send, scene.facts, scene.now).allowed ? 1 : 0;
    }
    const double decision = absl::ToDoubleMicroseconds(absl::Now() - begin) / static_cast<double>(decisions);
    if (allowed != decisions) return absl::InternalError("a decision differs from the one before");
    lefts.push_back(decision / static_cast<double>(recipients));
    rights.push_back(1e6 / VerifyRate(1, options));
  }
  report.Add(DecisionFigure(recipients), lefts, rights);
  const uint64_t beyond = AllocationsBeyondTheResult(scene);
  if (beyond > 0) return absl::InternalError(absl::StrFormat("%d allocations beyond the result", beyond));
  return absl::OkStatus();
}

absl::Status RunLoad(const Options& options, Report& report) {
  const std::string path = LargestConvenant();
  const std::string text = ConvenantText(path);
  const size_t loads = options.Times(kLoads);
  std::vector<double> lefts, rights;
  for (int round = 0; round < options.rounds; ++round) {
    const absl::Time begin = absl::Now();
    for (size_t i = 0; i < loads; ++i) {
      if (!policies::Convenant::Parse(text, path).ok()) return absl::InternalError("does not parse: " + path);
    }
    lefts.push_back(absl::ToDoubleMicroseconds(absl::Now() - begin) / static_cast<double>(loads));
    rights.push_back(1e6 / VerifyRate(1, options));
  }
  report.Note(absl::StrFormat("the largest file: %s, %d bytes", path, text.size()));
  report.Add(kLoad, lefts, rights);
  return absl::OkStatus();
}

absl::Status RunDecide(const Options& options, Report& report) {
  for (const size_t recipients : kRecipients) {
    if (absl::Status status = RunRecipients(recipients, options, report); !status.ok()) return status;
  }
  report.Note("a decision allocates nothing but its result, up to 64 recipients counted by part");
  return RunLoad(options, report);
}

}  // namespace

Benchmark DecideBenchmark() {
  Benchmark benchmark{.name = "decide", .figures = {}, .run = RunDecide};
  for (const size_t recipients : kRecipients) {
    benchmark.figures.push_back({.name = DecisionFigure(recipients),
                                 .unit = "us",
                                 .floor = 0.2,
                                 .goal = 0.2,
                                 .smaller_is_better = true});
  }
  benchmark.figures.push_back({.name = kLoad, .unit = "us", .smaller_is_better = true});
  return benchmark;
}

}  // namespace seinpost::bench
