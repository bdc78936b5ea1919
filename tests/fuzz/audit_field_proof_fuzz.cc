// SPDX-License-Identifier: EUPL-1.2
// Untrusted field proofs and leaves: what decodes has one encoding.
#include "audit/commitment.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace audit = seinpost::audit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes = seinpost::FuzzView(data, size);
  if (const absl::StatusOr<audit::FieldProof> proof = audit::FieldProof::Decode(bytes); proof.ok()) {
    FuzzCheck(proof->Encode() == bytes, "one encoding of a proof");
    const absl::StatusOr<seinpost::Digest> commitment = proof->Commitment();
    FuzzCheck(!commitment.ok() ||
                  audit::VerifyFieldProof(*proof, audit::LeafHashOf(proof->leaf_class, *commitment)).ok(),
              "a proof proves what it leads to");
  }
  if (const absl::StatusOr<audit::Leaf> leaf = audit::DecodeLeaf(bytes); leaf.ok()) {
    FuzzCheck(audit::EncodeLeaf(leaf->leaf_class, leaf->commitment) == bytes, "one encoding of a leaf");
  }
  return 0;
}
