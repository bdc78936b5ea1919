// SPDX-License-Identifier: EUPL-1.2
// Where the bytes of a key go: into locked memory, and nowhere else.
#include "crypto/key_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "crypto/sign.h"
#include "crypto/wiped.h"
#include "util/secure_file.h"

namespace seinpost::crypto {
namespace {

// Byte `i` of the key that the tests look for; nowhere in the program do two of them stand side by side.
constexpr uint8_t ByteOfKey(size_t i) { return static_cast<uint8_t>(0xa5 ^ (31 * i + 7 * (i % 5) + 3)); }

// A sanitizer keeps memory of its own in the process, which is not to be read.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;
#else
constexpr bool kMemoryIsOurs = true;
#endif

class KeyFile : public testing::Test {
 protected:
  KeyFile() : directory_(testing::TempDir() + "/seinpost_key_file.XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    const int fd = open(path().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    for (size_t i = 0; i < 32; ++i) {
      uint8_t byte = ByteOfKey(i);
      EXPECT_EQ(write(fd, &byte, 1), 1);
    }
    close(fd);
  }
  ~KeyFile() override { std::filesystem::remove_all(directory_); }
  std::string path() const { return directory_ + "/a.key"; }

  static bool IsKey(const uint8_t* at) {
    for (size_t i = 0; i < 32; ++i) {
      if (at[i] != ByteOfKey(i)) return false;
    }
    return true;
  }
  // How often it stands in memory of this process that a core file would hold, and in memory that none holds.
  struct Copies {
    size_t ordinary = 0;
    size_t locked = 0;
  };
  static Copies Search() {
    Copies copies;
    std::ifstream maps("/proc/self/smaps");
    uintptr_t first = 0, end = 0;
    std::string access;
    for (std::string line; std::getline(maps, line);) {
      std::istringstream words(line);
      char dash = 0;
      if (line.find("-") < 17 && line.find(": ") == std::string::npos) {
        words >> std::hex >> first >> dash >> end >> access;
      } else if (line.find("VmFlags:") == 0 && access.substr(0, 2) == "rw" &&
                 end - first < (size_t{1} << 30)) {
        size_t& count = line.find(" dd") == std::string::npos ? copies.ordinary : copies.locked;
        const auto* at = reinterpret_cast<const uint8_t*>(first);
        const auto* const last = reinterpret_cast<const uint8_t*>(end) - 32;
        while (at <= last) {
          at = static_cast<const uint8_t*>(std::memchr(at, ByteOfKey(0), static_cast<size_t>(last - at) + 1));
          if (at == nullptr) break;
          if (IsKey(at)) ++count;
          ++at;
        }
      }
    }
    return copies;
  }

  std::string directory_;
};

TEST_F(KeyFile, IsReadIntoLockedMemoryAlone) {
  if (!kMemoryIsOurs) GTEST_SKIP();
  const absl::StatusOr<Secret<32>> key = ReadKeyBytes(path());
  ASSERT_TRUE(key.ok()) << key.status();
  ASSERT_TRUE(IsKey(key->ExposeSecret().data()));
  const SigningKey signing = SigningKey::FromSeed(*key);
  Sign(signing, "seinpost/v1/test", "message");
  const Copies copies = Search();
  EXPECT_EQ(copies.ordinary, 0u);
  EXPECT_GE(copies.locked, 2u) << "the search finds what is there: seed, and expanded key";
}

TEST_F(KeyFile, NothingOfAFileStaysBehindWhereItWasRead) {
  if (!kMemoryIsOurs) GTEST_SKIP();
  absl::StatusOr<Bytes> content = ReadFile(path(), 64);
  ASSERT_TRUE(content.ok());
  EXPECT_GE(Search().ordinary, 1u);
  Wipe(*content);
  EXPECT_EQ(Search().ordinary, 0u);
}

TEST_F(KeyFile, RefusesWhatIsNoKey) {
  for (const size_t size : {0, 31, 33, 64}) {
    ASSERT_TRUE(WriteFileAtomically(directory_ + "/other.key", Bytes(size, 'k')).ok());
    EXPECT_EQ(ReadKeyBytes(directory_ + "/other.key").status().code(), absl::StatusCode::kDataLoss) << size;
  }
  EXPECT_EQ(ReadKeyBytes(directory_ + "/none.key").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace seinpost::crypto
