// SPDX-License-Identifier: EUPL-1.2
// `seinpostd restore`: puts a copy of `seinpostd backup` where there is nothing (docs/operations.md).
#ifndef SEINPOST_SERVER_PROGRAM_RESTORE_H_
#define SEINPOST_SERVER_PROGRAM_RESTORE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/program/check.h"
#include "server/program/config.h"

namespace seinpost::server {

struct RestoreWish {
  std::string from;         // as `to` of a backup
  std::string keys_from;    // empty: `from`/keys
  std::string copy;         // its name; empty: the newest
  std::string checkpoints;  // CONVENANT=FILE: the newest checkpoint that anybody has, where the anchor is
                            // lost; empty: none
};

struct Restored {
  std::string stamp;
  bool keys = false;  // came from the copy; false: were there
  std::vector<CheckedRealm> realms;
};

// Only into places without a database, and without keys or with those of the same broker. The anchor is never
// replaced or made: against it the restored log is checked, and without one it stays read-only, unless
// `checkpoints` brings a checkpoint that the log signed. All or nothing: what is half restored is removed.
// kInvalidArgument: `wish`. kFailedPrecondition: something is there already, or the copy is of another broker
// or of other convenants. kNotFound: no such copy. kDataLoss: the copy is damaged. kUnavailable: a disk
// refuses.
absl::StatusOr<Restored> RestoreBackup(const ServerConfig& config, const RestoreWish& wish, absl::Time now,
                                       const CheckProgress& progress);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_RESTORE_H_
