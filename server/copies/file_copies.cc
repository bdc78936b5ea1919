// SPDX-License-Identifier: EUPL-1.2
#include "server/copies/file_copies.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "crypto/hash.h"
#include "server/copies/descriptor.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

namespace fs = std::filesystem;

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr size_t kMaxHashListBytes = size_t{64} << 20;

absl::Status CopyFailed(absl::string_view what, const std::string& path) {
  return absl::UnavailableError(absl::StrCat("cannot ", what, " '", path, "': ", std::strerror(errno)));
}

// Reads `path` to its end; each piece goes to `take`, which may be key bytes, and is wiped.
template <typename Take>
absl::Status ReadPieces(const std::string& path, Take take) {
  const Descriptor in(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (in.get() < 0) return CopyFailed("open", path);
  std::vector<char> piece(kPieceBytes);
  absl::Status status;
  while (status.ok()) {
    const ssize_t got = read(in.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = CopyFailed("read", path);
    if (got <= 0) break;
    status = take(ByteView(piece.data(), static_cast<size_t>(got)));
  }
  explicit_bzero(piece.data(), piece.size());
  // What is read again to be checked must come from the disk.
  posix_fadvise(in.get(), 0, 0, POSIX_FADV_DONTNEED);
  return status;
}

absl::StatusOr<Digest> CopyOneFile(const std::string& from, const std::string& to) {
  const Descriptor out(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (out.get() < 0) return CopyFailed("create", to);
  crypto::Sha256Hasher hasher;
  RETURN_IF_ERROR(ReadPieces(from, [&](ByteView piece) -> absl::Status {
    hasher.Update(piece);
    while (!piece.empty()) {
      const ssize_t written = write(out.get(), piece.data(), piece.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return CopyFailed("write", to);
      piece.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }));
  if (fsync(out.get()) != 0) return CopyFailed("sync", to);
  posix_fadvise(out.get(), 0, 0, POSIX_FADV_DONTNEED);
  return hasher.Finish();
}

// The regular files below `directory`, by their paths from there, and the directories.
absl::Status ListTree(const std::string& directory, std::vector<std::string>& files,
                      std::vector<std::string>& directories) {
  std::error_code error;
  fs::recursive_directory_iterator at(directory, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string path = at->path().lexically_relative(directory);
    const fs::file_type type = at->symlink_status(error).type();
    if (error) break;
    if (type == fs::file_type::directory) {
      directories.push_back(path);
    } else if (type == fs::file_type::regular) {
      files.push_back(path);
    } else {
      return absl::FailedPreconditionError(
          absl::StrCat("'", at->path().string(), "' is neither a file nor a directory: it cannot be copied"));
    }
  }
  if (error)
    return absl::UnavailableError(absl::StrCat("cannot look through '", directory, "': ", error.message()));
  std::sort(files.begin(), files.end());
  std::sort(directories.begin(), directories.end());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Digest> HashFile(const std::string& path) {
  crypto::Sha256Hasher hasher;
  RETURN_IF_ERROR(ReadPieces(path, [&](ByteView piece) {
    hasher.Update(piece);
    return absl::OkStatus();
  }));
  return hasher.Finish();
}

absl::Status SyncDirectory(const std::string& path) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) != 0) return CopyFailed("sync", path);
  return absl::OkStatus();
}

absl::StatusOr<FileHashes> CopyTree(const std::string& from, const std::string& to) {
  std::vector<std::string> files, directories;
  RETURN_IF_ERROR(ListTree(from, files, directories));
  if (mkdir(to.c_str(), 0700) != 0) return CopyFailed("create", to);
  for (const std::string& directory : directories) {
    if (mkdir(absl::StrCat(to, "/", directory).c_str(), 0700) != 0)
      return CopyFailed("create", to + "/" + directory);
  }
  FileHashes hashes;
  for (const std::string& file : files) {
    if (file == "LOCK") continue;
    ASSIGN_OR_RETURN(hashes[file], CopyOneFile(absl::StrCat(from, "/", file), absl::StrCat(to, "/", file)));
  }
  for (const std::string& directory : directories)
    RETURN_IF_ERROR(SyncDirectory(absl::StrCat(to, "/", directory)));
  RETURN_IF_ERROR(SyncDirectory(to));
  return hashes;
}

absl::Status WriteHashList(const std::string& directory, const FileHashes& hashes) {
  std::string list;
  for (const auto& [file, hash] : hashes) absl::StrAppend(&list, ToHex(View(hash)), "  ", file, "\n");
  return WriteFileAtomically(absl::StrCat(directory, "/", kHashListName), list);
}

absl::Status CheckHashList(const std::string& directory) {
  const absl::StatusOr<Bytes> list = ReadFile(absl::StrCat(directory, "/", kHashListName), kMaxHashListBytes);
  if (!list.ok()) return absl::DataLossError(absl::StrCat("not a whole copy: ", list.status().message()));
  std::map<std::string, std::string> wanted;
  for (const absl::string_view line : absl::StrSplit(*list, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(line, absl::MaxSplits("  ", 1));
    wanted[pair.second] = pair.first;
  }
  std::vector<std::string> files, directories;
  RETURN_IF_ERROR(ListTree(directory, files, directories));
  size_t found = 0;
  for (const std::string& file : files) {
    if (file == kHashListName) continue;
    const std::string path = absl::StrCat(directory, "/", file);
    const auto entry = wanted.find(file);
    if (entry == wanted.end())
      return absl::DataLossError(absl::StrCat("'", path, "' was not there when it was made"));
    ASSIGN_OR_RETURN(const Digest hash, HashFile(path));
    if (ToHex(View(hash)) != entry->second) {
      return absl::DataLossError(absl::StrCat("'", path, "' has changed since it was made"));
    }
    ++found;
  }
  if (found != wanted.size())
    return absl::DataLossError(absl::StrCat("files in '", directory, "' are missing"));
  return absl::OkStatus();
}

}  // namespace seinpost::server
