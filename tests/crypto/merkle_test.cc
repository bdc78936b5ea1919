// SPDX-License-Identifier: EUPL-1.2
// Against a slow reference written from the definitions of RFC 6962 Section 2.1. Published vectors run in
// vectors_test.cc.
#include "crypto/merkle.h"

#include <vector>

#include "crypto/hash.h"
#include "gtest/gtest.h"

namespace seinpost::crypto {
namespace {

using Leaves = std::vector<Digest>;

// The largest power of two smaller than n; n > 1.
size_t Split(size_t n) {
  size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

Leaves Slice(const Leaves& d, size_t from, size_t to) {
  return Leaves(d.begin() + static_cast<ptrdiff_t>(from), d.begin() + static_cast<ptrdiff_t>(to));
}

// MTH(D[n]).
Digest Mth(const Leaves& d) {
  if (d.empty()) return Sha256("");
  if (d.size() == 1) return d[0];
  const size_t k = Split(d.size());
  return Sha256Concat({"\x01", View(Mth(Slice(d, 0, k))), View(Mth(Slice(d, k, d.size())))});
}

// PATH(m, D[n]).
Leaves Path(size_t m, const Leaves& d) {
  if (d.size() == 1) return {};
  const size_t k = Split(d.size());
  Leaves path = m < k ? Path(m, Slice(d, 0, k)) : Path(m - k, Slice(d, k, d.size()));
  path.push_back(m < k ? Mth(Slice(d, k, d.size())) : Mth(Slice(d, 0, k)));
  return path;
}

// SUBPROOF(m, D[n], b).
Leaves SubProof(size_t m, const Leaves& d, bool b) {
  if (m == d.size()) return b ? Leaves{} : Leaves{Mth(d)};
  const size_t k = Split(d.size());
  Leaves proof = m <= k ? SubProof(m, Slice(d, 0, k), b) : SubProof(m - k, Slice(d, k, d.size()), false);
  proof.push_back(m <= k ? Mth(Slice(d, k, d.size())) : Mth(Slice(d, 0, k)));
  return proof;
}

Leaves MakeLeaves(size_t count) {
  Leaves leaves;
  for (size_t i = 0; i < count; ++i) leaves.push_back(LeafHash("leaf " + std::to_string(i)));
  return leaves;
}

constexpr size_t kMost = 40;

TEST(Merkle, RootIsTheReferencesForEverySize) {
  for (size_t n = 0; n <= 130; ++n) EXPECT_EQ(MerkleTreeHash(MakeLeaves(n)), Mth(MakeLeaves(n))) << n;
}

TEST(MerkleInclusion, AcceptsEveryProofOfTheReference) {
  for (size_t n = 1; n <= kMost; ++n) {
    const Leaves leaves = MakeLeaves(n);
    for (size_t m = 0; m < n; ++m) {
      EXPECT_TRUE(VerifyInclusion(m, n, leaves[m], Path(m, leaves), Mth(leaves)).ok()) << m << " of " << n;
    }
  }
}

TEST(MerkleInclusion, RefusesAnotherPlaceLeafProofOrRoot) {
  for (size_t n = 2; n <= 17; ++n) {
    const Leaves leaves = MakeLeaves(n);
    const Digest root = Mth(leaves);
    for (size_t m = 0; m < n; ++m) {
      const Leaves path = Path(m, leaves);
      for (size_t other = 0; other < n; ++other) {
        if (other == m) continue;
        EXPECT_FALSE(VerifyInclusion(other, n, leaves[m], path, root).ok());
        EXPECT_FALSE(VerifyInclusion(m, n, leaves[other], path, root).ok());
      }
      EXPECT_FALSE(VerifyInclusion(m, n, leaves[m], path, Mth(MakeLeaves(n - 1))).ok());
      for (size_t i = 0; i < path.size(); ++i) {
        Leaves bad = path;
        bad[i][0] ^= 1;
        EXPECT_EQ(VerifyInclusion(m, n, leaves[m], bad, root).code(), absl::StatusCode::kPermissionDenied);
      }
      Leaves longer = path;
      longer.push_back(root);
      EXPECT_EQ(VerifyInclusion(m, n, leaves[m], longer, root).code(), absl::StatusCode::kInvalidArgument);
      const Leaves shorter = Slice(path, 0, path.size() - 1);
      EXPECT_EQ(VerifyInclusion(m, n, leaves[m], shorter, root).code(), absl::StatusCode::kInvalidArgument);
      EXPECT_EQ(VerifyInclusion(n + m, n, leaves[m], path, root).code(), absl::StatusCode::kInvalidArgument);
    }
  }
}

TEST(MerkleConsistency, AcceptsEveryProofOfTheReference) {
  for (size_t n = 1; n <= kMost; ++n) {
    const Leaves leaves = MakeLeaves(n);
    for (size_t m = 1; m <= n; ++m) {
      const Leaves proof = SubProof(m, leaves, true);
      EXPECT_TRUE(VerifyConsistency(m, n, Mth(Slice(leaves, 0, m)), Mth(leaves), proof).ok())
          << m << " of " << n;
    }
  }
}

TEST(MerkleConsistency, RefusesAlteredProofsAndRoots) {
  for (size_t n = 2; n <= 17; ++n) {
    const Leaves leaves = MakeLeaves(n);
    const Digest root2 = Mth(leaves);
    for (size_t m = 1; m < n; ++m) {
      const Digest root1 = Mth(Slice(leaves, 0, m));
      const Leaves proof = SubProof(m, leaves, true);
      Digest bad_root = root1;
      bad_root[31] ^= 0x80;
      EXPECT_FALSE(VerifyConsistency(m, n, bad_root, root2, proof).ok());
      EXPECT_FALSE(VerifyConsistency(m, n, root1, bad_root, proof).ok());
      for (size_t i = 0; i < proof.size(); ++i) {
        Leaves bad = proof;
        bad[i][0] ^= 1;
        EXPECT_FALSE(VerifyConsistency(m, n, root1, root2, bad).ok());
      }
      EXPECT_FALSE(VerifyConsistency(m, n, root1, root2, Slice(proof, 0, proof.size() - 1)).ok());
      Leaves longer = proof;
      longer.push_back(root2);
      EXPECT_FALSE(VerifyConsistency(m, n, root1, root2, longer).ok());
    }
  }
}

TEST(MerkleConsistency, AnEmptyTreeProvesNothing) {
  const Digest empty = MerkleTreeHash({});
  EXPECT_EQ(VerifyConsistency(0, 0, empty, empty, {}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(VerifyConsistency(0, 5, empty, Mth(MakeLeaves(5)), {}).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(MerkleConsistency, RefusesAShrinkingTreeAndNoiseAtEqualSizes) {
  const Digest root = Mth(MakeLeaves(3));
  const Leaves noise = {root};
  EXPECT_EQ(VerifyConsistency(3, 2, root, root, {}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(VerifyConsistency(3, 3, root, root, {}).ok());
  EXPECT_EQ(VerifyConsistency(3, 3, root, root, noise).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(VerifyConsistency(3, 3, root, Mth(MakeLeaves(4)), {}).code(),
            absl::StatusCode::kPermissionDenied);
}

TEST(Merkle, HugeSizesNeitherHangNorCrash) {
  const Leaves some = MakeLeaves(64);
  EXPECT_FALSE(VerifyInclusion(~uint64_t{0} - 1, ~uint64_t{0}, some[0], some, some[1]).ok());
  EXPECT_FALSE(VerifyConsistency(~uint64_t{0} - 1, ~uint64_t{0}, some[0], some[1], some).ok());
  EXPECT_FALSE(VerifyConsistency(uint64_t{1} << 63, ~uint64_t{0}, some[0], some[1], some).ok());
}

}  // namespace
}  // namespace seinpost::crypto
