// SPDX-License-Identifier: EUPL-1.2
// What the audit log adds to a submit: commitment of an event, staging, one synced commit per batch, proofs.
// On the machine's own disk, under the system's directory for temporary files.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "audit/checkpoint.h"
#include "audit/commitment.h"
#include "audit/log.h"
#include "audit/receipt.h"
#include "audit/verifier.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "storage/store.h"

namespace seinpost::audit {
namespace {

constexpr char kBenchOrigin[] = "seinpost.example/bench";

Event SubmitEvent() {
  Event event;
  event.SetTime(absl::FromUnixSeconds(1795000000))
      .SetType(EventType::kSubmit)
      .SetText(Tag::kAction, "C")
      .SetNumber(Tag::kOutcome, 0)
      .SetText(Tag::kConvenant, "plaats")
      .SetNumber(Tag::kConvenantVersion, 1)
      .SetText(Tag::kChannel, "core@school")
      .SetText(Tag::kActorOrganisation, "school")
      .SetText(Tag::kActorFunction, "care-coordinator")
      .SetText(Tag::kActorMember, Bytes(16, 'm'))
      .SetText(Tag::kActorDevice, Bytes(16, 'd'))
      .SetText(Tag::kObject, Bytes(16, 's'))
      .SetText(Tag::kCaseRef, Bytes(16, 'c'))
      .SetText(Tag::kLevel, "L1")
      .SetText(Tag::kCategory, "fight")
      .SetRecipients({{Bytes(16, 'p'), 0, true, ""}, {Bytes(16, 'q'), 0, true, ""}})
      .SetText(Tag::kPurpose, "prevention")
      .SetText(Tag::kRequestHash, Bytes(32, 'h'));
  return event;
}

// A log on disk, gone with the object.
class BenchLog {
 public:
  BenchLog() {
    std::string path = (std::filesystem::temp_directory_path() / "audit_bench.XXXXXX").string();
    directory_ = mkdtemp(path.data());
    store_ = Store::Open(directory_ + "/db").value();
    keys_ = PayloadKeyFiles::Open(directory_ + "/keys", kBenchOrigin).value();
    index_ =
        std::make_unique<SearchIndex>(SearchIndex::Open(directory_ + "/index.key", kBenchOrigin).value());
    log_ = Log::Open(*store_, kBenchOrigin, *keys_, *index_).value();
  }
  ~BenchLog() {
    log_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  BenchLog(const BenchLog&) = delete;
  BenchLog& operator=(const BenchLog&) = delete;

  Log& log() { return *log_; }

  void Stage(const CommittedEvent& event, const std::vector<SearchTerm>& terms, Batch& batch) {
    const Bytes opening = event.opening.Encode();
    log_->Stage({.leaf = event.leaf,
                 .opening = opening,
                 .retention_class = "audit",
                 .time = absl::FromUnixSeconds(1795000000),
                 .terms = &terms},
                batch)
        .value();
  }
  bool Commit(Batch& batch) {
    log_->StageHead(batch);
    if (!store_->Commit(batch).ok()) return false;
    log_->Committed();
    return true;
  }
  void Fill(uint64_t leaves) {
    while (log_->head().size < leaves) {
      Batch batch;
      for (uint64_t i = 0; i < 4096; ++i) {
        const Bytes leaf = EncodeLeaf(LeafClass::kDirectory, crypto::Sha256(U64(log_->head().size + i)));
        log_->Stage({.leaf = leaf}, batch).value();
      }
      Commit(batch);
    }
  }

 private:
  std::string directory_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<PayloadKeyFiles> keys_;
  std::unique_ptr<SearchIndex> index_;
  std::unique_ptr<Log> log_;
};

// On the thread that handles the request, outside the sequencer: HMACs of 18 fields and the tree over them.
void BM_CommitEvent(benchmark::State& state) {
  const Event event = SubmitEvent();
  for (auto _ : state) benchmark::DoNotOptimize(CommitEvent(event));
}
BENCHMARK(BM_CommitEvent);

// On the sequencer: payload, index rows, tree, head; nothing written.
void BM_StageAndAbandon(benchmark::State& state) {
  BenchLog bench;
  const Event event = SubmitEvent();
  const CommittedEvent committed = CommitEvent(event).value();
  const std::vector<SearchTerm> terms = SearchTerms(event);
  for (auto _ : state) {
    Batch batch;
    bench.Stage(committed, terms, batch);
    bench.log().StageHead(batch);
    bench.log().Abandon();
  }
}
BENCHMARK(BM_StageAndAbandon);

// Argument: leaves per synced commit.
void BM_StageAndCommit(benchmark::State& state) {
  BenchLog bench;
  const Event event = SubmitEvent();
  const CommittedEvent committed = CommitEvent(event).value();
  const std::vector<SearchTerm> terms = SearchTerms(event);
  for (auto _ : state) {
    Batch batch;
    for (int64_t i = 0; i < state.range(0); ++i) bench.Stage(committed, terms, batch);
    if (!bench.Commit(batch)) return state.SkipWithError("commit failed");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_StageAndCommit)->Arg(1)->Arg(16)->Arg(64)->UseRealTime();

// Filled once: Google Benchmark calls a function several times.
BenchLog& FilledLog(int64_t leaves) {
  static std::map<int64_t, BenchLog> logs;
  BenchLog& log = logs[leaves];
  log.Fill(static_cast<uint64_t>(leaves));
  return log;
}

// Argument: leaves in the log.
void BM_ProveInclusion(benchmark::State& state) {
  BenchLog& bench = FilledLog(state.range(0));
  const uint64_t size = bench.log().head().size;
  uint64_t index = 0;
  for (auto _ : state) {
    index = (index + 7919 * 31) % size;
    benchmark::DoNotOptimize(bench.log().ProveInclusion(index, size));
  }
}
BENCHMARK(BM_ProveInclusion)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

// Left side of "offline verification of an export"; the right side is the next one.
void BM_VerifyExport(benchmark::State& state) {
  const CommittedEvent committed = CommitEvent(SubmitEvent()).value();
  const Bytes opening = committed.opening.Encode();
  const Bytes leaf_hash = ToBytes(crypto::LeafHash(committed.leaf));
  ExportVerifier verifier({.first = 0, .limit = UINT64_MAX, .checkpoint = ""}, {});
  uint64_t index = 0;
  for (auto _ : state) {
    if (!verifier.Add(
            {.index = index++, .leaf = committed.leaf, .leaf_hash = leaf_hash, .opening = opening})) {
      return state.SkipWithError("a good entry was refused");
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_VerifyExport);

void BM_Sha256OfAnEntry(benchmark::State& state) {
  const CommittedEvent committed = CommitEvent(SubmitEvent()).value();
  const Bytes entry = committed.leaf + committed.opening.Encode();
  for (auto _ : state) benchmark::DoNotOptimize(crypto::Sha256(entry));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Sha256OfAnEntry);

void BM_MakeReceipt(benchmark::State& state) {
  const crypto::SigningKey key = crypto::SigningKey::Generate();
  ReceiptBody body{.origin = kBenchOrigin, .time = absl::FromUnixSeconds(1795000000)};
  for (auto _ : state) {
    ++body.index;
    benchmark::DoNotOptimize(MakeReceipt(body, key));
  }
}
BENCHMARK(BM_MakeReceipt);

}  // namespace
}  // namespace seinpost::audit
