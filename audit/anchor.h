// SPDX-License-Identifier: EUPL-1.2
// Anchor keeps the last signed checkpoint in a file outside the database directory, so that a database set
// back to an earlier state, or one that lost its tail, is noticed at start. It only goes forward.
//
// Order: batch synced -> checkpoint signed -> anchor advanced -> checkpoint published.
//
// A log changes its key now and then, and its origin too after it lost its tail (docs/formats/log_epoch.md):
// the anchor takes whatever keys its owner vouches for, and starts anew only by BeginEpoch(). Thread-safe.
#ifndef SEINPOST_AUDIT_ANCHOR_H_
#define SEINPOST_AUDIT_ANCHOR_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

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
  // kUnavailable: another process holds it. kDataLoss: the file holds no checkpoint that one of `log_keys`
  // signed under its own origin.
  static absl::StatusOr<std::unique_ptr<Anchor>> Open(const std::string& path,
                                                      const std::vector<crypto::PublicKey>& log_keys);

  // Reads it without a lock and without writing anything, for whoever only looks: it cannot be replaced by
  // this object (kFailedPrecondition), and may be out of date at once if a broker is running.
  static absl::StatusOr<std::unique_ptr<Anchor>> Look(const std::string& path,
                                                      const std::vector<crypto::PublicKey>& log_keys);

  // The anchored checkpoint, if any, its note, and the key that signed it.
  std::optional<Checkpoint> checkpoint() const;
  Bytes note() const;  // empty if none
  std::optional<crypto::PublicKey> signer() const;

  // Replaces the anchored checkpoint by one that is not older: of the same root when of the same size, as an
  // idle log signs. OK means durable. kAborted: the file is no longer what this process wrote or read last.
  // kFailedPrecondition: `note` is older, has another root at the same size, or another origin.
  // kInvalidArgument, kNotFound, kPermissionDenied as VerifyCheckpoint() with `log_key`. kUnavailable: not
  // written.
  absl::Status Advance(ByteView note, const VerifierKey& log_key);
  // Replaces the anchored checkpoint by the first one of a new epoch, which may be smaller: the caller has
  // seen to it that a LogEpoch says so. kFailedPrecondition: the origin is not a new one. Others as
  // Advance().
  absl::Status BeginEpoch(ByteView note, const VerifierKey& log_key);

 private:
  Anchor(std::string path, std::optional<FileLock> lock);
  static absl::StatusOr<std::unique_ptr<Anchor>> Read(std::unique_ptr<Anchor> anchor,
                                                      const std::vector<crypto::PublicKey>& log_keys);
  absl::Status Replace(ByteView note, Checkpoint checkpoint, const crypto::PublicKey& signer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const std::optional<FileLock> lock_;  // nothing: it only looks
  mutable absl::Mutex mutex_;
  Bytes note_ ABSL_GUARDED_BY(mutex_);
  std::optional<Checkpoint> checkpoint_ ABSL_GUARDED_BY(mutex_);
  std::optional<crypto::PublicKey> signer_ ABSL_GUARDED_BY(mutex_);
};

// The check at start of a log that still is who it was. OK: it may be written. kFailedPrecondition: the log
// is shorter than the anchor, and kDataLoss: it holds other leaves; then it must only be read, and the
// message says why.
absl::Status CheckAgainstAnchor(const Log& log, const Anchor& anchor);

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_ANCHOR_H_
