// SPDX-License-Identifier: EUPL-1.2
// The log through a crash at every file operation of stage, commit, checkpoint and anchor, unsynced bytes
// lost.
#include <gtest/gtest.h>

#include <filesystem>

#include "audit/anchor.h"
#include "audit/log.h"
#include "audit/rows.h"
#include "crypto/merkle.h"
#include "tests/audit/log_testing.h"
#include "tests/testing/crash_step.h"

namespace seinpost::audit {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kBefore = 250;  // leaves in the template: a tile fills up during the run
constexpr int kRounds = 5;         // of three leaves each

const crypto::SigningKey& LogSigner() {
  static const auto& key = *new crypto::SigningKey(TestKey('l'));
  return key;
}
VerifierKey PinnedKey() { return LogKey(kTestOrigin, LogSigner().public_key()); }

Bytes NoteOf(const TestLog& test) {
  return SignCheckpoint(
      test.log->CheckpointOf(test.log->head(), DirectoryHead{}, absl::FromUnixSeconds(1795000000)),
      LogSigner());
}

// State that must stand or fall with its leaf.
void PutState(uint64_t index, Batch& batch) { batch.Put(Family::kSignal, U64(index), "state"); }

// What the run was told.
struct Acknowledged {
  std::vector<Bytes> leaves;
  uint64_t anchored = 0;  // size of the last checkpoint that was published
};

void MakeTemplate(const std::string& directory) {
  TestLog test = TestLog::Open(directory).value();
  Batch batch;
  for (uint64_t i = 0; i < kBefore; ++i) {
    const Bytes leaf = NumberedLeaf(i);
    ASSERT_TRUE(test.log->Stage({.leaf = leaf}, batch).ok());
    PutState(i, batch);
  }
  ASSERT_TRUE(test.Commit(batch).ok());
}

// Stage, commit, sign, anchor, publish: until the disk fails.
Acknowledged AppendAndAnchor(const std::string& directory, const std::shared_ptr<CrashingEnv>& env) {
  Acknowledged acknowledged;
  for (uint64_t i = 0; i < kBefore; ++i) acknowledged.leaves.push_back(NumberedLeaf(i));
  StoreOptions options;
  options.file_system = env->handle();
  absl::StatusOr<TestLog> test = TestLog::Open(directory, options);
  if (!test.ok()) return acknowledged;
  const absl::StatusOr<std::unique_ptr<Anchor>> anchor =
      Anchor::Open(directory + "/anchor", {PinnedKey().key});
  EXPECT_TRUE(anchor.ok()) << anchor.status();
  for (int round = 0; round < kRounds; ++round) {
    Batch batch;
    std::vector<Bytes> leaves;
    for (int i = 0; i < 3; ++i) {
      const absl::StatusOr<uint64_t> index = test->StageEvent(TestEvent(), batch);
      EXPECT_TRUE(index.ok()) << index.status();
      PutState(*index, batch);
    }
    for (const Batch::Operation& operation : batch.operations()) {
      if (operation.family == Family::kAuditEntry) leaves.push_back(operation.value);
    }
    if (!test->Commit(batch).ok()) return acknowledged;
    acknowledged.leaves.insert(acknowledged.leaves.end(), leaves.begin(), leaves.end());
    if (!env->CountOperation()) return acknowledged;  // Between commit and anchor.
    EXPECT_TRUE((*anchor)->Advance(NoteOf(*test), PinnedKey()).ok());
    if (!env->CountOperation()) return acknowledged;  // Between anchor and publication.
    acknowledged.anchored = test->log->head().size;
  }
  return acknowledged;
}

// Opens what the crash left and checks everything that was promised.
void CheckLog(const std::string& directory, const Acknowledged& acknowledged) {
  const absl::StatusOr<TestLog> test = TestLog::Open(directory);
  ASSERT_TRUE(test.ok()) << test.status();
  const LogHead head = test->log->head();
  ASSERT_GE(head.size, acknowledged.leaves.size()) << "an acknowledged leaf is missing";
  ASSERT_LE(head.size, acknowledged.leaves.size() + 3);
  std::vector<Bytes> leaves;
  ASSERT_TRUE(test->log
                  ->ReadLeaves(0, head.size,
                               [&](uint64_t, ByteView leaf) {
                                 leaves.emplace_back(leaf);
                                 return true;
                               })
                  .ok());
  EXPECT_TRUE(std::equal(acknowledged.leaves.begin(), acknowledged.leaves.end(), leaves.begin()));
  EXPECT_EQ(head.root, ReferenceRoot(leaves)) << "the head does not follow from the leaves";
  for (uint64_t i = 0; i < head.size; ++i) {
    ASSERT_TRUE(test->store->Contains(Family::kSignal, U64(i)).value()) << "leaf " << i << " without state";
    if (i >= kBefore) {
      ASSERT_TRUE(test->log->ReadOpening(i).ok()) << test->log->ReadOpening(i).status();
    }
  }
  EXPECT_FALSE(test->store->Contains(Family::kSignal, U64(head.size)).value()) << "state without leaf";
  const auto anchor = Anchor::Open(directory + "/anchor", {PinnedKey().key});
  ASSERT_TRUE(anchor.ok()) << anchor.status();
  EXPECT_TRUE(CheckAgainstAnchor(*test->log, **anchor).ok());
  EXPECT_GE((*anchor)->checkpoint().value_or(Checkpoint{}).size, acknowledged.anchored);
}

TEST(LogCrash, NothingAcknowledgedIsLostAtAnyFileOperation) {
  const TemporaryDirectory directory;
  const std::string start = directory.path() + "/start";
  ASSERT_NO_FATAL_FAILURE(MakeTemplate(start));
  const std::string counted = directory.path() + "/counted";
  fs::copy(start, counted, fs::copy_options::recursive);
  const auto counting = MakeCrashingEnv(0);
  const Acknowledged all = AppendAndAnchor(counted, counting);
  ASSERT_EQ(all.leaves.size(), kBefore + 3 * kRounds);
  ASSERT_EQ(all.anchored, all.leaves.size());
  CheckLog(counted, all);
  const int64_t operations = counting->operations();
  ASSERT_GT(operations, 40);
  int64_t crashes = 0;
  for (int64_t at = 1; at <= operations; at += kCrashStep) {
    SCOPED_TRACE(absl::StrCat("crash at operation ", at, " of ", operations));
    const std::string path = absl::StrCat(directory.path(), "/", at);
    fs::copy(start, path, fs::copy_options::recursive);
    const auto env = MakeCrashingEnv(at, CrashMode::kFailFromThere);
    const Acknowledged acknowledged = AppendAndAnchor(path, env);
    if (env->crashed()) ++crashes;
    CheckLog(path, acknowledged);
    fs::remove_all(path);
  }
  EXPECT_GE(crashes, (operations - 20) / kCrashStep);
}

// The same by really ending the process; what it had acknowledged cannot be known then, but what it anchored
// can.
TEST(LogCrash, TheEndOfTheProcessLeavesALogThatVerifies) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const TemporaryDirectory directory;
  const std::string start = directory.path() + "/start";
  ASSERT_NO_FATAL_FAILURE(MakeTemplate(start));
  const std::string counted = directory.path() + "/counted";
  fs::copy(start, counted, fs::copy_options::recursive);
  const auto counting = MakeCrashingEnv(0);
  AppendAndAnchor(counted, counting);
  for (int part = 1; part <= 5; ++part) {
    const int64_t at = counting->operations() * part / 6;
    SCOPED_TRACE(absl::StrCat("exit at operation ", at));
    // The death test runs this test again in a process of its own, so the path must be one that both know.
    const std::string path = absl::StrCat(testing::TempDir(), "/log_exit_test.", part);
    fs::remove_all(path);
    fs::copy(start, path, fs::copy_options::recursive);
    EXPECT_EXIT(AppendAndAnchor(path, MakeCrashingEnv(at)), testing::ExitedWithCode(kCrashExitCode), "");
    const absl::StatusOr<TestLog> test = TestLog::Open(path);
    ASSERT_TRUE(test.ok()) << test.status();
    const auto anchor = Anchor::Open(path + "/anchor", {PinnedKey().key});
    ASSERT_TRUE(anchor.ok()) << anchor.status();
    EXPECT_TRUE(CheckAgainstAnchor(*test->log, **anchor).ok());
    EXPECT_EQ((test->log->head().size - kBefore) % 3, 0u) << "a batch is there by half";
    fs::remove_all(path);
  }
}

