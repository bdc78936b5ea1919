// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_BROKER_LOG_VIEW_H_
#define SEINPOST_CLIENT_BROKER_LOG_VIEW_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audit/checkpoint.h"
#include "client/broker/connection.h"
#include "client/profile/state.h"
#include "client/terminal/context.h"
#include "trust/directory.h"

namespace seinpost::client {

// Who signs a checkpoint of `origin` whose directory line says `directory_size`. nullptr: no such log.
const trust::LogIdentity* IdentityOf(const trust::Directory& directory, absl::string_view origin,
                                     uint64_t directory_size);
// Who may have signed the receipt of leaf `index`: one, or two where the leaf itself changes who it is.
// REQUIRES: the directory has its convenant and its leaf indexes.
std::vector<trust::LogIdentity> IdentitiesAtLeaf(const trust::Directory& directory, uint64_t index);

// Verifies a signed note of any time of this convenant's log. Errors as audit::VerifyCheckpoint.
absl::StatusOr<audit::Checkpoint> VerifyNoteOfLog(ByteView note, const trust::Directory& directory);

// Whether a checkpoint speaks of leaves that the log lost since: nothing is left to compare it with.
bool SpeaksOfLostTail(const trust::Directory& directory, const audit::Checkpoint& checkpoint);

// LogView is what this device believes of the log: the last checkpoint that it has verified, and that every
// other one that it meets belongs to the same history. What contradicts it is kept as evidence
// (client/broker/fork_evidence.h) and refused with exit code 5. Not thread-safe.
class LogView {
 public:
  // All borrowed; they must outlive it.
  LogView(const Context& context, State& state, Connection& connection, std::string convenant_id)
      : context_(context), state_(state), connection_(connection), convenant_id_(std::move(convenant_id)) {}

  // The last note verified, and what it says; empty if none.
  const Bytes& note() const { return note_; }
  const std::optional<audit::Checkpoint>& checkpoint() const { return checkpoint_; }

  // Takes the note that is stored, once it verifies. kDataLoss with exit code 2: it does not.
  absl::Status Load(const StateData& data, const trust::Directory& directory);

  // Whether `next`, a verified checkpoint with its note, goes on from the last one. A log that lost its tail
  // goes on from what is left; `known_tails`: how many losses were known with the last checkpoint.
  absl::Status CheckGoesOn(ByteView next_note, const audit::Checkpoint& next,
                           const trust::Directory& directory, size_t known_tails);
  // Whether it is of now. kFailedPrecondition (exit 1): the clock of this device is off. kDataLoss (exit 5):
  // the broker withholds what is newer.
  absl::Status CheckFresh(const audit::Checkpoint& next);
  // It is the last one from now on.
  absl::Status Keep(ByteView note, const audit::Checkpoint& checkpoint);

  // Whether a checkpoint that somebody else has seen is of the history that this device sees. `found` as in
  // ForkEvidence. A checkpoint that was compared before costs nothing.
  absl::Status CheckSameHistory(ByteView other_note, const audit::Checkpoint& other,
                                const trust::Directory& directory, absl::string_view found);

  // Whether the log of the last checkpoint holds this leaf at `index`. kDataLoss: it does not.
  absl::Status CheckIncluded(uint64_t index, const Digest& leaf_hash, const audit::Checkpoint& checkpoint);

  // The sentence that the clock of this device is off by `ahead` of the broker's (behind if negative), or
  // that the broker's is, which stands before its own checkpoint; exit code 1.
  absl::Status ClockError(absl::Duration ahead) const;

 private:
  absl::Status Fork(ByteView first, ByteView second, absl::string_view found, uint64_t size1, uint64_t size2,
                    const absl::StatusOr<v1::ProveConsistencyReply>& answer, absl::string_view what);
  absl::Status CheckJoined(ByteView first_note, const audit::Checkpoint& first, ByteView second_note,
                           const audit::Checkpoint& second, absl::string_view found);

  const Context& context_;
  State& state_;
  Connection& connection_;
  std::string convenant_id_;
  Bytes note_;
  std::optional<audit::Checkpoint> checkpoint_;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_LOG_VIEW_H_
