// SPDX-License-Identifier: EUPL-1.2
#include "audit/anchor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "util/status_macros.h"

namespace seinpost::audit {

Anchor::Anchor(std::string path, VerifierKey log_key, FileLock lock)
    : path_(std::move(path)), log_key_(std::move(log_key)), lock_(std::move(lock)) {}

absl::StatusOr<std::unique_ptr<Anchor>> Anchor::Open(const std::string& path, const VerifierKey& log_key) {
  ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(path + ".lock"));
  std::unique_ptr<Anchor> anchor(new Anchor(path, log_key, std::move(lock)));
  absl::StatusOr<Bytes> note = ReadFile(path, kMaxNoteBytes);
  if (absl::IsNotFound(note.status())) return anchor;
  RETURN_IF_ERROR(note.status());
  absl::StatusOr<Checkpoint> checkpoint = VerifyCheckpoint(*note, log_key);
  if (!checkpoint.ok()) {
    return absl::DataLossError(absl::StrCat("anchor '", path, "': ", checkpoint.status().message()));
  }
  absl::MutexLock guard(&anchor->mutex_);
  anchor->note_ = *std::move(note);
  anchor->checkpoint_ = *std::move(checkpoint);
  return anchor;
}

std::optional<Checkpoint> Anchor::checkpoint() const {
  absl::MutexLock lock(&mutex_);
  return checkpoint_;
}

Bytes Anchor::note() const {
  absl::MutexLock lock(&mutex_);
  return note_;
}

absl::Status Anchor::Advance(ByteView note) {
  ASSIGN_OR_RETURN(Checkpoint next, VerifyCheckpoint(note, log_key_));
  absl::MutexLock lock(&mutex_);
  if (checkpoint_.has_value()) {
    if (next.size < checkpoint_->size || next.directory->seq < checkpoint_->directory->seq) {
      return absl::FailedPreconditionError("anchor: the checkpoint is older than the anchored one");
    }
    if (next.size == checkpoint_->size && next.root != checkpoint_->root) {
      return absl::FailedPreconditionError("anchor: the checkpoint has another root at the same size");
    }
  }
  absl::StatusOr<Bytes> on_disk = ReadFile(path_, kMaxNoteBytes);
  if (absl::IsNotFound(on_disk.status())) on_disk = Bytes();
  RETURN_IF_ERROR(on_disk.status());
  if (*on_disk != note_)
    return absl::AbortedError(absl::StrCat("anchor '", path_, "' was changed by someone else"));
  RETURN_IF_ERROR(WriteFileAtomically(path_, note));
  note_ = Bytes(note);
  checkpoint_ = std::move(next);
  return absl::OkStatus();
}

absl::Status CheckAgainstAnchor(const Log& log, const Anchor& anchor) {
  const std::optional<Checkpoint> checkpoint = anchor.checkpoint();
  if (!checkpoint.has_value()) return absl::OkStatus();
  if (checkpoint->origin != log.origin())
    return absl::DataLossError("audit log: the anchor is of another log");
  const LogHead head = log.head();
  if (head.size < checkpoint->size) {
    return absl::FailedPreconditionError(absl::StrCat("audit log: has ", head.size,
                                                      " leaves, a checkpoint over ", checkpoint->size,
                                                      " was signed: its tail is lost"));
  }
  const absl::StatusOr<Digest> root = log.RootAt(checkpoint->size);
  if (!root.ok()) return absl::DataLossError(root.status().message());
  if (*root != checkpoint->root) {
    return absl::DataLossError(absl::StrCat("audit log: its first ", checkpoint->size,
                                            " leaves are not those of the signed checkpoint"));
  }
  return absl::OkStatus();
}

}  // namespace seinpost::audit
