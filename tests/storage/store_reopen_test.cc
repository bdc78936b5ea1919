// SPDX-License-Identifier: EUPL-1.2
// The store on a disk that refuses for a while, and one whose write-ahead log was damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "storage/fault_file_system.h"
#include "storage/store.h"

namespace seinpost {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::Not;

Batch Numbered(int number, size_t bytes = 500) {
  Batch batch;
  batch.Put(Family::kSignal, absl::StrCat("signal ", number), std::string(bytes, 's'));
  batch.Put(Family::kMailbox, absl::StrCat("mailbox ", number), "m");
  return batch;
}

bool IsThere(const Store& store, int number) {
  const bool there = store.Contains(Family::kSignal, absl::StrCat("signal ", number)).value();
  EXPECT_EQ(store.Contains(Family::kMailbox, absl::StrCat("mailbox ", number)).value(), there)
      << number << ": whole or not at all";
  return there;
}

class StoreReopenTest : public testing::Test {
 protected:
  StoreReopenTest() { store_ = Store::Open("/db", {env_->handle()}).value(); }
  // Fails by `fault`, which stays.
  absl::Status FailBy(Fault fault, bool synced) {
    env_->Set(fault);
    return synced ? store_->Commit(Numbered(1)) : store_->CommitUnsynced(Numbered(1));
  }

  const std::shared_ptr<FaultyEnv> env_ = MakeFaultyEnv(MakeInMemoryFileSystem());
  std::unique_ptr<Store> store_;
};

TEST_F(StoreReopenTest, TakesCommitsAgainWhenTheDiskDoes) {
  ASSERT_TRUE(store_->Commit(Numbered(0)).ok());
  for (const Fault fault : {Fault::kNoSpace, Fault::kIoError, Fault::kFailedSync}) {
    SCOPED_TRACE(static_cast<int>(fault));
    const absl::Status failed = FailBy(fault, /*synced=*/true);
    EXPECT_TRUE(absl::IsUnavailable(failed)) << failed;
    EXPECT_FALSE(store_->healthy());
    EXPECT_TRUE(IsThere(*store_, 0)) << "reading goes on";
    EXPECT_FALSE(store_->Reopen().ok()) << "the disk still refuses";
    EXPECT_FALSE(store_->healthy());
    EXPECT_TRUE(IsThere(*store_, 0));
    EXPECT_TRUE(absl::IsUnavailable(store_->Commit(Numbered(2))));
    env_->Set(Fault::kNone);
    EXPECT_TRUE(absl::IsUnavailable(store_->Commit(Numbered(2)))) << "not before it was opened anew";
    ASSERT_TRUE(store_->Reopen().ok());
    EXPECT_TRUE(store_->healthy());
    EXPECT_TRUE(IsThere(*store_, 0));
    IsThere(*store_, 1);
    EXPECT_FALSE(IsThere(*store_, 2));
    ASSERT_TRUE(store_->Commit(Numbered(0)).ok());
  }
  ASSERT_TRUE(store_->Commit(Numbered(3)).ok());
  store_.reset();
  store_ = Store::Open("/db", {env_->handle()}).value();
  EXPECT_TRUE(IsThere(*store_, 3));
}

TEST_F(StoreReopenTest, AFailedUnsyncedCommitIsKnownAtOnce) {
  ASSERT_TRUE(FailBy(Fault::kNoSpace, /*synced=*/false).code() == absl::StatusCode::kUnavailable);
  EXPECT_FALSE(store_->healthy());
  EXPECT_THAT(Explain(store_->failure()), HasSubstr("No space left"));
  env_->Set(Fault::kNone);
  ASSERT_TRUE(store_->Reopen().ok());
  EXPECT_TRUE(store_->Commit(Numbered(2)).ok());
}

TEST_F(StoreReopenTest, TheTextNamesNoFileAndTheExplanationDoes) {
  const absl::Status failed = FailBy(Fault::kIoError, /*synced=*/true);
  EXPECT_TRUE(IsStoreFailure(failed));
  EXPECT_EQ(failed.message(), "the database cannot be read or written");
  EXPECT_THAT(Explain(failed), HasSubstr("Input/output error"));
  EXPECT_EQ(Explain(absl::NotFoundError("x")), "x");
  EXPECT_FALSE(IsStoreFailure(store_->Get(Family::kSignal, "none").status()));
}

// RocksDB writes files in the background, whose failure no commit has met yet.
TEST_F(StoreReopenTest, AnErrorInTheBackgroundIsKnownWithoutACommit) {
  // Over the limit of a memtable, so that the next commit has it written out.
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store_->Commit(Numbered(10 + i, 4 << 20)).ok());
  env_->Set(Fault::kNone);
  int64_t written = 0;
  // Whichever operation fails first, of the commit's or of the background's.
  env_->Set(Fault::kIoError, 3);
  while (store_->healthy() && written < 200) {
    store_->Commit(Numbered(100 + static_cast<int>(written++), 1 << 20)).IgnoreError();
  }
  EXPECT_FALSE(store_->healthy());
  env_->Set(Fault::kNone);
  ASSERT_TRUE(store_->Reopen().ok());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(IsThere(*store_, 10 + i));
}

