// SPDX-License-Identifier: EUPL-1.2
// Directories copied file by file, with a list of their hashes that sha256sum(1) reads too.
#ifndef SEINPOST_SERVER_COPIES_FILE_COPIES_H_
#define SEINPOST_SERVER_COPIES_FILE_COPIES_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "util/bytes.h"

namespace seinpost::server {

// Of every file below a directory, by its path from there.
using FileHashes = std::map<std::string, Digest>;

inline constexpr char kHashListName[] = "SHA256SUMS";

// Copies all regular files below `from`, but LOCK, into `to`, which must not exist; modes are 0600 and 0700,
// and all is synced. kFailedPrecondition: something else than files and directories is there. kUnavailable: a
// disk refuses.
absl::StatusOr<FileHashes> CopyTree(const std::string& from, const std::string& to);

// Writes the list into `directory`.
absl::Status WriteHashList(const std::string& directory, const FileHashes& hashes);
// Reads every file below `directory` again. kDataLoss: a file is not as its list has it, is missing, or has
// come.
absl::Status CheckHashList(const std::string& directory);

// SHA-256 of a file of any size.
absl::StatusOr<Digest> HashFile(const std::string& path);

// Syncs a directory, so that the names in it last.
absl::Status SyncDirectory(const std::string& path);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COPIES_FILE_COPIES_H_
