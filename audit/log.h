// SPDX-License-Identifier: EUPL-1.2
// Log is the append-only audit log of one convenant: leaves go in, proofs come out. Hashing and proofs: RFC
// 6962 Section 2.1. Tiles: C2SP tlog-tiles. Rows: docs/formats/audit_log.md.
//
// A leaf is staged into the caller's batch, with the state that it speaks of, and exists when that batch is
// committed:
//
//   index = log.Stage(leaf, batch) ...; head = log.StageHead(batch);
//   store.Commit(batch).ok() ? log.Committed() : log.Abandon();
//
// Threads: Stage, StageHead, Committed and Abandon belong to one thread, the sequencer. Everything else may
// be called from any thread and sees committed leaves only. Borrows the store, the keys and the index, which
// must outlive it. Leaf indices are 0-based; sizes count leaves.
#ifndef SEINPOST_AUDIT_LOG_H_
#define SEINPOST_AUDIT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "audit/checkpoint.h"
#include "audit/commitment.h"
#include "audit/payload_keys.h"
#include "audit/search_index.h"
#include "audit/tree.h"
#include "storage/store.h"
#include "util/bytes.h"

namespace seinpost::audit {

struct NewLeaf {
  ByteView leaf;                      // EncodeLeaf() or CommittedEvent::leaf
  ByteView opening;                   // Opening::Encode(); empty for a directory leaf
  absl::string_view retention_class;  // of the opening; unused without one
  absl::Time time;                    // decides the month of the opening's key; unused without one
  const std::vector<SearchTerm>* terms = nullptr;  // null: not searchable
};

struct LogHead {
  uint64_t size = 0;
  Digest root{};
  bool operator==(const LogHead&) const = default;
};

// One key of payload_keys.h, as the log knows it since the first leaf whose opening it sealed.
struct KeyPeriod {
  std::string retention_class;
  uint32_t month = 0;  // as MonthOf()
  Digest fingerprint{};
  std::optional<uint64_t> erased_by;  // index of the leaf that says that it is destroyed

  bool operator==(const KeyPeriod&) const = default;
};

class Log final : public HashReader {
 public:
  struct Row {
    Family family;
    Bytes key, value;
  };

  // Loads the head of the log named `origin`, or starts an empty one: reads at most 255 rows per level of
  // tiles, however large the log. kDataLoss: the last leaves do not hash to the stored head.
  static absl::StatusOr<std::unique_ptr<Log>> Open(const Store& store, absl::string_view origin,
                                                   PayloadKeys& keys, const SearchIndex& index);

  // --- sequencer thread
  // Adds the leaf's rows to `batch` and returns the index that it will have. Nothing is visible until
  // Committed(). kInvalidArgument: not a leaf. Errors of PayloadKeys::Seal(): then nothing was staged.
  absl::StatusOr<uint64_t> Stage(const NewLeaf& leaf, Batch& batch);
  // Adds the head that covers all staged leaves: once per batch, after the last Stage().
  LogHead StageHead(Batch& batch);
  // The batch is durable: its leaves become visible. REQUIRES: StageHead() came after the last Stage().
  void Committed();
  // The batch was dropped or failed: forgets what was staged.
  void Abandon();
  // After the store was opened anew, nothing staged: takes in leaves that were committed without a word.
  // kDataLoss, and nothing is changed: what is stored is not this log, as it was or gone on.
  absl::Status Reload();

  // The row that says what the log knows of a key, for the caller's batch; KnowKey() when that is durable.
  Row KeyRow(const KeyPeriod& period) const;
  void KnowKey(const KeyPeriod& period);

