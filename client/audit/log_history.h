// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_AUDIT_LOG_HISTORY_H_
#define SEINPOST_CLIENT_AUDIT_LOG_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "audit/checkpoint.h"
#include "crypto/sign.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::client {

// From which leaf on the log had which name and key.
struct LogPeriod {
  std::string origin;
  crypto::PublicKey log_key{};
  uint64_t from = 0;
};

// LogHistory derives who signed a log from the log itself: its leaves of the directory, with the objects
// among them that say so (trust::SaysWhoSigns) and the hashes of all others. Each leaf commits to everything
// before it, each object is checked as whoever holds the whole directory checks it. Needs no broker and no
// other file; 32 bytes of memory for a leaf. Not thread-safe.
class LogHistory {
 public:
  // `pin`: the convenant of that version must be that file.
  explicit LogHistory(const std::string& convenant, std::optional<trust::Pin> pin = std::nullopt)
      : directory_(pin, convenant + ".yaml") {}

  // The next leaf of the directory, with its index in the log. `object` is empty where only its hash is
  // known. kInvalidArgument: it is not the object of this leaf. Errors of trust::Directory::Add.
  absl::Status Add(uint64_t index, ByteView leaf, ByteView object, const Digest& object_hash);

  const trust::Directory& directory() const { return directory_; }
  bool empty() const { return directory_.convenant() == nullptr; }
  std::vector<LogPeriod> Periods() const;
  // Whether a key was the log's, at any time.
  bool HadKey(const crypto::PublicKey& key) const;

 private:
  trust::Directory directory_;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_AUDIT_LOG_HISTORY_H_
