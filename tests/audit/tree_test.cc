// SPDX-License-Identifier: EUPL-1.2
#include "audit/tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "crypto/merkle.h"
#include "tests/audit/audit_testing.h"

namespace seinpost::audit {
namespace {

constexpr size_t kLeaves = 600;  // more than two tiles

std::vector<Bytes> TreeLeaves(size_t count) {
  std::vector<Bytes> leaves;
  for (size_t i = 0; i < count; ++i) leaves.push_back(absl::StrCat("leaf ", i));
  return leaves;
}

// Tiles computed afresh from the leaves.
class SlowTiles : public HashReader {
 public:
  explicit SlowTiles(std::span<const Bytes> leaves) {
    std::vector<Digest> level;
    for (const Bytes& leaf : leaves) level.push_back(crypto::LeafHash(leaf));
    for (; !level.empty(); level = Parents(level)) levels_.push_back(level);
  }
  absl::StatusOr<std::vector<Digest>> ReadTile(int tile_level, uint64_t tile_index,
                                               size_t width) const override {
    const size_t level = static_cast<size_t>(tile_level) * kTileHeight;
    if (level >= levels_.size() || tile_index * kTileWidth + width > levels_[level].size() ||
        width > kTileWidth) {
      return absl::OutOfRangeError("no such tile");
    }
    const auto first = levels_[level].begin() + static_cast<ptrdiff_t>(tile_index * kTileWidth);
    return std::vector<Digest>(first, first + static_cast<ptrdiff_t>(width));
  }

 private:
  static std::vector<Digest> Parents(const std::vector<Digest>& level) {
    std::vector<Digest> parents;
    for (size_t i = 0; i + 1 < level.size(); i += 2)
      parents.push_back(crypto::NodeHash(level[i], level[i + 1]));
    return parents;
  }
  std::vector<std::vector<Digest>> levels_;
};

TEST(RightEdge, RootsOfTheRfc6962ReferenceTree) {
  const nlohmann::json tree =
      nlohmann::json::parse(ReadWholeFile("tests/vectors/merkle_rfc6962_reference_tree.json"));
  RightEdge edge;
  EXPECT_EQ(ToHex(edge.Root()), tree["root_by_tree_size_hex"][0].get<std::string>());
  for (size_t i = 0; i < 8; ++i) {
    edge.Append(crypto::LeafHash(FromHex(tree["leaf_inputs_hex"][i].get<std::string>()).value()),
                [&](int level, uint64_t index, const Digest& hash) {
                  EXPECT_EQ(ToHex(hash), tree["node_hashes_hex"][level][index].get<std::string>());
                });
    EXPECT_EQ(ToHex(edge.Root()), tree["root_by_tree_size_hex"][i + 1].get<std::string>());
  }
}

TEST(RightEdge, AgreesWithTheReferenceAtEverySize) {
  const std::vector<Bytes> leaves = TreeLeaves(kLeaves);
  RightEdge edge;
  for (size_t size = 0; size <= kLeaves; ++size) {
    ASSERT_EQ(edge.Root(), ReferenceRoot(std::span(leaves).first(size))) << size;
    ASSERT_EQ(edge.size(), size);
    const absl::StatusOr<RightEdge> restored = RightEdge::Create(size, edge.hashes());
    ASSERT_TRUE(restored.ok());
    ASSERT_EQ(*restored, edge);
    if (size < kLeaves) edge.Append(crypto::LeafHash(leaves[size]));
  }
}

TEST(RightEdge, RefusesHashesThatDoNotFitTheSize) {
  EXPECT_FALSE(RightEdge::Create(3, {Digest{}}).ok());
  EXPECT_FALSE(RightEdge::Create(0, {Digest{}}).ok());
  EXPECT_FALSE(RightEdge::Create(4, {}).ok());
  EXPECT_FALSE(RightEdge::Create(kMaxTreeSize * 2, {Digest{}}).ok());
}

TEST(Tree, RootAtEverySize) {
  const std::vector<Bytes> leaves = TreeLeaves(kLeaves);
  const SlowTiles tiles(leaves);
  for (size_t size = 0; size <= kLeaves; ++size) {
    ASSERT_EQ(RootAt(tiles, size).value(), ReferenceRoot(std::span(leaves).first(size))) << size;
  }
  EXPECT_TRUE(absl::IsOutOfRange(RootAt(tiles, kLeaves + 1).status()));
}

TEST(Tree, InclusionProofsOfEveryLeafVerify) {
  const std::vector<Bytes> leaves = TreeLeaves(kLeaves);
  const SlowTiles tiles(leaves);
  for (size_t size = 1; size <= kLeaves; size += size < 20 || size > 500 ? 1 : 13) {
    const Digest root = RootAt(tiles, size).value();
    for (size_t index = 0; index < size; index += size < 260 ? 1 : 7) {
      const std::vector<Digest> proof = ProveInclusion(tiles, index, size).value();
      const Digest leaf = crypto::LeafHash(leaves[index]);
      ASSERT_TRUE(crypto::VerifyInclusion(index, size, leaf, proof, root).ok()) << index << " of " << size;
      ASSERT_FALSE(crypto::VerifyInclusion(index, size, crypto::LeafHash("other"), proof, root).ok());
    }
  }
}

TEST(Tree, ConsistencyProofsBetweenSizesVerify) {
  const std::vector<Bytes> leaves = TreeLeaves(kLeaves);
  const SlowTiles tiles(leaves);
  for (size_t size2 = 1; size2 <= kLeaves; size2 += size2 < 40 ? 1 : 17) {
    const Digest root2 = RootAt(tiles, size2).value();
    for (size_t size1 = 1; size1 <= size2; size1 += size2 < 40 ? 1 : 5) {
      const Digest root1 = RootAt(tiles, size1).value();
      const std::vector<Digest> proof = ProveConsistency(tiles, size1, size2).value();
      ASSERT_TRUE(crypto::VerifyConsistency(size1, size2, root1, root2, proof).ok())
          << size1 << " to " << size2;
      if (size1 < size2) {
        ASSERT_FALSE(crypto::VerifyConsistency(size1, size2, root2, root1, proof).ok());
      }
    }
  }
}

TEST(Tree, RefusesImpossibleProofs) {
  const std::vector<Bytes> leaves = TreeLeaves(10);
  const SlowTiles tiles(leaves);
  EXPECT_TRUE(absl::IsOutOfRange(ProveInclusion(tiles, 10, 10).status()));
  EXPECT_TRUE(absl::IsOutOfRange(ProveInclusion(tiles, 0, 0).status()));
  EXPECT_TRUE(absl::IsOutOfRange(ProveInclusion(tiles, 3, 11).status()));
  EXPECT_TRUE(absl::IsOutOfRange(ProveConsistency(tiles, 0, 5).status()));
  EXPECT_TRUE(absl::IsOutOfRange(ProveConsistency(tiles, 6, 5).status()));
  EXPECT_TRUE(absl::IsOutOfRange(ProveConsistency(tiles, 5, 11).status()));
}

}  // namespace
}  // namespace seinpost::audit
