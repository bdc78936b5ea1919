// SPDX-License-Identifier: EUPL-1.2
#include "server/program/places.h"

#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/program/tls_files.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr mode_t kOthersAtAll = 0077;
constexpr mode_t kOthersWrite = 0022;

absl::Status Loose(const std::string& path, mode_t mode, absl::string_view what, absl::string_view want) {
  return absl::InvalidArgumentError(
      absl::StrFormat("'%s' has mode %04o, so that others on this machine can %s it: "
                      "chmod %s '%s', and think of who may have",
                      path, mode & 07777, what, want, path));
}

absl::Status CheckKeyFile(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || (info.st_mode & kOthersAtAll) == 0) return absl::OkStatus();
  return Loose(path, info.st_mode, "read or change", "600");
}

}  // namespace

absl::Status CheckOwnDirectory(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || (info.st_mode & kOthersWrite) == 0) return absl::OkStatus();
  return Loose(path, info.st_mode, "put files into", "700");
}

absl::Status CheckPlaces(const ServerConfig& config) {
  for (const std::string& directory :
       {config.data_dir, config.keys_dir, config.anchor_dir, config.data_dir + "/db"}) {
    RETURN_IF_ERROR(CheckOwnDirectory(directory));
  }
  std::error_code error;
  std::filesystem::recursive_directory_iterator at(config.keys_dir, error);
  for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    const bool directory = at->is_directory(error);
    if (error) break;
    if (at->path() == TlsCertificatePath(config)) continue;  // no secret, and often there for others to copy
    RETURN_IF_ERROR(directory ? CheckOwnDirectory(at->path()) : CheckKeyFile(at->path()));
  }
  if (error && std::filesystem::exists(config.keys_dir)) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot look through '", config.keys_dir, "': ", error.message()));
  }
  return CheckKeyFile(TlsKeyPath(config));
}

}  // namespace seinpost::server
