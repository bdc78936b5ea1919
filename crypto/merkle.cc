// SPDX-License-Identifier: EUPL-1.2
#include "crypto/merkle.h"

#include <vector>

#include "crypto/hash.h"

namespace seinpost::crypto {

namespace {

absl::Status WrongLength() { return absl::InvalidArgumentError("proof has the wrong length"); }
absl::Status WrongRoot() { return absl::PermissionDeniedError("proof leads to another root"); }

}  // namespace

Digest LeafHash(ByteView leaf) { return Sha256Concat({ByteView("\x00", 1), leaf}); }

Digest NodeHash(const Digest& left, const Digest& right) {
  return Sha256Concat({ByteView("\x01", 1), View(left), View(right)});
}

Digest MerkleTreeHash(std::span<const Digest> leaf_hashes) {
  if (leaf_hashes.empty()) return Sha256({});
  // Level by level; an odd last node moves up unchanged, which gives the RFC's split at the largest power of
  // two.
  std::vector<Digest> level(leaf_hashes.begin(), leaf_hashes.end());
  while (level.size() > 1) {
    const size_t pairs = level.size() / 2;
    for (size_t i = 0; i < pairs; ++i) level[i] = NodeHash(level[2 * i], level[2 * i + 1]);
    if (level.size() % 2 == 1) level[pairs] = level.back();
    level.resize((level.size() + 1) / 2);
  }
  return level.front();
}

// RFC 9162 Section 2.1.3.2; fn and sn are the RFC's.
absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash,
                             std::span<const Digest> proof, const Digest& root) {
  if (index >= size) return absl::InvalidArgumentError("leaf index is outside the tree");
  uint64_t fn = index;
  uint64_t sn = size - 1;
  Digest r = leaf_hash;
  for (const Digest& p : proof) {
    if (sn == 0) return WrongLength();
    if ((fn & 1) == 1 || fn == sn) {
      r = NodeHash(p, r);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = NodeHash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return WrongLength();
  return r == root ? absl::OkStatus() : WrongRoot();
}

// RFC 9162 Section 2.1.4.2; fn, sn, fr and sr are the RFC's. Stricter than the RFC: size1 = 0 is refused.
absl::Status VerifyConsistency(uint64_t size1, uint64_t size2, const Digest& root1, const Digest& root2,
                               std::span<const Digest> proof) {
  if (size1 == 0) return absl::InvalidArgumentError("first tree is empty");
  if (size1 > size2) return absl::InvalidArgumentError("first tree is larger than the second");
  if (size1 == size2) {
    if (!proof.empty()) return WrongLength();
    return root1 == root2 ? absl::OkStatus() : WrongRoot();
  }
  if (proof.empty()) return WrongLength();

  const bool size1_is_power_of_two = (size1 & (size1 - 1)) == 0;
  uint64_t fn = size1 - 1;
  uint64_t sn = size2 - 1;
  while ((fn & 1) == 1) {
    fn >>= 1;
    sn >>= 1;
  }
  Digest fr = size1_is_power_of_two ? root1 : proof.front();
  Digest sr = fr;
  for (const Digest& c : proof.subspan(size1_is_power_of_two ? 0 : 1)) {
    if (sn == 0) return WrongLength();
    if ((fn & 1) == 1 || fn == sn) {
      fr = NodeHash(c, fr);
      sr = NodeHash(c, sr);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = NodeHash(sr, c);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return WrongLength();
  return fr == root1 && sr == root2 ? absl::OkStatus() : WrongRoot();
}

}  // namespace seinpost::crypto
