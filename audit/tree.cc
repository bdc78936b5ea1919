// SPDX-License-Identifier: EUPL-1.2
#include "audit/tree.h"

#include <algorithm>
#include <bit>
#include <map>
#include <span>
#include <utility>

#include "crypto/merkle.h"
#include "util/status_macros.h"

namespace seinpost::audit {
namespace {

// NodeReader reads hashes of one tree size for the making of one proof. A tile read once is kept.
class NodeReader {
 public:
  NodeReader(const HashReader& reader, uint64_t size) : reader_(reader), size_(size) {}

  // The root of the complete subtree (level, index).
  absl::StatusOr<Digest> Node(int level, uint64_t index) {
    const int tile_level = level / kTileHeight;
    const int height = level % kTileHeight;  // within the tile
    const uint64_t first = index << height;  // its first hash at the tile's bottom
    ASSIGN_OR_RETURN(const std::span<const Digest> tile, Tile(tile_level, first / kTileWidth));
    const size_t count = size_t{1} << height;
    const size_t offset = first % kTileWidth;
    if (offset + count > tile.size()) return absl::OutOfRangeError("audit tree: no such subtree");
    return crypto::MerkleTreeHash(tile.subspan(offset, count));
  }

  // MTH(D[first:limit]) of RFC 6962 Section 2.1, for a range that starts at a multiple of the least power of
  // two not below its length, as all ranges do that the RFC's recursion comes by.
  absl::StatusOr<Digest> Range(uint64_t first, uint64_t limit) {
    const uint64_t count = limit - first;
    if (std::has_single_bit(count)) {
      const int level = std::countr_zero(count);
      return Node(level, first >> level);
    }
    const uint64_t left = std::bit_floor(count);
    ASSIGN_OR_RETURN(const Digest left_hash, Range(first, first + left));
    ASSIGN_OR_RETURN(const Digest right_hash, Range(first + left, limit));
    return crypto::NodeHash(left_hash, right_hash);
  }

 private:
  absl::StatusOr<std::span<const Digest>> Tile(int tile_level, uint64_t tile_index) {
    const auto key = std::make_pair(tile_level, tile_index);
    auto found = tiles_.find(key);
    if (found == tiles_.end()) {
      const uint64_t hashes = size_ >> (kTileHeight * tile_level);  // of that level, in the whole tree
      const uint64_t before = tile_index * kTileWidth;
      if (before >= hashes) return absl::OutOfRangeError("audit tree: no such tile");
      ASSIGN_OR_RETURN(std::vector<Digest> tile,
                       reader_.ReadTile(tile_level, tile_index, std::min(kTileWidth, hashes - before)));
      found = tiles_.emplace(key, std::move(tile)).first;
    }
    return std::span<const Digest>(found->second);
  }

  const HashReader& reader_;
  const uint64_t size_;
  std::map<std::pair<int, uint64_t>, std::vector<Digest>> tiles_;
};

// The largest power of two smaller than `count`, which is k of RFC 6962 Section 2.1; count > 1.
uint64_t Split(uint64_t count) { return std::bit_floor(count - 1); }

// RFC 6962 Section 2.1.1: PATH(m, D[first:limit]), m counted from `first`.
absl::Status AppendPath(NodeReader& nodes, uint64_t m, uint64_t first, uint64_t limit,
                        std::vector<Digest>& path) {
  if (limit - first == 1) return absl::OkStatus();
  const uint64_t k = Split(limit - first);
  if (m < k) {
    RETURN_IF_ERROR(AppendPath(nodes, m, first, first + k, path));
    ASSIGN_OR_RETURN(const Digest right, nodes.Range(first + k, limit));
    path.push_back(right);
  } else {
    RETURN_IF_ERROR(AppendPath(nodes, m - k, first + k, limit, path));
    ASSIGN_OR_RETURN(const Digest left, nodes.Range(first, first + k));
    path.push_back(left);
  }
  return absl::OkStatus();
}

// RFC 6962 Section 2.1.2: SUBPROOF(m, D[first:limit], b); `whole` is b.
absl::Status AppendSubproof(NodeReader& nodes, uint64_t m, uint64_t first, uint64_t limit, bool whole,
                            std::vector<Digest>& proof) {
  const uint64_t n = limit - first;
  if (m == n) {
    if (whole) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Digest hash, nodes.Range(first, limit));
    proof.push_back(hash);
    return absl::OkStatus();
  }
  const uint64_t k = Split(n);
  if (m <= k) {
    RETURN_IF_ERROR(AppendSubproof(nodes, m, first, first + k, whole, proof));
    ASSIGN_OR_RETURN(const Digest right, nodes.Range(first + k, limit));
    proof.push_back(right);
  } else {
    RETURN_IF_ERROR(AppendSubproof(nodes, m - k, first + k, limit, false, proof));
    ASSIGN_OR_RETURN(const Digest left, nodes.Range(first, first + k));
    proof.push_back(left);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RightEdge> RightEdge::Create(uint64_t size, std::vector<Digest> hashes) {
  if (size > kMaxTreeSize || hashes.size() != static_cast<size_t>(std::popcount(size))) {
    return absl::InvalidArgumentError("audit tree: right edge does not fit the size");
  }
  RightEdge edge;
  edge.size_ = size;
  edge.hashes_ = std::move(hashes);
  return edge;
}

void RightEdge::Append(const Digest& leaf_hash,
                       absl::FunctionRef<void(int level, uint64_t index, const Digest& hash)> formed) {
  Digest hash = leaf_hash;
  uint64_t index = size_;
  int level = 0;
  formed(level, index, hash);
  // As in adding one to a binary number: each set bit is a subtree that the new one completes to one twice as
  // large.
  for (; (index & 1) != 0; index >>= 1) {
    hash = crypto::NodeHash(hashes_.back(), hash);
    hashes_.pop_back();
    formed(++level, index >> 1, hash);
  }
  hashes_.push_back(hash);
  ++size_;
}

void RightEdge::Append(const Digest& leaf_hash) {
  Append(leaf_hash, [](int, uint64_t, const Digest&) {});
}

Digest RightEdge::Root() const {
  if (hashes_.empty()) return crypto::MerkleTreeHash({});
  Digest root = hashes_.back();
  for (size_t i = hashes_.size() - 1; i > 0; --i) root = crypto::NodeHash(hashes_[i - 1], root);
  return root;
}

absl::StatusOr<std::vector<Digest>> ProveInclusion(const HashReader& reader, uint64_t index, uint64_t size) {
  if (index >= size) return absl::OutOfRangeError("inclusion proof: index is not below the size");
  NodeReader nodes(reader, size);
  std::vector<Digest> path;
  RETURN_IF_ERROR(AppendPath(nodes, index, 0, size, path));
  return path;
}

absl::StatusOr<std::vector<Digest>> ProveConsistency(const HashReader& reader, uint64_t size1,
                                                     uint64_t size2) {
  if (size1 == 0 || size1 > size2)
    return absl::OutOfRangeError("consistency proof: sizes are not 1 <= size1 <= size2");
  NodeReader nodes(reader, size2);
  std::vector<Digest> proof;
  RETURN_IF_ERROR(AppendSubproof(nodes, size1, 0, size2, true, proof));
  return proof;
}

absl::StatusOr<Digest> RootAt(const HashReader& reader, uint64_t size) {
  if (size == 0) return crypto::MerkleTreeHash({});
  NodeReader nodes(reader, size);
  return nodes.Range(0, size);
}

}  // namespace seinpost::audit
