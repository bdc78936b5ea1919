// SPDX-License-Identifier: EUPL-1.2
// The growing RFC 6962 tree of a log, cut into tiles as C2SP tlog-tiles does (height 8), and the proofs read
// from it.
//
// A hash has a level and an index: level 0 are leaf hashes, the hash (l, i) covers leaves i*2^l to (i+1)*2^l
// - 1, and is stored only for complete subtrees. Tile (t, n) holds the hashes (8t, 256n) to (8t, 256n + 255).
// Leaf indices are 0-based; sizes count leaves.
#ifndef SEINPOST_AUDIT_TREE_H_
#define SEINPOST_AUDIT_TREE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "util/bytes.h"

namespace seinpost::audit {

inline constexpr int kTileHeight = 8;
inline constexpr uint64_t kTileWidth = 256;
inline constexpr uint64_t kMaxTreeSize = uint64_t{1} << 56;

// RightEdge is the least that is needed to go on appending: the roots of the complete subtrees that the tree
// falls into, largest first. Not thread-safe.
class RightEdge {
 public:
  RightEdge() = default;
  // kInvalidArgument unless there is one hash for each bit set in `size`.
  static absl::StatusOr<RightEdge> Create(uint64_t size, std::vector<Digest> hashes);

  // Tells `formed` about the leaf hash (level 0) and each subtree completed by it, lowest level first.
  void Append(const Digest& leaf_hash,
              absl::FunctionRef<void(int level, uint64_t index, const Digest& hash)> formed);
  void Append(const Digest& leaf_hash);

  Digest Root() const;  // of no leaves: SHA-256 of nothing
  uint64_t size() const { return size_; }
  const std::vector<Digest>& hashes() const { return hashes_; }
  bool operator==(const RightEdge&) const = default;

 private:
  uint64_t size_ = 0;
  std::vector<Digest> hashes_;
};

// Where a log's hashes are read from.
class HashReader {
 public:
  virtual ~HashReader() = default;
  // The first `width` (1 to 256) hashes of tile (tile_level, tile_index). kOutOfRange: the log does not have
  // that many. kDataLoss: it should, but does not.
  virtual absl::StatusOr<std::vector<Digest>> ReadTile(int tile_level, uint64_t tile_index,
                                                       size_t width) const = 0;
};

// Proof that leaf `index` is in the tree of the first `size` leaves: RFC 6962 Section 2.1.1, hashes from leaf
// to root. kOutOfRange unless index < size; the reader's errors.
absl::StatusOr<std::vector<Digest>> ProveInclusion(const HashReader& reader, uint64_t index, uint64_t size);
// Proof that the tree of size1 is a prefix of that of size2: RFC 6962 Section 2.1.2. Empty when they are
// equal. kOutOfRange unless 1 <= size1 <= size2.
absl::StatusOr<std::vector<Digest>> ProveConsistency(const HashReader& reader, uint64_t size1,
                                                     uint64_t size2);
// Root of the tree of the first `size` leaves.
absl::StatusOr<Digest> RootAt(const HashReader& reader, uint64_t size);

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_TREE_H_
