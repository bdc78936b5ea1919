// SPDX-License-Identifier: EUPL-1.2
// Evidence that a log has two histories, as files that stay (docs/formats/fork_evidence.md): two checkpoints
// that the log signed, what was asked to join them, and what was answered. Whoever has the log's key can
// check it without the broker.
#ifndef SEINPOST_CLIENT_BROKER_FORK_EVIDENCE_H_
#define SEINPOST_CLIENT_BROKER_FORK_EVIDENCE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "seinpost/v1/audit.pb.h"
#include "util/bytes.h"

namespace seinpost::client {

struct ForkEvidence {
  std::string convenant;
  absl::Time time;    // when it was found
  std::string found;  // "own", "sender" or "profile": whose checkpoint the first one is
  Bytes first;        // the signed note seen before, or by the other
  Bytes second;       // the signed note of this device
  // What was asked of the broker to join the two, and its answer; sizes of 0: nothing was asked.
  uint64_t size1 = 0, size2 = 0;
  v1::ProveConsistencyReply answer;
  std::string error;  // what it said instead of an answer
};

// Writes `evidence` as a new file in DIRECTORY/evidence/ and returns its path. One contradiction of a tree is
// enough: if there is a file that contradicts the tree of the first note already, its path is given; so is
// the last one once there are 64. kUnavailable (exit 1): the disk refuses.
absl::StatusOr<std::string> KeepEvidence(const std::string& directory, const ForkEvidence& evidence);

// Paths of all evidence in DIRECTORY/evidence/, sorted; none if there is no such directory.
std::vector<std::string> ListEvidence(const std::string& directory);

std::string EncodeEvidence(const ForkEvidence& evidence);
// kInvalidArgument: not what EncodeEvidence gives.
absl::StatusOr<ForkEvidence> DecodeEvidence(absl::string_view text);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_FORK_EVIDENCE_H_
