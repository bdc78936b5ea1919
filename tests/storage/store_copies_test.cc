// SPDX-License-Identifier: EUPL-1.2
// A database that is looked at, copied and searched for damage; and one that is not made over another.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "storage/store.h"

namespace seinpost {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class StoreCopies : public testing::Test {
 protected:
  StoreCopies() : directory_(testing::TempDir() + "/store_copies.XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  }
  ~StoreCopies() override { fs::remove_all(directory_); }
  std::string path() const { return directory_ + "/db"; }

  static void Fill(Store& store, int from, int to) {
    for (int i = from; i < to; ++i) {
      Batch batch;
      batch.Put(Family::kSignal, absl::StrCat("signal ", i),
                std::string(400, static_cast<char>('a' + i % 26)));
      batch.Put(Family::kPart, absl::StrCat("part ", i), "ciphertext");
      ASSERT_TRUE(store.Commit(batch).ok());
    }
  }
  // With rows in tables and rows in the write-ahead log alone.
  void Make() {
    for (int round = 0; round < 2; ++round) {
      const auto store = Store::Open(path());
      ASSERT_TRUE(store.ok()) << store.status();
      Fill(**store, 100 * round, 100 * round + 100);
    }
  }
  std::vector<fs::path> Files(const std::string& extension) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(path())) {
      if (entry.path().extension() == extension) files.push_back(entry.path());
    }
    return files;
  }
  static std::string Content(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  static void FlipBit(const fs::path& file, size_t at) {
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(stream.get());
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(static_cast<char>(byte ^ 1));
  }
  // Everything that can be seen of a directory: names, modes, times of change, bytes.
  using Look = std::map<std::string, std::tuple<mode_t, int64_t, int64_t, std::string>>;
  Look LookAt(const std::string& directory) const {
    Look look;
    const auto add = [&look](const fs::path& entry) {
      struct stat info{};
      EXPECT_EQ(lstat(entry.c_str(), &info), 0);
      look[entry] = {info.st_mode, info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                     fs::is_regular_file(entry) ? Content(entry) : ""};
    };
    add(directory);
    for (const auto& entry : fs::recursive_directory_iterator(directory)) add(entry.path());
    return look;
  }

  std::string directory_;
};

TEST_F(StoreCopies, WithoutCurrentNothingIsMadeOverTheRest) {
  Make();
  ASSERT_FALSE(Files(".sst").empty());
  fs::remove(path() + "/CURRENT");
  const Look before = LookAt(path());
  for (const absl::Status& status : {Store::Open(path()).status(), Store::OpenForReading(path()).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), testing::AllOf(HasSubstr("CURRENT"), HasSubstr("backup")));
  }
  EXPECT_EQ(LookAt(path()), before);
}

TEST_F(StoreCopies, IsMadeOnlyWhereThatIsWanted) {
  StoreOptions options;
  options.create = false;
  EXPECT_EQ(Store::Open(path(), options).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Store::OpenForReading(path()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(fs::exists(path()));
  Make();
  EXPECT_TRUE(Store::Open(path(), options).ok());
}

TEST_F(StoreCopies, LookingWritesNothingAndHoldsOffAWriter) {
  Make();
  const Look before = LookAt(path());
  {
    const auto store = Store::OpenForReading(path());
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ((*store)->Get(Family::kPart, "part 5").value(), "ciphertext") << "from a table";
    EXPECT_EQ((*store)->Get(Family::kPart, "part 199").value(), "ciphertext") << "from the write-ahead log";
    EXPECT_TRUE((*store)->VerifyFiles().ok());
    EXPECT_EQ((*store)->truncated(), "");
    Batch batch;
    batch.Put(Family::kMeta, "k", "v");
    EXPECT_EQ((*store)->Commit(batch).code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ((*store)->Reopen().code(), absl::StatusCode::kUnavailable);
    EXPECT_TRUE(absl::IsUnavailable(Store::Open(path()).status()));
  }
  EXPECT_EQ(LookAt(path()), before);
  EXPECT_TRUE(Store::Open(path()).ok());
}

TEST_F(StoreCopies, ACheckpointIsADatabaseOfItsOwn) {
  Make();
  const std::string to = directory_ + "/checkpoint";
  {
    const auto store = Store::Open(path());
    ASSERT_TRUE(store.ok());
    ASSERT_TRUE((*store)->MakeCheckpoint(to).ok());
    EXPECT_TRUE(absl::IsUnavailable((*store)->MakeCheckpoint(to))) << "never over another";
    Fill(**store, 200, 300);
  }
  fs::remove_all(path());
  const auto copy = Store::OpenForReading(to);
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_TRUE((*copy)->VerifyFiles().ok());
  EXPECT_TRUE((*copy)->Contains(Family::kSignal, "signal 199").value());
  EXPECT_FALSE((*copy)->Contains(Family::kSignal, "signal 200").value());
}

TEST_F(StoreCopies, VerifyingNoticesABitAnywhereInATable) {
  Make();
  std::mt19937 random(20261130);
  const std::vector<fs::path> tables = Files(".sst");
  ASSERT_FALSE(tables.empty());
  for (int i = 0; i < 12; ++i) {
    const fs::path& table = tables[random() % tables.size()];
    const size_t at = random() % fs::file_size(table);
    FlipBit(table, at);
    const auto store = Store::OpenForReading(path());
    const absl::Status found = store.ok() ? (*store)->VerifyFiles() : store.status();
    EXPECT_EQ(found.code(), absl::StatusCode::kDataLoss) << table << " byte " << at << ": " << found;
    FlipBit(table, at);
  }
}

TEST_F(StoreCopies, TellsWhatTheWriteAheadLogEndedIn) {
  Make();
  const std::vector<fs::path> logs = Files(".log");
  ASSERT_FALSE(logs.empty());
  const auto longest = std::max_element(logs.begin(), logs.end(), [](const auto& a, const auto& b) {
    return fs::file_size(a) < fs::file_size(b);
  });
  FlipBit(*longest, fs::file_size(*longest) - 100);
  {
    const auto store = Store::OpenForReading(path());
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_THAT((*store)->truncated(), HasSubstr("checksum mismatch"));
    EXPECT_FALSE((*store)->Contains(Family::kSignal, "signal 199").value());
  }
  EXPECT_THAT(Store::Open(path()).value()->truncated(), HasSubstr("checksum mismatch"));
}

}  // namespace
}  // namespace seinpost
