// SPDX-License-Identifier: EUPL-1.2
// Who signs a log: the names and keys that it had one after the other, and the files that hold the keys.
//
// The key in force lies in log.key, the one that is to follow it in log-next.key, and those before it in
// log-1.key, log-2.key and so on: receipts are made anew for each delivery, by the key of their leaf. No name
// is believed: a key is found by its public half, which the directory states.
#ifndef SEINPOST_SERVER_REALM_LOG_KEYS_H_
#define SEINPOST_SERVER_REALM_LOG_KEYS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "crypto/sign.h"
#include "trust/directory.h"

namespace seinpost::server {

// A stretch of a log under one name and key. It begins with the leaf of the object that says so: receipts of
// that leaf and of later ones, and checkpoints that cover it, are signed by `key` under `origin`.
struct LogPeriod {
  uint64_t first = 0;  // index of that leaf; 0 for the first period
  std::string origin;
  std::shared_ptr<const crypto::SigningKey> key;
};
// In order, at least one; the last is in force.
using LogPeriods = std::vector<LogPeriod>;

// The period that leaf `index` lies in.
const LogPeriod& PeriodOfLeaf(const LogPeriods& periods, uint64_t index);

// Thread-safe.
class LogKeys {
 public:
  // Reads the key files in `directory`. kNotFound: there is no log.key. kDataLoss: a file is not a key.
  static absl::StatusOr<std::unique_ptr<LogKeys>> Open(const std::string& directory);

  std::vector<crypto::PublicKey> PublicKeys() const;
  // The public half of log-next.key as it lies there now; nothing if there is none.
  absl::StatusOr<std::optional<crypto::PublicKey>> Next();

  // The periods of the convenant's log as `directory` tells them, all of its leaf indexes included; before a
  // convenant, one of log.key. kNotFound: no file holds the key of a period.
  absl::StatusOr<LogPeriods> PeriodsOf(const trust::Directory& directory,
                                       absl::string_view convenant_id) const;

  // Makes the files say what `periods` say: earlier keys get their numbers, then log-next.key is renamed to
  // log.key if it is the one in force. Crash-safe, and done again when done already: log.key is there at
  // every moment. kFailedPrecondition: log.key or a numbered file holds a key that does not belong there.
  absl::Status TakeOver(const LogPeriods& periods);

 private:
  explicit LogKeys(std::string directory) : directory_(std::move(directory)) {}
  // Remembers the key in the file and returns its public half. kNotFound: no such file.
  absl::StatusOr<crypto::PublicKey> Learn(const std::string& path);
  std::string NumberedPath(size_t number) const;

  const std::string directory_;
  mutable absl::Mutex mutex_;
  std::map<crypto::PublicKey, std::shared_ptr<const crypto::SigningKey>> keys_ ABSL_GUARDED_BY(mutex_);
  crypto::PublicKey at_start_{};  // of log.key when this was opened
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_LOG_KEYS_H_
