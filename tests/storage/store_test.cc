// SPDX-License-Identifier: EUPL-1.2
#include "storage/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/fault_file_system.h"

namespace seinpost {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kSentence[] = "De fiets staat bij de poort. ";

// A directory of the test's own, gone afterwards.
class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string path = testing::TempDir() + "/store_test.XXXXXX";
    directory_ = mkdtemp(path.data());
  }
  ~StoreTest() override { fs::remove_all(directory_); }

  std::string path() const { return directory_ + "/db"; }
  std::unique_ptr<Store> OpenStore(const StoreOptions& options = {}) const {
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(path(), options);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  std::string directory_;
};

Batch Put(Family family, ByteView key, ByteView value) {
  Batch batch;
  batch.Put(family, key, value);
  return batch;
}

std::vector<std::string> Keys(const Store& store, Family family, ByteView first, ByteView limit) {
  std::vector<std::string> keys;
  EXPECT_TRUE(store
                  .Scan(family, first, limit,
                        [&](ByteView key, ByteView) {
                          keys.emplace_back(key);
                          return true;
                        })
                  .ok());
  return keys;
}

std::vector<fs::path> FilesWithExtension(const std::string& directory, const std::string& extension) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  return files;
}

std::string Content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_F(StoreTest, KeepsWhatWasCommittedWhenOpenedAgain) {
  {
    const auto store = OpenStore();
    Batch batch;
    batch.Put(Family::kSignal, "a", "1");
    batch.Put(Family::kPart, "a", "2");
    batch.Put(Family::kPart, "b", "3");
    batch.Delete(Family::kPart, "b");
    EXPECT_EQ(batch.size(), 4u);
    EXPECT_EQ(batch.size_bytes(), 7u);
    ASSERT_TRUE(store->Commit(batch).ok());
  }
  const auto store = OpenStore();
  EXPECT_EQ(store->Get(Family::kSignal, "a").value(), "1");
  EXPECT_EQ(store->Get(Family::kPart, "a").value(), "2");
  EXPECT_TRUE(absl::IsNotFound(store->Get(Family::kPart, "b").status()));
  EXPECT_TRUE(store->Contains(Family::kPart, "a").value());
  EXPECT_FALSE(store->Contains(Family::kPart, "b").value());
  EXPECT_TRUE(absl::IsNotFound(store->Get(Family::kMailbox, "a").status())) << "families are apart";
}

TEST_F(StoreTest, RunsInMemory) {
  StoreOptions options;
  options.file_system = MakeInMemoryFileSystem();
  {
    const auto store = OpenStore(options);
    ASSERT_TRUE(store->Commit(Put(Family::kMeta, "k", "v")).ok());
  }
  const auto store = OpenStore(options);
  EXPECT_EQ(store->Get(Family::kMeta, "k").value(), "v");
  EXPECT_FALSE(fs::exists(path())) << "nothing may reach the disk";
}

TEST_F(StoreTest, EmptyKeysAndValuesAndZeroBytesAreKept) {
  const auto store = OpenStore();
  Batch batch;
  batch.Put(Family::kMeta, "", "empty key");
  batch.Put(Family::kMeta, ByteView("\0\xff", 2), ByteView("\0", 1));
  batch.Put(Family::kMeta, "empty value", "");
  ASSERT_TRUE(store->Commit(batch).ok());
  EXPECT_EQ(store->Get(Family::kMeta, "").value(), "empty key");
  EXPECT_EQ(store->Get(Family::kMeta, ByteView("\0\xff", 2)).value(), std::string(1, '\0'));
  EXPECT_EQ(store->Get(Family::kMeta, "empty value").value(), "");
}

TEST_F(StoreTest, OpeningTwiceFails) {
  const auto store = OpenStore();
  const absl::Status second = Store::Open(path()).status();
  EXPECT_TRUE(absl::IsUnavailable(second)) << second;
  EXPECT_TRUE(absl::StrContains(second.message(), "in use")) << second;
}

TEST_F(StoreTest, RefusesAnotherFormatVersion) {
  ASSERT_TRUE(OpenStore()->Commit(Put(Family::kMeta, "store/format", "2")).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Store::Open(path()).status()));
}

