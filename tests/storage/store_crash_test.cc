// SPDX-License-Identifier: EUPL-1.2
// The store through a crash at every file operation, unsynced bytes lost.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/fault_file_system.h"
#include "storage/store.h"
#include "tests/testing/crash_step.h"

namespace seinpost {
namespace {

namespace fs = std::filesystem;

constexpr int kCommits = 6;

class StoreCrashTest : public testing::Test {
 protected:
  StoreCrashTest() {
    std::string path = testing::TempDir() + "/store_crash_test.XXXXXX";
    directory_ = mkdtemp(path.data());
  }
  ~StoreCrashTest() override { fs::remove_all(directory_); }

  std::string directory_;
};

Batch NumberedBatch(int number) {
  Batch batch;
  batch.Put(Family::kSignal, absl::StrCat("signal ", number), std::string(500, 's'));
  batch.Put(Family::kMailbox, absl::StrCat("mailbox ", number), "m");
  batch.Put(Family::kAuditHead, "last", absl::StrCat(number));
  if (number > 0) batch.Delete(Family::kNonce, absl::StrCat("nonce ", number - 1));
  batch.Put(Family::kNonce, absl::StrCat("nonce ", number), "n");
  return batch;
}

// Opens, closes and opens again in between, so that recovery is crashed as well. Returns the number of
// commits that were acknowledged.
int CommitAll(const std::string& path, const std::shared_ptr<CrashingEnv>& env) {
  StoreOptions options;
  options.file_system = env->handle();
  int acknowledged = 0;
  for (int half = 0; half < 2; ++half) {
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(path, options);
    if (!store.ok()) return acknowledged;
    for (int i = 0; i < kCommits / 2; ++i) {
      if (!(*store)->Commit(NumberedBatch(acknowledged)).ok()) return acknowledged;
      ++acknowledged;
    }
  }
  return acknowledged;
}

// How many of the batches are there; each must be there whole or not at all, and none before an earlier one.
int CheckWholeBatches(const std::string& path) {
  const absl::StatusOr<std::unique_ptr<Store>> opened = Store::Open(path);
  EXPECT_TRUE(opened.ok()) << opened.status();
  if (!opened.ok()) return -1;
  const Store& store = **opened;
  int count = 0;
  while (store.Contains(Family::kSignal, absl::StrCat("signal ", count)).value()) ++count;
  for (int i = 0; i < kCommits; ++i) {
    EXPECT_EQ(store.Contains(Family::kSignal, absl::StrCat("signal ", i)).value(), i < count) << i;
    EXPECT_EQ(store.Contains(Family::kMailbox, absl::StrCat("mailbox ", i)).value(), i < count) << i;
    EXPECT_EQ(store.Contains(Family::kNonce, absl::StrCat("nonce ", i)).value(), i == count - 1) << i;
  }
  const absl::StatusOr<Bytes> last = store.Get(Family::kAuditHead, "last");
  EXPECT_EQ(last.value_or("none"), count == 0 ? "none" : absl::StrCat(count - 1));
  return count;
}

// A database that is there already: the table below is about commits and recovery.
std::string MakeTemplate(const std::string& directory) {
  const std::string path = directory + "/template";
  EXPECT_TRUE(Store::Open(path).ok());
  return path;
}

TEST_F(StoreCrashTest, NoAcknowledgedBatchIsLostAndNoneIsHalfThere) {
  const std::string empty = MakeTemplate(directory_);
  fs::copy(empty, directory_ + "/counting", fs::copy_options::recursive);
  const auto counting = MakeCrashingEnv(0);
  ASSERT_EQ(CommitAll(directory_ + "/counting", counting), kCommits);
  ASSERT_EQ(CheckWholeBatches(directory_ + "/counting"), kCommits);
  const int64_t operations = counting->operations();
  ASSERT_GT(operations, 50);
  int64_t crashes = 0;
  for (int64_t at = 1; at <= operations; at += kCrashStep) {
    SCOPED_TRACE(absl::StrCat("crash at operation ", at, " of ", operations));
    const std::string path = absl::StrCat(directory_, "/", at);
    fs::copy(empty, path, fs::copy_options::recursive);
    const auto env = MakeCrashingEnv(at, CrashMode::kFailFromThere);
    const int acknowledged = CommitAll(path, env);
    if (env->crashed()) ++crashes;
    const int found = CheckWholeBatches(path);
    EXPECT_GE(found, acknowledged);
    EXPECT_LE(found, acknowledged + 1);
    fs::remove_all(path);
  }
  EXPECT_GE(crashes, (operations - 20) / kCrashStep)
      << "operations of RocksDB's own threads may come later, not many";
}

TEST_F(StoreCrashTest, ACrashWhileTheDatabaseIsMadeLeavesOneThatOpens) {
  const auto counting = MakeCrashingEnv(0);
  const auto store = Store::Open(directory_ + "/counting", {counting->handle()});
  ASSERT_TRUE(store.ok()) << store.status();
  const int64_t operations = counting->operations();
  for (int64_t at = 1; at <= operations; at += 7) {
    SCOPED_TRACE(absl::StrCat("crash at operation ", at, " of ", operations));
    const std::string path = absl::StrCat(directory_, "/", at);
    const auto env = MakeCrashingEnv(at, CrashMode::kFailFromThere);
    EXPECT_FALSE(Store::Open(path, {env->handle()}).ok());
    EXPECT_EQ(CheckWholeBatches(path), 0);
    fs::remove_all(path);
  }
}

// The same by really ending the process, at some of the operations.
TEST_F(StoreCrashTest, SurvivesTheEndOfTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto counting = MakeCrashingEnv(0);
  ASSERT_EQ(CommitAll(directory_ + "/counting", counting), kCommits);
  int least = 0;
  for (int part = 1; part <= 6; ++part) {
    const int64_t at = counting->operations() * part / 7;
    SCOPED_TRACE(absl::StrCat("exit at operation ", at, " of ", counting->operations()));
    // A death test runs in a process of its own, so the path must be one that both know.
    const std::string path = absl::StrCat(testing::TempDir(), "/store_exit_test.", part);
    fs::remove_all(path);
    EXPECT_EXIT(CommitAll(path, MakeCrashingEnv(at)), testing::ExitedWithCode(kCrashExitCode), "");
    const int found = CheckWholeBatches(path);
    EXPECT_GE(found, least);
    least = std::max(least, found);
    fs::remove_all(path);
  }
  EXPECT_GT(least, 0);
}

TEST_F(StoreCrashTest, UnsyncedCommitIsLostUntilASyncedOneFollows) {
  for (const bool followed : {false, true}) {
    SCOPED_TRACE(followed ? "followed by a synced commit" : "alone");
    const std::string path = absl::StrCat(directory_, "/unsynced", followed);
    const auto env = MakeCrashingEnv(1000000, CrashMode::kFailFromThere);
    {
      StoreOptions options;
      options.file_system = env->handle();
      const auto store = Store::Open(path, options).value();
      Batch chunk;
      chunk.Put(Family::kAttachment, "chunk", "bytes");
      ASSERT_TRUE(store->CommitUnsynced(chunk).ok());
      EXPECT_EQ(store->Get(Family::kAttachment, "chunk").value(), "bytes") << "visible at once";
      if (followed) {
        ASSERT_TRUE(store->Commit(NumberedBatch(0)).ok());
      }
      while (env->CountOperation()) {
      }
    }
    EXPECT_EQ(Store::Open(path).value()->Contains(Family::kAttachment, "chunk").value(), followed);
  }
}

TEST_F(StoreCrashTest, RefusesCommitsAfterOneFailedButStillReads) {
  const auto env = MakeCrashingEnv(1000000, CrashMode::kFailFromThere);
  StoreOptions options;
  options.file_system = env->handle();
  const auto store = Store::Open(directory_ + "/db", options).value();
  ASSERT_TRUE(store->Commit(NumberedBatch(0)).ok());
  EXPECT_TRUE(store->healthy());
  while (env->CountOperation()) {
  }
  EXPECT_TRUE(absl::IsUnavailable(store->Commit(NumberedBatch(1))));
  EXPECT_FALSE(store->healthy());
  EXPECT_TRUE(absl::IsUnavailable(store->Commit(NumberedBatch(2))));
  EXPECT_TRUE(store->Contains(Family::kSignal, "signal 0").value());
}

}  // namespace
}  // namespace seinpost
