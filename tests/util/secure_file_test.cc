// SPDX-License-Identifier: EUPL-1.2
#include "util/secure_file.h"

#include <sys/stat.h>

#include <filesystem>

#include "gtest/gtest.h"

namespace seinpost {
namespace {

class SecureFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "seinpost-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  static int ModeOf(const std::string& path) {
    struct stat info;
    return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : -1;
  }
  std::string directory_;
};

using SecureFile = SecureFileTest;

TEST_F(SecureFile, ReplacesWholeFilesPrivately) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "first").ok());
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "second").ok());
  EXPECT_EQ(ReadFile(Path("a"), 100).value(), "second");
  EXPECT_EQ(ModeOf(Path("a")), 0600);
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) files += entry.is_regular_file();
  EXPECT_EQ(files, 1u) << "a temporary file was left behind";
}

TEST_F(SecureFile, ReadRefusesWhatIsNotASmallRegularFile) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "12345").ok());
  EXPECT_TRUE(ReadFile(Path("a"), 5).ok());
  EXPECT_EQ(ReadFile(Path("a"), 4).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReadFile(Path("none"), 4).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFile(directory_, 4).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SecureFile, ReadsIntoTheCallersMemory) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "12345").ok());
  uint8_t into[6] = {};
  EXPECT_EQ(ReadFileInto(Path("a"), into, 6).value(), 5u);
  EXPECT_EQ(ByteView(reinterpret_cast<const char*>(into), 5), "12345");
  EXPECT_EQ(ReadFileInto(Path("a"), into, 5).value(), 5u);
  EXPECT_EQ(ReadFileInto(Path("a"), into, 4).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReadFileInto(Path("none"), into, 6).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFileInto(directory_, into, 6).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SecureFile, WriteIntoAMissingDirectoryFails) {
  EXPECT_EQ(WriteFileAtomically(Path("no/a"), "x").code(), absl::StatusCode::kUnavailable);
}

TEST_F(SecureFile, MakesPrivateDirectories) {
  ASSERT_TRUE(MakePrivateDirectory(Path("x/y/z")).ok());
  ASSERT_TRUE(MakePrivateDirectory(Path("x/y/z")).ok());
  EXPECT_EQ(ModeOf(Path("x/y")), 0700);
  ASSERT_TRUE(WriteFileAtomically(Path("f"), "").ok());
  EXPECT_FALSE(MakePrivateDirectory(Path("f")).ok());
}

TEST_F(SecureFile, LockIsExclusive) {
  {
    auto lock = FileLock::Acquire(Path("lock"));
    ASSERT_TRUE(lock.ok());
    EXPECT_EQ(FileLock::Acquire(Path("lock")).status().code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_TRUE(FileLock::Acquire(Path("lock")).ok());
}

}  // namespace
}  // namespace seinpost
