// SPDX-License-Identifier: EUPL-1.2
// Anchor keeps the last signed checkpoint in a file outside the database directory, so that a database set
// back to an earlier state, or one that lost its tail, is noticed at start. It only goes forward.
//
// Order: batch synced -> checkpoint signed -> anchor advanced -> checkpoint published. Thread-safe.
#ifndef SEINPOST_AUDIT_ANCHOR_H_
#define SEINPOST_AUDIT_ANCHOR_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "audit/checkpoint.h"
#include "audit/log.h"
#include "util/bytes.h"
#include "util/secure_file.h"

namespace seinpost::audit {

class Anchor {
 public:
  // Locks "<path>.lock" for as long as it lives, and reads `path` if it is there.
  // kUnavailable: another process holds it. kDataLoss: the file holds no checkpoint signed by `log_key`.
  static absl::StatusOr<std::unique_ptr<Anchor>> Open(const std::string& path, const VerifierKey& log_key);

  // The anchored checkpoint, if any, and its note.
  std::optional<Checkpoint> checkpoint() const;
  Bytes note() const;  // empty if none

  // Replaces the anchored checkpoint by one that is not older: of the same root when of the same size, as an
  // idle log signs. OK means durable. kAborted: the file is no longer what this process wrote or read last.
  // kFailedPrecondition: `note` is older, or has another root at the same size. kInvalidArgument, kNotFound,
  // kPermissionDenied as VerifyCheckpoint(). kUnavailable: not written.
  absl::Status Advance(ByteView note);

 private:
  Anchor(std::string path, VerifierKey log_key, FileLock lock);

  const std::string path_;
  const VerifierKey log_key_;
  const FileLock lock_;
  mutable absl::Mutex mutex_;
  Bytes note_ ABSL_GUARDED_BY(mutex_);
  std::optional<Checkpoint> checkpoint_ ABSL_GUARDED_BY(mutex_);
};

// The check at start. OK: the log may be written. kFailedPrecondition: the log is shorter than the anchor,
// and kDataLoss: it holds other leaves; then it must only be read, and the message says why.
absl::Status CheckAgainstAnchor(const Log& log, const Anchor& anchor);

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_ANCHOR_H_
