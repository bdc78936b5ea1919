// SPDX-License-Identifier: EUPL-1.2
// `seinpostd backup`: a verified copy of database and keys, made while the broker runs or stands still
// (docs/operations.md, docs/decisions/0020-backups.md).
#ifndef SEINPOST_SERVER_PROGRAM_BACKUP_H_
#define SEINPOST_SERVER_PROGRAM_BACKUP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/program/check.h"
#include "server/program/config.h"

namespace seinpost::server {

// Keys of openings that were destroyed stay in copies until these are: at most thirty days, with a run every
// day.
inline constexpr uint32_t kMostKeptDays = 29;

struct BackupWish {
  std::string to;       // directory
  std::string keys_to;  // directory of the copies of the keys; empty: `to`/keys
  uint32_t keep_days = kMostKeptDays;
};

struct BackupMade {
  std::string stamp;  // name of the copy
  std::string data;   // path
  std::string keys;   // path
  bool online = false;
  std::vector<CheckedRealm> realms;
  // Copies that were older than wanted and are gone: of data and of keys.
  std::vector<std::string> removed;
  // Why this copy does not hold all that was signed, and so no older one was removed; OK: it does.
  absl::Status whole;
};

// Copies the database as of one moment, then the keys, which are never fewer than that moment needs; reads
// the copy as `check --deep` does and holds it against the anchor as it was before; then removes copies older
// than `keep_days`. Nothing half made is left. kInvalidArgument: `wish` (a place within the broker's own
// directories, open to others, or days out of range). kDataLoss: the copy, and so the original, is damaged.
// kUnavailable: a disk refuses, or another backup is being made there.
absl::StatusOr<BackupMade> MakeBackup(const ServerConfig& config, const BackupWish& wish, absl::Time now,
                                      const CheckProgress& progress);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_BACKUP_H_
