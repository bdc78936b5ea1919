// SPDX-License-Identifier: EUPL-1.2
// Hashing and proof checking of Merkle trees, RFC 6962 Section 2.1 with SHA-256. Pure functions, thread-safe.
// Leaf indices are 0-based; sizes count leaves; hashes in a proof run from leaf to root.
#ifndef SEINPOST_CRYPTO_MERKLE_H_
#define SEINPOST_CRYPTO_MERKLE_H_

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "util/bytes.h"

namespace seinpost::crypto {

// SHA-256(0x00 || leaf).
Digest LeafHash(ByteView leaf);
// SHA-256(0x01 || left || right).
Digest NodeHash(const Digest& left, const Digest& right);
// MTH of these leaf hashes; of none, SHA-256 of the empty string. O(n) hashes.
Digest MerkleTreeHash(std::span<const Digest> leaf_hashes);

// RFC 6962 Section 2.1.1, checked as RFC 9162 Section 2.1.3.2 writes it. kInvalidArgument: index >= size, or
// a proof of the wrong length. kPermissionDenied: the proof leads to another root.
absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash,
                             std::span<const Digest> proof, const Digest& root);

// RFC 6962 Section 2.1.2, checked as RFC 9162 Section 2.1.4.2 writes it. The tree of size1 leaves and root1
// is a prefix of that of size2 and root2. kInvalidArgument: size1 = 0 (an empty tree proves nothing), size1 >
// size2, or a proof of the wrong length (none is wanted when the sizes are equal). kPermissionDenied: the
// roots do not follow.
absl::Status VerifyConsistency(uint64_t size1, uint64_t size2, const Digest& root1, const Digest& root2,
                               std::span<const Digest> proof);

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_MERKLE_H_