TEST_F(StoreTest, DirectoryIsPrivate) {
  OpenStore();
  struct stat info;
  ASSERT_EQ(stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(StoreTest, ScansInOrderWithinBounds) {
  const auto store = OpenStore();
  Batch batch;
  for (const char* key : {"b2", "a", "b1", "c", "b", "b\xff"}) batch.Put(Family::kMailbox, key, key);
  ASSERT_TRUE(store->Commit(batch).ok());
  EXPECT_THAT(Keys(*store, Family::kMailbox, "", ""), ElementsAre("a", "b", "b1", "b2", "b\xff", "c"));
  EXPECT_THAT(Keys(*store, Family::kMailbox, "b", PrefixLimit("b")), ElementsAre("b", "b1", "b2", "b\xff"));
  EXPECT_THAT(Keys(*store, Family::kMailbox, "b1", "c"), ElementsAre("b1", "b2", "b\xff"));
  EXPECT_THAT(Keys(*store, Family::kMailbox, "d", ""), IsEmpty());
  EXPECT_THAT(Keys(*store, Family::kMailbox, "c", "a"), IsEmpty());
  EXPECT_EQ(store->Last(Family::kMailbox, "b", PrefixLimit("b")).value()->first, "b\xff");
  EXPECT_EQ(store->Last(Family::kMailbox, "", "").value()->first, "c");
  EXPECT_EQ(store->Last(Family::kMailbox, "", "c").value()->first, "b\xff");
  EXPECT_EQ(store->Last(Family::kMailbox, "d", "").value(), std::nullopt);
  EXPECT_EQ(store->Last(Family::kMailbox, "b3", "b4").value(), std::nullopt);
}

TEST_F(StoreTest, ScanStopsWhenToldTo) {
  const auto store = OpenStore();
  Batch batch;
  for (const char* key : {"a", "b", "c"}) batch.Put(Family::kMeta, key, key);
  ASSERT_TRUE(store->Commit(batch).ok());
  int visited = 0;
  ASSERT_TRUE(store->Scan(Family::kMeta, "a", "z", [&](ByteView, ByteView) { return ++visited < 2; }).ok());
  EXPECT_EQ(visited, 2);
}

TEST_F(StoreTest, IteratorSeesTheMomentItWasMade) {
  const auto store = OpenStore();
  ASSERT_TRUE(store->Commit(Put(Family::kSignal, "a", "1")).ok());
  const auto iterator = store->NewIterator(Family::kSignal, "", "");
  ASSERT_TRUE(store->Commit(Put(Family::kSignal, "a", "2")).ok());
  ASSERT_TRUE(store->Commit(Put(Family::kSignal, "b", "3")).ok());
  ASSERT_TRUE(iterator->Valid());
  EXPECT_EQ(iterator->value(), "1");
  iterator->Next();
  EXPECT_FALSE(iterator->Valid());
  EXPECT_TRUE(iterator->status().ok());
}

TEST(PrefixLimit, IsTheNextKeyAfterAllWithThePrefix) {
  EXPECT_EQ(PrefixLimit("ab"), "ac");
  EXPECT_EQ(PrefixLimit(ByteView("a\xff\xff", 3)), "b");
  EXPECT_EQ(PrefixLimit(ByteView("\xff\xff", 2)), "");
  EXPECT_EQ(PrefixLimit(""), "");
}

// Opening again moves what was in the log into tables, whose blocks carry checksums.
TEST_F(StoreTest, DamagedTableIsDataLoss) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(OpenStore()->Commit(Put(Family::kSignal, "key", std::string(1000, 'v'))).ok());
  }
  OpenStore();
  const std::vector<fs::path> tables = FilesWithExtension(path(), ".sst");
  ASSERT_FALSE(tables.empty());
  for (const fs::path& table : tables) {
    std::string content = Content(table);
    const size_t at = content.find("vvvvvvvv");
    if (at == std::string::npos) continue;
    content[at + 100] = 'w';
    std::ofstream(table, std::ios::binary) << content;
  }
  const auto store = OpenStore();
  ASSERT_NE(store, nullptr);
  EXPECT_TRUE(absl::IsDataLoss(store->Get(Family::kSignal, "key").status()));
  EXPECT_TRUE(
      absl::IsDataLoss(store->Scan(Family::kSignal, "", "", [](ByteView, ByteView) { return true; })));
}

TEST_F(StoreTest, DamagedManifestIsDataLoss) {
  ASSERT_TRUE(OpenStore()->Commit(Put(Family::kSignal, "key", "value")).ok());
  for (const fs::directory_entry& entry : fs::directory_iterator(path())) {
    if (!absl::StartsWith(entry.path().filename().string(), "MANIFEST")) continue;
    std::string content = Content(entry.path());
    content[20] = static_cast<char>(content[20] ^ 1);
    std::ofstream(entry.path(), std::ios::binary) << content;
  }
  EXPECT_TRUE(absl::IsDataLoss(Store::Open(path()).status())) << Store::Open(path()).status();
}

// The search for readable content in a broker's files relies on both.
TEST_F(StoreTest, FilesAreUncompressedAndThereIsNoInfoLog) {
  std::string repeated;
  for (int i = 0; i < 200; ++i) absl::StrAppend(&repeated, kSentence);
  ASSERT_TRUE(OpenStore()->Commit(Put(Family::kAttachment, "planted key", repeated)).ok());
  OpenStore();
  size_t found = 0;
  for (const fs::path& table : FilesWithExtension(path(), ".sst")) {
    const std::string content = Content(table);
    for (size_t at = content.find(kSentence); at != std::string::npos; at = content.find(kSentence, at + 1))
      ++found;
  }
  EXPECT_EQ(found, 200u);
  for (const fs::directory_entry& entry : fs::directory_iterator(path())) {
    EXPECT_FALSE(absl::StartsWith(entry.path().filename().string(), "LOG") && entry.file_size() > 0)
        << entry.path();
  }
}

}  // namespace
}  // namespace seinpost
