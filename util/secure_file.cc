// SPDX-License-Identifier: EUPL-1.2
#include "util/secure_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "util/status_macros.h"

namespace seinpost {
namespace {

// Fd closes what open() gave.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::Status Failed(absl::string_view what, const std::string& path) {
  return absl::UnavailableError(absl::StrCat(what, " '", path, "': ", std::strerror(errno)));
}

absl::Status WriteAll(int fd, ByteView content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return Failed("cannot write", path);
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

// What is read may be a key: nothing of it stays behind on the stack.
template <size_t N>
struct WipedBuffer {
  char bytes[N];
  size_t used = 0;
  ~WipedBuffer() { explicit_bzero(bytes, used); }
};

absl::StatusOr<int> OpenRegular(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return absl::NotFoundError(absl::StrCat("no file '", path, "'"));
    return absl::FailedPreconditionError(absl::StrCat("cannot open '", path, "': ", std::strerror(errno)));
  }
  struct stat info;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(fd);
    return absl::FailedPreconditionError(absl::StrCat("'", path, "' is not a regular file"));
  }
  return fd;
}

// 0 at the end of the file.
absl::StatusOr<size_t> ReadSome(int fd, void* into, size_t size, const std::string& path) {
  while (true) {
    const ssize_t got = read(fd, into, size);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno == EINTR) continue;
    return absl::FailedPreconditionError(absl::StrCat("cannot read '", path, "': ", std::strerror(errno)));
  }
}

absl::Status TooLarge(const std::string& path, size_t max_bytes) {
  return absl::ResourceExhaustedError(absl::StrCat("'", path, "' is larger than ", max_bytes, " bytes"));
}

absl::Status SyncDirectoryOf(const std::string& path) {
  std::string directory = std::filesystem::path(path).parent_path().string();
  if (directory.empty()) directory = ".";
  const Fd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return Failed("cannot sync directory", directory);
  return absl::OkStatus();
}

absl::StatusOr<int> Lock(const std::string& path, int operation) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Failed("cannot open lock", path);
  while (flock(fd, operation) != 0) {
    if (errno == EINTR) continue;
    absl::Status status = Failed("another process holds", path);
    close(fd);
    return status;
  }
  return fd;
}

}  // namespace

absl::StatusOr<Bytes> ReadFile(const std::string& path, size_t max_bytes) {
  ASSIGN_OR_RETURN(const int opened, OpenRegular(path));
  const Fd fd(opened);
  Bytes content;
  WipedBuffer<65536> buffer;
  while (true) {
    ASSIGN_OR_RETURN(const size_t got, ReadSome(fd.get(), buffer.bytes, sizeof(buffer.bytes), path));
    buffer.used = std::max(buffer.used, got);
    if (got == 0) return content;
    if (content.size() + got > max_bytes) return TooLarge(path, max_bytes);
    content.append(buffer.bytes, got);
  }
}

absl::StatusOr<size_t> ReadFileInto(const std::string& path, uint8_t* into, size_t capacity) {
  ASSIGN_OR_RETURN(const int opened, OpenRegular(path));
  const Fd fd(opened);
  size_t size = 0;
  while (size < capacity) {
    ASSIGN_OR_RETURN(const size_t got, ReadSome(fd.get(), into + size, capacity - size, path));
    if (got == 0) return size;
    size += got;
  }
  WipedBuffer<1> more;
  more.used = 1;
  ASSIGN_OR_RETURN(const size_t got, ReadSome(fd.get(), more.bytes, 1, path));
  if (got != 0) return TooLarge(path, capacity);
  return size;
}

absl::Status WriteFileAtomically(const std::string& path, ByteView content) {
  std::string temporary = path + ".XXXXXX";
  const Fd fd(mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  if (fd.get() < 0) return Failed("cannot create a file beside", path);
  absl::Status status = WriteAll(fd.get(), content, path);
  if (status.ok() && fsync(fd.get()) != 0) status = Failed("cannot sync", path);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) status = Failed("cannot replace", path);
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return SyncDirectoryOf(path);
}

absl::Status RenameDurably(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return Failed("cannot rename", from);
  return SyncDirectoryOf(to);
}

absl::Status MakePrivateDirectory(const std::string& directory) {
  std::error_code error;
  const std::filesystem::path path(directory);
  std::filesystem::path made;
  for (const auto& step : path) {
    made /= step;
    if (std::filesystem::exists(made, error)) continue;
    if (mkdir(made.c_str(), 0700) != 0 && errno != EEXIST)
      return Failed("cannot create directory", made.string());
  }
  if (!std::filesystem::is_directory(path, error)) {
    return absl::FailedPreconditionError(absl::StrCat("'", directory, "' is not a directory"));
  }
  return absl::OkStatus();
}

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path) {
  ASSIGN_OR_RETURN(const int fd, Lock(path, LOCK_EX | LOCK_NB));
  return FileLock(fd);
}

absl::StatusOr<FileLock> FileLock::AcquireBlocking(const std::string& path) {
  ASSIGN_OR_RETURN(const int fd, Lock(path, LOCK_EX));
  return FileLock(fd);
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace seinpost
