// SPDX-License-Identifier: EUPL-1.2
// Checkpoint is the signed state of a log: C2SP tlog-checkpoint with the extension lines of
// docs/formats/checkpoint.md, and cosignature/v1 by witnesses.
//
//   <origin>\n<size>\n<base64 root>\ndir <seq> <base64 hash>\ntime <unix seconds>\n
//
// Pure functions and plain values; thread-safe. Times are whole seconds.
#ifndef SEINPOST_AUDIT_CHECKPOINT_H_
#define SEINPOST_AUDIT_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "audit/signed_note.h"
#include "crypto/sign.h"
#include "util/bytes.h"

namespace seinpost::audit {

// State of the directory's hash chain.
struct DirectoryHead {
  uint64_t seq = 0;  // of the last object; 0: none yet, and the hash is zero
  Digest hash{};
  bool operator==(const DirectoryHead&) const = default;
};

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Digest root{};
  std::optional<DirectoryHead> directory;
  std::optional<absl::Time> time;
  std::vector<std::string> other_lines;  // extension lines that are neither, in order, after the two above
  bool operator==(const Checkpoint&) const = default;
};

Bytes CheckpointText(const Checkpoint& checkpoint);
// Strict: what CheckpointText() gives, with any extension lines. kInvalidArgument names the line. A line that
// starts with "dir " or "time " must be well formed, in its place and there once.
absl::StatusOr<Checkpoint> ParseCheckpointText(ByteView text);

// The signed note; the key's name is the origin. REQUIRES: IsNoteName(checkpoint.origin).
Bytes SignCheckpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key);
// Checks the log's signature, and that origin and key name are one and both extension lines are there.
// kInvalidArgument: malformed. kNotFound: not signed by `log_key`. kPermissionDenied: wrong signature or
// origin.
absl::StatusOr<Checkpoint> VerifyCheckpoint(ByteView note, const VerifierKey& log_key);
// The log's verifier key.
VerifierKey LogKey(absl::string_view origin, const crypto::PublicKey& key);
VerifierKey WitnessKey(absl::string_view name, const crypto::PublicKey& key);

// Returns `note` with a cosignature line appended. kInvalidArgument: not a note, `name` not a note name, or
// the witness has already signed it.
absl::StatusOr<Bytes> Cosign(ByteView note, absl::string_view name, const crypto::SigningKey& key,
                             absl::Time time);
// When the witness signed. kNotFound, kPermissionDenied, kInvalidArgument as VerifyNote().
absl::StatusOr<absl::Time> VerifyCosignature(const SignedNote& note, const VerifierKey& witness);
// The seconds in a cosignature's bytes; kInvalidArgument unless they have the size of one.
absl::StatusOr<absl::Time> CosignatureTime(const NoteSignature& signature);

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_CHECKPOINT_H_
