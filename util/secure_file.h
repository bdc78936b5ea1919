// SPDX-License-Identifier: EUPL-1.2
// Whole small files, read and replaced so that a crash leaves the old content or the new, never a mixture.
#ifndef SEINPOST_UTIL_SECURE_FILE_H_
#define SEINPOST_UTIL_SECURE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "util/bytes.h"

namespace seinpost {

// Reads a file of at most `max_bytes`. kNotFound: no such file. kResourceExhausted: larger than `max_bytes`.
// kFailedPrecondition: not a regular file, or not readable.
absl::StatusOr<Bytes> ReadFile(const std::string& path, size_t max_bytes);

// Reads a file straight into the caller's memory, so that a key reaches no other: returns how many bytes
// there were. Codes as ReadFile(), kResourceExhausted above `capacity`; then some of them may stand there.
absl::StatusOr<size_t> ReadFileInto(const std::string& path, uint8_t* into, size_t capacity);

// Replaces `path` by `content`: temporary file beside it, mode 0600, fsync, rename, fsync of the directory.
// OK means the new content survives a power failure. kUnavailable: the disk is full or refuses.
absl::Status WriteFileAtomically(const std::string& path, ByteView content);

// Gives `from` the name `to`, which must lie in the same directory, in the place of whatever had it: rename,
// fsync of the directory. kUnavailable: the disk refuses, or there is no `from`.
absl::Status RenameDurably(const std::string& from, const std::string& to);

// Creates `directory` and its parents, mode 0700. OK if it is there already.
absl::Status MakePrivateDirectory(const std::string& directory);

// FileLock holds an exclusive advisory lock on `path` (created, mode 0600) until it dies.
class FileLock {
 public:
  // Waits for no one. kUnavailable: another process holds the lock.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);
  // Waits until the lock is free.
  static absl::StatusOr<FileLock> AcquireBlocking(const std::string& path);
  FileLock(FileLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace seinpost

#endif  // SEINPOST_UTIL_SECURE_FILE_H_