  // --- any thread
  const std::string& origin() const { return origin_; }
  LogHead head() const;
  // kOutOfRange: index >= size. kDataLoss: a row that must be there is not.
  absl::StatusOr<Bytes> ReadLeaf(uint64_t index) const;
  // first <= index < limit <= size, in order, until `visit` returns false.
  absl::Status ReadLeaves(uint64_t first, uint64_t limit,
                          absl::FunctionRef<bool(uint64_t index, ByteView leaf)> visit) const;
  // kNotFound: the leaf has no opening, or its key has been destroyed. kDataLoss: it does not open the leaf.
  absl::StatusOr<Opening> ReadOpening(uint64_t index) const;
  // The keys that openings were sealed with, by class and month.
  std::vector<KeyPeriod> Keys() const;
  // OK, or kDataLoss with which of them is missing, emptied or altered and what to do: for the start, when
  // all of them are read from their files. Those that an ERASED leaf speaks of may be there or not, and those
  // that were destroyed by DestroyKey() may be gone.
  absl::Status CheckKeys() const;
  // Keys that were in use before the log took note of them, in a database of an earlier version.
  absl::StatusOr<std::vector<KeyPeriod>> UnknownKeys() const;
  // Whether it was destroyed, though no leaf says so: the database is older than the keys, as after a
  // restore.
  bool WasDestroyedUnnamed(const KeyPeriod& period) const;
  // Destroys the key of openings that an ERASED leaf, committed, speaks of. Errors of PayloadKeys::Destroy().
  absl::Status DestroyKey(absl::string_view retention_class, uint32_t month);
  // Calls `visit` for up to `max` leaves from `first` on that have a sealed opening, until it returns false.
  // Returns the index behind the last visited one, or nothing if there are no more.
  absl::StatusOr<std::optional<uint64_t>> VisitSealed(
      uint64_t first, size_t max,
      absl::FunctionRef<bool(uint64_t index, absl::string_view retention_class, uint32_t month)> visit) const;
  // The rows that hold the sealed opening of a leaf and find it, for whoever erases it. A leaf whose opening
  // cannot be read any more is found on, and leads to nothing.
  std::vector<Row> RowsOfOpening(uint64_t index) const;
  // Indices of committed leaves in [first, size) found by `term`, ascending, at most `max`.
  absl::StatusOr<std::vector<uint64_t>> Find(const SearchTerm& term, uint64_t first, size_t max) const;

  // Proofs against the tree of `size` leaves; kOutOfRange when `size` is larger than the log. See
  // audit/tree.h.
  absl::StatusOr<std::vector<Digest>> ProveInclusion(uint64_t index, uint64_t size) const;
  absl::StatusOr<std::vector<Digest>> ProveConsistency(uint64_t size1, uint64_t size2) const;
  absl::StatusOr<Digest> RootAt(uint64_t size) const;
  // Of `head`, which this log had, for SignCheckpoint().
  Checkpoint CheckpointOf(const LogHead& head, const DirectoryHead& directory, absl::Time time) const;

  absl::StatusOr<std::vector<Digest>> ReadTile(int tile_level, uint64_t tile_index,
                                               size_t width) const override;

 private:
  // The tree in memory: its right edge, and for each level of tiles the hashes of the last, incomplete tile.
  struct Tree {
    RightEdge edge;
    std::vector<std::vector<Digest>> partial;
  };

  Log(const Store& store, absl::string_view origin, PayloadKeys& keys, const SearchIndex& index);
  absl::Status Load();
  absl::Status LoadPartialTiles(Tree& tree) const;
  absl::Status LoadKeys();
  absl::Status StageKey(absl::string_view retention_class, uint32_t month, Batch& batch);
  void StageHash(int level, uint64_t index, const Digest& hash, Batch& batch);
  std::shared_ptr<const Tree> committed() const;

  const Store& store_;
  const std::string origin_;
  const Bytes prefix_;
  PayloadKeys& keys_;
  const SearchIndex& index_;

  std::unique_ptr<Tree> staged_;        // sequencer's; null: nothing staged
  std::vector<KeyPeriod> staged_keys_;  // sequencer's
  bool head_staged_ = false;

  mutable absl::Mutex mutex_;
  std::shared_ptr<const Tree> committed_ ABSL_GUARDED_BY(mutex_);
  LogHead head_ ABSL_GUARDED_BY(mutex_);
  LogHead staged_head_;
  std::map<std::pair<std::string, uint32_t>, KeyPeriod> known_keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_LOG_H_
