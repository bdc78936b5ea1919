// SPDX-License-Identifier: EUPL-1.2
// ExportVerifier checks an export of a log offline, from the export and pinned keys alone:
// opening -> commitment -> leaf -> root -> checkpoint -> cosignatures. It names the first bad index.
//
// Fed one entry at a time, of which it keeps one bit: an export need not fit in memory. Not thread-safe.
#ifndef SEINPOST_AUDIT_VERIFIER_H_
#define SEINPOST_AUDIT_VERIFIER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "audit/checkpoint.h"
#include "audit/erasure.h"
#include "audit/tree.h"
#include "util/bytes.h"

namespace seinpost::audit {

// What the head of an export states. A range is always from leaf 0 to the checkpoint's size, whatever entries
// are opened in it, so that an omission shows.
struct ExportHeader {
  uint64_t first = 0;
  uint64_t limit = 0;  // one past the last entry
  Bytes checkpoint;    // the signed note with its cosignatures
};

// What the verifier trusts.
struct ExportTrust {
  VerifierKey log_key;
  std::vector<VerifierKey> witnesses;
  size_t quorum = 0;  // how many of them must have cosigned
};

struct ExportEntry {
  uint64_t index = 0;
  ByteView leaf;
  // The leaf's hash as the export states it. It is checked too, and lets the verifier tell which of the
  // entries was altered: when the root is wrong, the entry that does not fit its own hash is the bad one.
  ByteView leaf_hash;
  std::optional<ByteView> opening;  // encoded; absent when withheld, erased, or of a directory leaf
};

struct WitnessResult {
  std::string name;
  bool ok = false;
  std::optional<absl::Time> time;
  std::string reason;  // why not
};

// An ERASED leaf that the export shows, and what it accounts for.
struct ErasureResult {
  uint64_t index = 0;  // of the leaf
  Erasure erasure;
  uint64_t erased = 0;  // entries without opening that it explains, at most erasure.count
};

struct ExportReport {
  bool ok = false;
  uint64_t size = 0;  // entries checked
  std::optional<uint64_t> first_bad;
  std::string reason;  // why not ok
  std::optional<Checkpoint> checkpoint;
  std::vector<WitnessResult> witnesses;
  uint64_t opened = 0;    // entries whose opening was checked
  uint64_t redacted = 0;  // of those, with at least one field withheld
  // Events without opening: either an ERASED leaf behind them says that there is none any more, or the broker
  // withholds it, as from an officer whose organisation it does not concern. Together with `opened` and the
  // leaves of the directory they are all entries.
  uint64_t erased = 0;
  uint64_t withheld = 0;
  std::vector<ErasureResult> erasures;  // in the order of their leaves
};

class ExportVerifier {
 public:
  ExportVerifier(ExportHeader header, ExportTrust trust);

  // Who signs the checkpoint, where that is only known from the entries; before Finish().
  void SetLogKey(VerifierKey log_key) { trust_.log_key = std::move(log_key); }
  // Entries come in the order of their index. False: the entry is bad in itself; feeding on is allowed, and
  // counts.
  bool Add(const ExportEntry& entry);
  // Compares with the checkpoint. Call once, after the last entry.
  ExportReport Finish();

 private:
  // Keeps the first failure only. Returns false.
  bool Fail(std::optional<uint64_t> index, absl::string_view reason);
  bool CheckOpening(const ExportEntry& entry);
  void CheckCheckpoint();
  void CheckWitnesses(const SignedNote& note);
  void AttributeErased();

  const ExportHeader header_;
  ExportTrust trust_;
  ExportReport report_;
  bool failed_ = false;
  RightEdge tree_;              // over the leaves given
  std::vector<bool> unopened_;  // by index: an event whose opening was not given
};

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_VERIFIER_H_
