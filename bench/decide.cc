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

constexpr int kDecisions = 2000;
constexpr int kLoads = 50;
constexpr size_t kSignedBytes = 2048;

// Allocations that deciding made, less those that a copy of its answer makes.
uint64_t AllocationsBeyondTheResult(const DecideScene& scene) {
  uint64_t before = allocations;
  const policies::Decision decision = policies::DecideSend(scene.send, scene.facts, scene.now);
  const uint64_t deciding = allocations - before;
  before = allocations;
  const policies::Decision copy = decision;  // NOLINT(performance-unnecessary-copy-initialization)
  return deciding - std::min(deciding, allocations - before);
}

absl::Status RunRecipients(size_t recipients, const Options& options) {
  const DecideScene scene(recipients);
  if (const auto decision = policies::DecideSend(scene.send, scene.facts, scene.now); !decision.allowed) {
    return absl::InternalError(decision.Sentence(policies::Language::kEnglish));
  }
  std::vector<double> lefts, rights;
  for (int round = 0; round < options.rounds; ++round) {
    const absl::Time begin = absl::Now();
    size_t allowed = 0;
    for (int i = 0; i < kDecisions; ++i) {
      allowed += policies::DecideSend(scene.send, scene.facts, scene.now).allowed ? 1 : 0;
    }
    const double decision = absl::ToDoubleMicroseconds(absl::Now() - begin) / kDecisions;
    if (allowed != kDecisions) return absl::InternalError("a decision differs from the one before");
    lefts.push_back(decision / static_cast<double>(recipients));
    rights.push_back(1e6 / VerifyRate(1, kSignedBytes));
  }
  Print({.name = absl::StrFormat("decision by recipient, %d of them / verify", recipients),
         .left = Median(lefts),
         .right = Median(rights),
         .unit = "us",
         .floor = 0.2,
         .goal = 0.2,
         .smaller_is_better = true},
        options.json);
  const uint64_t beyond = AllocationsBeyondTheResult(scene);
  if (beyond > 0) return absl::InternalError(absl::StrFormat("%d allocations beyond the result", beyond));
  return absl::OkStatus();
}

absl::Status RunLoad(const Options& options) {
  const std::string path = LargestConvenant();
  const std::string text = ConvenantText(path);
  std::vector<double> lefts, rights;
  for (int round = 0; round < options.rounds; ++round) {
    const absl::Time begin = absl::Now();
    for (int i = 0; i < kLoads; ++i) {
      if (!policies::Convenant::Parse(text, path).ok()) return absl::InternalError("does not parse: " + path);
    }
    lefts.push_back(absl::ToDoubleMicroseconds(absl::Now() - begin) / kLoads);
    rights.push_back(1e6 / VerifyRate(1, kSignedBytes));
  }
  Note(absl::StrFormat("the largest file: %s, %d bytes", path, text.size()), options.json);
  Print({.name = "load the largest convenant / verify",
         .left = Median(lefts),
         .right = Median(rights),
         .unit = "us",
         .smaller_is_better = true},
        options.json);
  return absl::OkStatus();
}

}  // namespace

absl::Status RunDecide(const Options& options) {
  for (const size_t recipients : {1, 6, 20}) {
    if (absl::Status status = RunRecipients(recipients, options); !status.ok()) return status;
  }
  Note("a decision allocates nothing but its result, up to 64 recipients counted by part", options.json);
  return RunLoad(options);
}

}  // namespace seinpost::bench
