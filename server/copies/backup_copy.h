// SPDX-License-Identifier: EUPL-1.2
// How a backup lies on the disk: docs/formats/backup.md.
//
//   DIR/data/<stamp>/backup.yaml, SHA256SUMS, db/...
//   DIR/keys/<stamp>/SHA256SUMS, and keys_dir as it was; or in another DIR
#ifndef SEINPOST_SERVER_COPIES_BACKUP_COPY_H_
#define SEINPOST_SERVER_COPIES_BACKUP_COPY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "util/bytes.h"

namespace seinpost::server {

inline constexpr char kBackupFileName[] = "backup.yaml";
// Before the name of a copy that is not whole yet.
inline constexpr char kBeingMade[] = "making-";

// backup.yaml: whose copy it is.
struct BackupLabel {
  struct Convenant {
    std::string id;
    uint64_t leaves = 0;
  };
  absl::Time made;
  Bytes identity;  // 32 bytes: of the broker
  std::vector<Convenant> convenants;
};

std::string EncodeBackupLabel(const BackupLabel& label);
// kInvalidArgument: "file:line:column: sentence".
absl::StatusOr<BackupLabel> ParseBackupLabel(absl::string_view yaml, const std::string& filename);

// "20261130T141900Z", whole seconds in UTC, and back: kInvalidArgument for every other name.
std::string StampOf(absl::Time time);
absl::StatusOr<absl::Time> TimeOfStamp(const std::string& stamp);

// The stamps of the whole copies in `directory`, oldest first; none if it is not there. Other names are
// passed over.
absl::StatusOr<std::vector<std::string>> StampsIn(const std::string& directory);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COPIES_BACKUP_COPY_H_
