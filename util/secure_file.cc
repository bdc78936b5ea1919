// SPDX-License-Identifier: EUPL-1.2
#include "util/secure_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

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
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == ENOENT) return absl::NotFoundError(absl::StrCat("no file '", path, "'"));
    return absl::FailedPreconditionError(absl::StrCat("cannot open '", path, "': ", std::strerror(errno)));
  }
  struct stat info;
  if (fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat("'", path, "' is not a regular file"));
  }
  Bytes content;
  char buffer[65536];
  while (true) {
    const ssize_t got = read(fd.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return absl::FailedPreconditionError(absl::StrCat("cannot read '", path, "': ", std::strerror(errno)));
    if (got == 0) return content;
    if (content.size() + static_cast<size_t>(got) > max_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat("'", path, "' is larger than ", max_bytes, " bytes"));
    }
    content.append(buffer, static_cast<size_t>(got));
  }
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
