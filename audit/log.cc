// SPDX-License-Identifier: EUPL-1.2
#include "audit/log.h"

#include <bit>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

#include "audit/payload_row.h"
#include "audit/reader.h"
#include "audit/rows.h"
#include "crypto/merkle.h"
#include "util/status_macros.h"

namespace seinpost::audit {
namespace {

constexpr uint8_t kHeadVersion = 1;

struct StoredHead {
  LogHead head;
  RightEdge edge;
};

Bytes EncodeHead(const LogHead& head, const RightEdge& edge) {
  Bytes out = U8(kHeadVersion) + U64(head.size) + ToBytes(head.root);
  for (const Digest& hash : edge.hashes()) out.append(View(hash).data(), hash.size());
  return out;
}

absl::StatusOr<StoredHead> DecodeHead(ByteView bytes) {
  Reader reader(bytes);
  StoredHead stored;
  const uint64_t version = reader.Number(1);
  stored.head.size = reader.Number(8);
  stored.head.root = reader.Hash();
  std::vector<Digest> hashes;
  for (int i = 0; i < std::popcount(stored.head.size) && !reader.failed(); ++i)
    hashes.push_back(reader.Hash());
  absl::StatusOr<RightEdge> edge = RightEdge::Create(stored.head.size, std::move(hashes));
  if (!reader.Finish("audit head").ok() || version != kHeadVersion || !edge.ok()) {
    return absl::DataLossError("audit log: malformed head");
  }
  stored.edge = *std::move(edge);
  return stored;
}

Bytes EncodeTile(std::span<const Digest> hashes) {
  Bytes out;
  out.reserve(hashes.size() * sizeof(Digest));
  for (const Digest& hash : hashes) out.append(View(hash).data(), hash.size());
  return out;
}

// What a row that must be there turns into when it isn't.
absl::Status MissingIsDataLoss(const absl::Status& status, absl::string_view what) {
  return absl::IsNotFound(status) ? absl::DataLossError(what) : status;
}

}  // namespace

Log::Log(const Store& store, absl::string_view origin, PayloadKeys& keys, const SearchIndex& index)
    : store_(store), origin_(origin), prefix_(LogPrefix(origin)), keys_(keys), index_(index) {}

absl::StatusOr<std::unique_ptr<Log>> Log::Open(const Store& store, absl::string_view origin,
                                               PayloadKeys& keys, const SearchIndex& index) {
  if (!IsNoteName(origin)) return absl::InvalidArgumentError("audit log: bad origin");
  std::unique_ptr<Log> log(new Log(store, origin, keys, index));
  RETURN_IF_ERROR(log->Load());
  return log;
}

absl::Status Log::Load() {
  StoredHead stored;
  const absl::StatusOr<Bytes> row = store_.Get(Family::kAuditHead, prefix_);
  if (row.ok()) {
    ASSIGN_OR_RETURN(stored, DecodeHead(*row));
  } else if (absl::IsNotFound(row.status())) {
    stored.head.root = stored.edge.Root();
  } else {
    return row.status();
  }
  Tree tree{stored.edge, {}};
  RETURN_IF_ERROR(LoadPartialTiles(tree));
  if (tree.edge.Root() != stored.head.root) return absl::DataLossError("audit log: head contradicts itself");
  bool beyond = false;
  RETURN_IF_ERROR(store_.Scan(Family::kAuditEntry, LeafKey(prefix_, stored.head.size), PrefixLimit(prefix_),
                              [&](ByteView, ByteView) {
                                beyond = true;
                                return false;
                              }));
  if (beyond) return absl::DataLossError("audit log: there are leaves beyond the head");
  RETURN_IF_ERROR(LoadKeys());
  absl::MutexLock lock(&mutex_);
  committed_ = std::make_shared<const Tree>(std::move(tree));
  head_ = stored.head;
  return absl::OkStatus();
}

// Reads the hashes of the incomplete tiles and checks that the right edge follows from them.
absl::Status Log::LoadPartialTiles(Tree& tree) const {
  const uint64_t size = tree.edge.size();
  for (int level = 0; size >> (kTileHeight * level) != 0; ++level) {
    const uint64_t limit = size >> (kTileHeight * level);
    const uint64_t first = limit - limit % kTileWidth;
    std::vector<Digest>& partial = tree.partial.emplace_back();
    bool malformed = false;
    const auto visit = [&](ByteView /*key*/, ByteView value) {
      absl::StatusOr<Digest> hash =
          level == 0 ? absl::StatusOr<Digest>(crypto::LeafHash(value)) : ToFixed<32>(value, "tile hash");
      malformed = !hash.ok();
      if (hash.ok()) partial.push_back(*hash);
      return !malformed;
    };
    if (level == 0) {
      RETURN_IF_ERROR(
          store_.Scan(Family::kAuditEntry, LeafKey(prefix_, first), LeafKey(prefix_, limit), visit));
    } else {
      RETURN_IF_ERROR(store_.Scan(Family::kAuditHead, TileKey(prefix_, level, first),
                                  TileKey(prefix_, level, limit), visit));
    }
    if (malformed || partial.size() != limit - first)
      return absl::DataLossError("audit log: rows of the tree are lost");
  }
  std::vector<Digest> edge;
  for (size_t level = tree.partial.size(); level-- > 0;) {
    std::span<const Digest> rest(tree.partial[level]);
    while (!rest.empty()) {
      const size_t count = std::bit_floor(rest.size());
      edge.push_back(crypto::MerkleTreeHash(rest.first(count)));
      rest = rest.subspan(count);
    }
  }
  if (edge != tree.edge.hashes())
    return absl::DataLossError("audit log: the last leaves do not hash to the head");
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Log::Stage(const NewLeaf& leaf, Batch& batch) {
  ASSIGN_OR_RETURN(const Leaf decoded, DecodeLeaf(leaf.leaf));
  if ((decoded.leaf_class == LeafClass::kDirectory) != leaf.opening.empty()) {
    return absl::InvalidArgumentError("audit log: an event needs an opening, a directory leaf has none");
  }
  if (staged_ == nullptr) staged_ = std::make_unique<Tree>(*committed());
  const uint64_t index = staged_->edge.size();
  if (!leaf.opening.empty()) {
    const uint32_t month = MonthOf(leaf.time);
    ASSIGN_OR_RETURN(const Bytes sealed, keys_.Seal(leaf.retention_class, month, index, leaf.opening));
    RETURN_IF_ERROR(StageKey(leaf.retention_class, month, batch));
    batch.Put(Family::kAuditPayload, LeafKey(prefix_, index),
              EncodePayload({leaf.retention_class, month, sealed}));
  }
  batch.Put(Family::kAuditEntry, LeafKey(prefix_, index), leaf.leaf);
  if (leaf.terms != nullptr) {
    for (const SearchTerm& term : *leaf.terms) index_.Add(term, index, batch);
  }
  staged_->edge.Append(crypto::LeafHash(leaf.leaf), [&](int level, uint64_t at, const Digest& hash) {
    if (level % kTileHeight == 0) StageHash(level / kTileHeight, at, hash, batch);
  });
  head_staged_ = false;
  return index;
}

// Adds a hash to the last tile of its level. A tile is written once, when it is full; until then its hashes
// are rows of their own, except at level 0, where they follow from the leaves.
void Log::StageHash(int level, uint64_t index, const Digest& hash, Batch& batch) {
  std::vector<std::vector<Digest>>& partial = staged_->partial;
  if (partial.size() <= static_cast<size_t>(level)) partial.resize(level + 1);
  std::vector<Digest>& tile = partial[level];
  tile.push_back(hash);
  if (tile.size() < kTileWidth) {
    if (level > 0) batch.Put(Family::kAuditHead, TileKey(prefix_, level, index), View(hash));
    return;
  }
  batch.Put(Family::kAuditTile, TileKey(prefix_, level, index / kTileWidth), EncodeTile(tile));
  for (uint64_t old = index + 1 - kTileWidth; level > 0 && old < index; ++old) {
    batch.Delete(Family::kAuditHead, TileKey(prefix_, level, old));
  }
  tile.clear();
}

LogHead Log::StageHead(Batch& batch) {
  if (staged_ == nullptr) return head();
  staged_head_ = {staged_->edge.size(), staged_->edge.Root()};
  batch.Put(Family::kAuditHead, prefix_, EncodeHead(staged_head_, staged_->edge));
  head_staged_ = true;
  return staged_head_;
}

void Log::Committed() {
  if (staged_ == nullptr) return;
  if (!head_staged_) std::abort();  // A batch without its head: the log on disk would contradict itself.
  for (const KeyPeriod& period : staged_keys_) KnowKey(period);
  staged_keys_.clear();
  absl::MutexLock lock(&mutex_);
  committed_ = std::move(staged_);
  head_ = staged_head_;
}

void Log::Abandon() {
  staged_.reset();
  staged_keys_.clear();
  head_staged_ = false;
}

absl::Status Log::Reload() {
  const LogHead known = head();
  const std::shared_ptr<const Tree> tree = committed();
  absl::Status status = Load();
  if (status.ok()) {
    const absl::StatusOr<Digest> root = RootAt(known.size);
    if (absl::IsOutOfRange(root.status())) {
      status = absl::DataLossError("audit log: committed leaves are gone");
    } else if (!root.ok()) {
      status = root.status();
    } else if (*root != known.root) {
      status = absl::DataLossError("audit log: committed leaves are others now");
    }
  }
  if (status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  committed_ = tree;
  head_ = known;
  return status;
}

std::shared_ptr<const Log::Tree> Log::committed() const {
  absl::MutexLock lock(&mutex_);
  return committed_;
}

LogHead Log::head() const {
  absl::MutexLock lock(&mutex_);
  return head_;
}

absl::StatusOr<Bytes> Log::ReadLeaf(uint64_t index) const {
  if (index >= head().size) return absl::OutOfRangeError("audit log: no such leaf");
  absl::StatusOr<Bytes> leaf = store_.Get(Family::kAuditEntry, LeafKey(prefix_, index));
  if (!leaf.ok()) return MissingIsDataLoss(leaf.status(), "audit log: a leaf is lost");
  return leaf;
}

absl::Status Log::ReadLeaves(uint64_t first, uint64_t limit,
                             absl::FunctionRef<bool(uint64_t index, ByteView leaf)> visit) const {
  if (first > limit || limit > head().size) return absl::OutOfRangeError("audit log: no such range");
  uint64_t next = first;
  bool stopped = false;
  bool gap = false;
  RETURN_IF_ERROR(store_.Scan(Family::kAuditEntry, LeafKey(prefix_, first), LeafKey(prefix_, limit),
                              [&](ByteView key, ByteView leaf) {
                                gap = key != LeafKey(prefix_, next);
                                if (gap) return false;
                                stopped = !visit(next++, leaf);
                                return !stopped;
                              }));
  if (gap || (!stopped && next != limit)) return absl::DataLossError("audit log: a leaf is lost");
  return absl::OkStatus();
}

absl::StatusOr<Opening> Log::ReadOpening(uint64_t index) const {
  ASSIGN_OR_RETURN(const Bytes leaf, ReadLeaf(index));
  ASSIGN_OR_RETURN(const Leaf decoded, DecodeLeaf(leaf));
  if (decoded.leaf_class == LeafClass::kDirectory)
    return absl::NotFoundError("audit log: a directory leaf has no opening");
  ASSIGN_OR_RETURN(const Bytes row, store_.Get(Family::kAuditPayload, LeafKey(prefix_, index)));
  ASSIGN_OR_RETURN(const SealedRow payload, DecodePayload(row));
  ASSIGN_OR_RETURN(const Bytes bytes,
                   keys_.Open(payload.retention_class, payload.month, index, payload.sealed));
  absl::StatusOr<Opening> opening = Opening::Decode(bytes);
  if (!opening.ok()) return absl::DataLossError(opening.status().message());
  if (const absl::Status status = VerifyOpening(leaf, *opening); !status.ok()) {
    return absl::DataLossError(status.message());
  }
  return opening;
}

absl::StatusOr<std::vector<uint64_t>> Log::Find(const SearchTerm& term, uint64_t first, size_t max) const {
  return index_.Find(store_, term, first, head().size, max);
}

absl::StatusOr<std::vector<Digest>> Log::ProveInclusion(uint64_t index, uint64_t size) const {
  return audit::ProveInclusion(*this, index, size);
}

absl::StatusOr<std::vector<Digest>> Log::ProveConsistency(uint64_t size1, uint64_t size2) const {
  return audit::ProveConsistency(*this, size1, size2);
}

absl::StatusOr<Digest> Log::RootAt(uint64_t size) const { return audit::RootAt(*this, size); }

Checkpoint Log::CheckpointOf(const LogHead& head, const DirectoryHead& directory, absl::Time time) const {
  return {.origin = origin_, .size = head.size, .root = head.root, .directory = directory, .time = time};
}

absl::StatusOr<std::vector<Digest>> Log::ReadTile(int tile_level, uint64_t tile_index, size_t width) const {
  const std::shared_ptr<const Tree> tree = committed();
  const uint64_t hashes = tree->edge.size() >> (kTileHeight * tile_level);
  const uint64_t first = tile_index * kTileWidth;
  if (width == 0 || width > kTileWidth || first > hashes || hashes - first < width) {
    return absl::OutOfRangeError("audit log: no such tile");
  }
  if (hashes - first < kTileWidth) {
    const std::vector<Digest>& partial = tree->partial[tile_level];
    return std::vector<Digest>(partial.begin(), partial.begin() + static_cast<ptrdiff_t>(width));
  }
  const absl::StatusOr<Bytes> row = store_.Get(Family::kAuditTile, TileKey(prefix_, tile_level, tile_index));
  if (!row.ok()) return MissingIsDataLoss(row.status(), "audit log: a tile is lost");
  if (row->size() != kTileWidth * sizeof(Digest)) return absl::DataLossError("audit log: malformed tile");
  Reader reader(*row);
  std::vector<Digest> tile;
  tile.reserve(width);
  while (tile.size() < width) tile.push_back(reader.Hash());
  return tile;
}

}  // namespace seinpost::audit