// The positive control: without sync the same table does lose acknowledged leaves, so it can see it.
TEST(LogCrash, TheTableWouldSeeALeafThatWasNotSynced) {
  const TemporaryDirectory directory;
  ASSERT_NO_FATAL_FAILURE(MakeTemplate(directory.path()));
  {
    const auto env = MakeCrashingEnv(1000000, CrashMode::kFailFromThere);
    StoreOptions options;
    options.file_system = env->handle();
    TestLog test = TestLog::Open(directory.path(), options).value();
    Batch batch;
    ASSERT_TRUE(test.StageEvent(TestEvent(), batch).ok());
    test.log->StageHead(batch);
    ASSERT_TRUE(test.store->CommitUnsynced(batch).ok());
    test.log->Committed();
    const auto anchor = Anchor::Open(directory.path() + "/anchor", {PinnedKey().key}).value();
    ASSERT_TRUE(anchor->Advance(NoteOf(test), PinnedKey()).ok());
    while (env->CountOperation()) {
    }
  }
  const TestLog test = TestLog::Open(directory.path()).value();
  EXPECT_EQ(test.log->head().size, kBefore);
  const auto anchor = Anchor::Open(directory.path() + "/anchor", {PinnedKey().key}).value();
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckAgainstAnchor(*test.log, *anchor)));
}

}  // namespace
}  // namespace seinpost::audit