TEST_F(StoreReopenTest, ReadersGoOnWhileItIsOpenedAnew) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(store_->Commit(Numbered(i)).ok());
  std::atomic<bool> stop{false};
  std::atomic<int64_t> reads{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        int rows = 0;
        // A read within a read must not wait for the reopening, which waits for it.
        const absl::Status scanned = store_->Scan(Family::kSignal, "", "", [&](ByteView key, ByteView) {
          ++rows;
          return store_->Contains(Family::kSignal, key).value();
        });
        EXPECT_TRUE(scanned.ok()) << scanned;
        EXPECT_GE(rows, 50);
        ++reads;
      }
    });
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(FailBy(Fault::kNoSpace, /*synced=*/true).ok());
    env_->Set(Fault::kNone);
    absl::Status opened;
    do {
      opened = store_->Reopen();
    } while (!opened.ok());
    EXPECT_TRUE(store_->Commit(Numbered(50 + i)).ok());
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(reads, 0);
}

// One bit of the write-ahead log flips while nobody looks, and RocksDB goes back to before it in silence.
TEST(StoreTruncation, ADamagedWriteAheadLogIsTold) {
  std::string path = testing::TempDir() + "/store_truncation_test.XXXXXX";
  const std::string directory = mkdtemp(path.data());
  {
    const auto store = Store::Open(directory + "/db").value();
    EXPECT_EQ(store->truncated(), "") << "a new one";
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(store->Commit(Numbered(i)).ok());
  }
  EXPECT_EQ(Store::Open(directory + "/db").value()->truncated(), "") << "a whole one";
  {
    const auto store = Store::Open(directory + "/db").value();
    for (int i = 10; i < 20; ++i) ASSERT_TRUE(store->Commit(Numbered(i)).ok());
  }
  fs::path newest;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory + "/db")) {
    if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
  }
  {
    std::fstream file(newest, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(fs::file_size(newest) / 2);
    file.seekg(middle);
    const char byte = static_cast<char>(file.get());
    file.seekp(middle);
    file.put(static_cast<char>(byte ^ 1));
  }
  {
    const auto store = Store::Open(directory + "/db").value();
    EXPECT_THAT(store->truncated(), HasSubstr("dropping"));
    EXPECT_THAT(store->truncated(), HasSubstr(newest.filename().string()));
    EXPECT_THAT(store->truncated(), Not(HasSubstr("signal 1"))) << "no keys";
    EXPECT_TRUE(IsThere(*store, 9));
    EXPECT_FALSE(IsThere(*store, 19));
  }
  EXPECT_EQ(Store::Open(directory + "/db").value()->truncated(), "") << "told once";
  fs::remove_all(directory);
}

}  // namespace
}  // namespace seinpost
