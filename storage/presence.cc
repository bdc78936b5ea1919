// SPDX-License-Identifier: EUPL-1.2
#include "storage/presence.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace seinpost {

namespace {

// What a creation that did not come to its end may leave behind.
bool IsBeginning(const std::string& name) {
  return name == "." || name == ".." || name == "LOCK" || name == "IDENTITY" || name == "MANIFEST-000001" ||
         absl::EndsWith(name, ".dbtmp");
}

}  // namespace

absl::StatusOr<bool> IsDatabaseThere(const std::string& directory, rocksdb::Env& env) {
  if (env.FileExists(directory + "/CURRENT").ok()) return true;
  std::vector<std::string> names;
  if (!env.GetChildren(directory, &names).ok()) return false;
  const auto file = std::find_if_not(names.begin(), names.end(), IsBeginning);
  if (file == names.end()) return false;
  return absl::DataLossError(
      absl::StrCat("database '", directory, "' has lost its file CURRENT, but not ", *file,
                   ": nothing was changed; put back CURRENT, or restore the whole directory from a backup"));
}

absl::Status NoDatabase(const std::string& directory) {
  return absl::NotFoundError(absl::StrCat("there is no database in '", directory, "'"));
}

ReadingLock::~ReadingLock() {
  if (fd_ >= 0) close(fd_);
}

bool ReadingLock::Take(const std::string& directory) {
  fd_ = open((directory + "/LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) return held_ = errno == ENOENT;
  struct flock lock{};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  return held_ = fcntl(fd_, F_OFD_SETLK, &lock) == 0;
}

}  // namespace seinpost
