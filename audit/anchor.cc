// SPDX-License-Identifier: EUPL-1.2
#include "audit/anchor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "util/status_macros.h"

namespace seinpost::audit {

Anchor::Anchor(std::string path, std::optional<FileLock> lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

absl::StatusOr<std::unique_ptr<Anchor>> Anchor::Open(const std::string& path,
                                                     const std::vector<crypto::PublicKey>& log_keys) {
  ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(path + ".lock"));
  return Read(std::unique_ptr<Anchor>(new Anchor(path, std::move(lock))), log_keys);
}

absl::StatusOr<std::unique_ptr<Anchor>> Anchor::Look(const std::string& path,
                                                     const std::vector<crypto::PublicKey>& log_keys) {
  return Read(std::unique_ptr<Anchor>(new Anchor(path, std::nullopt)), log_keys);
}

absl::StatusOr<std::unique_ptr<Anchor>> Anchor::Read(std::unique_ptr<Anchor> anchor,
                                                     const std::vector<crypto::PublicKey>& log_keys) {
  const absl::StatusOr<Bytes> note = ReadFile(anchor->path_, kMaxNoteBytes);
  if (absl::IsNotFound(note.status())) return anchor;
  RETURN_IF_ERROR(note.status());
  // The note names its origin itself: whether that is one of this log's is for the start checks to say.
  const Bytes origin = note->substr(0, note->find('\n'));
  absl::Status refused = absl::NotFoundError("no key of the log is known");
  for (const crypto::PublicKey& key : log_keys) {
    absl::StatusOr<Checkpoint> checkpoint = VerifyCheckpoint(*note, LogKey(origin, key));
    if (!checkpoint.ok()) {
      refused = checkpoint.status();
      continue;
    }
    absl::MutexLock guard(&anchor->mutex_);
    anchor->note_ = *note;
    anchor->checkpoint_ = *std::move(checkpoint);
    anchor->signer_ = key;
    return anchor;
  }
  return absl::DataLossError(absl::StrCat("anchor '", anchor->path_, "': ", refused.message()));
}

std::optional<Checkpoint> Anchor::checkpoint() const {
  absl::MutexLock lock(&mutex_);
  return checkpoint_;
}

Bytes Anchor::note() const {
  absl::MutexLock lock(&mutex_);
  return note_;
}

std::optional<crypto::PublicKey> Anchor::signer() const {
  absl::MutexLock lock(&mutex_);
  return signer_;
}

absl::Status Anchor::Advance(ByteView note, const VerifierKey& log_key) {
  ASSIGN_OR_RETURN(Checkpoint next, VerifyCheckpoint(note, log_key));
  absl::MutexLock lock(&mutex_);
  if (checkpoint_.has_value()) {
    if (next.origin != checkpoint_->origin)
      return absl::FailedPreconditionError("anchor: the checkpoint is of another log");
    if (next.size < checkpoint_->size || next.directory->seq < checkpoint_->directory->seq) {
      return absl::FailedPreconditionError("anchor: the checkpoint is older than the anchored one");
    }
    if (next.size == checkpoint_->size && next.root != checkpoint_->root) {
      return absl::FailedPreconditionError("anchor: the checkpoint has another root at the same size");
    }
  }
  return Replace(note, std::move(next), log_key.key);
}

absl::Status Anchor::BeginEpoch(ByteView note, const VerifierKey& log_key) {
  ASSIGN_OR_RETURN(Checkpoint next, VerifyCheckpoint(note, log_key));
  absl::MutexLock lock(&mutex_);
  if (!checkpoint_.has_value() || next.origin == checkpoint_->origin) {
    return absl::FailedPreconditionError("anchor: the checkpoint begins no epoch");
  }
  return Replace(note, std::move(next), log_key.key);
}

absl::Status Anchor::Replace(ByteView note, Checkpoint checkpoint, const crypto::PublicKey& signer) {
  if (!lock_) return absl::FailedPreconditionError("anchor: opened to look at only");
  absl::StatusOr<Bytes> on_disk = ReadFile(path_, kMaxNoteBytes);
  if (absl::IsNotFound(on_disk.status())) on_disk = Bytes();
  RETURN_IF_ERROR(on_disk.status());
  if (*on_disk != note_)
    return absl::AbortedError(absl::StrCat("anchor '", path_, "' was changed by someone else"));
  RETURN_IF_ERROR(WriteFileAtomically(path_, note));
  note_ = Bytes(note);
  checkpoint_ = std::move(checkpoint);
  signer_ = signer;
  return absl::OkStatus();
}

absl::Status CheckAgainstAnchor(const Log& log, const Anchor& anchor) {
  const std::optional<Checkpoint> checkpoint = anchor.checkpoint();
  if (!checkpoint.has_value()) return absl::OkStatus();
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
