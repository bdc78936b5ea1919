// SPDX-License-Identifier: EUPL-1.2
// Leaves of the audit log and what lies behind them. A leaf commits to an event without telling it:
//
//   mac_i      = HMAC-SHA256(salt_i, u16be tag_i || value_i)      salt_i: 32 random bytes of its own
//   commitment = RFC 6962 tree hash over the leaf inputs u16be tag_i || mac_i, in order of tag
//   leaf       = "seinpost-audit/1" || u8 class || commitment
//
// An Opening shows fields with their salts; a redacted field shows its mac only, so that a field can be
// withheld or erased while the leaf still verifies. A FieldProof shows one single field.
// docs/formats/audit_log.md has the bytes.
//
// Pure functions and plain values; thread-safe. All decoders are strict: exactly one encoding is accepted.
#ifndef SEINPOST_AUDIT_COMMITMENT_H_
#define SEINPOST_AUDIT_COMMITMENT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audit/event.h"
#include "util/bytes.h"

namespace seinpost::audit {

enum class LeafClass : uint8_t {
  kDirectory = 1,  // the commitment is the directory's chain hash, protocol.md "Directory"
  kEvent = 2,
  kJournal = 3,  // an event that was first written to the alert journal
};

inline constexpr size_t kLeafBytes = 49;
struct Leaf {
  LeafClass leaf_class = LeafClass::kEvent;
  Digest commitment{};
  bool operator==(const Leaf&) const = default;
};
Bytes EncodeLeaf(LeafClass leaf_class, const Digest& commitment);
absl::StatusOr<Leaf> DecodeLeaf(ByteView bytes);  // kInvalidArgument
// RFC 6962 leaf hash of EncodeLeaf(): what a receipt names.
Digest LeafHashOf(LeafClass leaf_class, const Digest& commitment);

// One field of an opening: shown (salt and value), or redacted (mac only).
struct OpenedField {
  Tag tag{};
  bool redacted = false;
  Digest salt{};  // unused when redacted
  Bytes value;    // unused when redacted
  Digest mac{};
};

// FieldProof shows one field of a leaf and nothing of the others.
struct FieldProof {
  LeafClass leaf_class = LeafClass::kEvent;
  Tag tag{};
  uint16_t index = 0;  // the field's place among `count` fields
  uint16_t count = 0;
  Digest salt{};
  Bytes value;
  std::vector<Digest> path;  // from field to commitment

  Bytes Encode() const;
  static absl::StatusOr<FieldProof> Decode(ByteView bytes);  // kInvalidArgument
  // The commitment it leads to. kInvalidArgument: impossible index or length of path.
  absl::StatusOr<Digest> Commitment() const;
};
// kPermissionDenied: the proof does not lead to `leaf_hash`. kInvalidArgument as Commitment().
absl::Status VerifyFieldProof(const FieldProof& proof, const Digest& leaf_hash);

class Opening {
 public:
  static absl::StatusOr<Opening> Decode(ByteView bytes);  // kInvalidArgument
  Bytes Encode() const;

  Digest Commitment() const;
  // Withholds those fields; absent and already redacted ones are passed over.
  Opening Redact(std::span<const Tag> tags) const;
  // kNotFound: no such field, or it is redacted.
  absl::StatusOr<FieldProof> Prove(Tag tag, LeafClass leaf_class = LeafClass::kEvent) const;

  bool redacted() const;  // at least one field is
  // The fields that are shown.
  const Event& event() const { return event_; }
  const std::vector<OpenedField>& fields() const { return fields_; }

 private:
  friend absl::StatusOr<struct CommittedEvent> CommitEvent(Event, LeafClass);
  std::vector<OpenedField> fields_;
  Event event_;
};
// kPermissionDenied: the opening is not that of `leaf`. kInvalidArgument: not a leaf, or a directory leaf.
absl::Status VerifyOpening(ByteView leaf, const Opening& opening);

struct CommittedEvent {
  Bytes leaf;
  Opening opening;
};
// Draws the salts and commits. kInvalidArgument: the event is out of bounds (Event::Check()). `leaf_class` is
// kEvent or kJournal.
absl::StatusOr<CommittedEvent> CommitEvent(Event event, LeafClass leaf_class = LeafClass::kEvent);

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_COMMITMENT_H_
