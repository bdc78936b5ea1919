// SPDX-License-Identifier: EUPL-1.2
// RFC 6962 vectors: proofs to accept or refuse, and the Certificate Transparency reference tree.
#include "crypto/merkle.h"

#include <span>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "tools/vectors/families.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

namespace {

absl::StatusOr<Digest> Base64Digest(const Json& test, const char* name) {
  ASSIGN_OR_RETURN(const Bytes bytes, Base64(test, {name}));
  return ToFixed<32>(bytes, name);
}

absl::StatusOr<std::vector<Digest>> Proof(const Json& test) {
  std::vector<Digest> proof;
  for (const Json& item : Items(test, {"proof"})) {
    ASSIGN_OR_RETURN(const Digest digest, Base64Digest(Json{{"proof", item}}, "proof"));
    proof.push_back(digest);
  }
  return proof;
}

absl::Status Inclusion(const Json& test) {
  ASSIGN_OR_RETURN(const uint64_t index, Number(test, {"leafIdx"}));
  ASSIGN_OR_RETURN(const uint64_t size, Number(test, {"treeSize"}));
  ASSIGN_OR_RETURN(const Digest leaf_hash, Base64Digest(test, "leafHash"));
  ASSIGN_OR_RETURN(const Digest root, Base64Digest(test, "root"));
  ASSIGN_OR_RETURN(const std::vector<Digest> proof, Proof(test));
  return crypto::VerifyInclusion(index, size, leaf_hash, proof, root);
}

// Some cases have a word in place of a root, where only the equality of the two roots matters. It stands for
// a root here, by its hash.
absl::StatusOr<Digest> Root(const Json& test, const char* name) {
  ASSIGN_OR_RETURN(const Bytes bytes, Base64(test, {name}));
  if (bytes.size() != 32) return crypto::Sha256(bytes);
  return ToFixed<32>(bytes, name);
}

absl::Status Consistency(const Json& test) {
  ASSIGN_OR_RETURN(const uint64_t size1, Number(test, {"size1"}));
  ASSIGN_OR_RETURN(const uint64_t size2, Number(test, {"size2"}));
  ASSIGN_OR_RETURN(const Digest root1, Root(test, "root1"));
  ASSIGN_OR_RETURN(const Digest root2, Root(test, "root2"));
  ASSIGN_OR_RETURN(const std::vector<Digest> proof, Proof(test));
  return crypto::VerifyConsistency(size1, size2, root1, root2, proof);
}

void RunProofs(const Json& file, absl::Status (*run)(const Json&), Report& report) {
  for (size_t i = 0; i < file.size(); ++i) {
    const std::string where = absl::StrCat("case ", i, " (", Text(file[i], {"source"}).value_or("?"), ")");
    const absl::StatusOr<bool> want_error = Boolean(file[i], {"wantErr"});
    if (!want_error.ok()) {
      report.Fail(where, want_error.status().message());
      continue;
    }
    report.Expect(!*want_error, where, run(file[i]));
  }
}

// Level 0 are the leaf hashes; each higher node is the hash of the two below it.
absl::Status CheckNodes(const Json& file, const std::vector<Digest>& leaf_hashes) {
  std::vector<Digest> level = leaf_hashes;
  for (const Json& row : Items(file, {"node_hashes_hex"})) {
    ASSIGN_OR_RETURN(const std::vector<Bytes> expected,
                     HexList(Json{{"node_hashes_hex", row}}, {"node_hashes_hex"}));
    if (expected.size() != level.size())
      return absl::InvalidArgumentError("level has another number of nodes");
    for (size_t i = 0; i < level.size(); ++i) RETURN_IF_ERROR(Same("node hash", expected[i], View(level[i])));
    std::vector<Digest> parents;
    for (size_t i = 0; i + 1 < level.size(); i += 2)
      parents.push_back(crypto::NodeHash(level[i], level[i + 1]));
    level = parents;
  }
  return absl::OkStatus();
}

absl::Status Hasher(const Json& test) {
  ASSIGN_OR_RETURN(const std::string kind, Text(test, {"kind"}));
  ASSIGN_OR_RETURN(const Bytes want, Hex(test, {"want"}));
  if (kind == "empty_root") return Same("want", want, View(crypto::MerkleTreeHash({})));
  if (kind == "leaf") {
    ASSIGN_OR_RETURN(const Bytes input, Hex(test, {"input_hex"}));
    return Same("want", want, View(crypto::LeafHash(input)));
  }
  if (kind != "node") return absl::InvalidArgumentError("kind is not empty_root, leaf or node");
  ASSIGN_OR_RETURN(const Bytes left, Hex(test, {"left_hex"}));
  ASSIGN_OR_RETURN(const Bytes right, Hex(test, {"right_hex"}));
  if (left.size() != 32 || right.size() != 32) return absl::UnimplementedError("children are not digests");
  return Same("want", want, View(crypto::NodeHash(*ToFixed<32>(left, "left"), *ToFixed<32>(right, "right"))));
}

}  // namespace

void RunMerkleInclusion(const Json& file, Report& report) { RunProofs(file, Inclusion, report); }

void RunMerkleConsistency(const Json& file, Report& report) { RunProofs(file, Consistency, report); }

void RunMerkleReferenceTree(const Json& file, Report& report) {
  const absl::StatusOr<std::vector<Bytes>> leaves = HexList(file, {"leaf_inputs_hex"});
  const absl::StatusOr<std::vector<Bytes>> roots = HexList(file, {"root_by_tree_size_hex"});
  if (!leaves.ok() || !roots.ok()) {
    report.Fail("file", "leaves or roots are missing");
    return;
  }
  std::vector<Digest> leaf_hashes;
  for (const Bytes& leaf : *leaves) leaf_hashes.push_back(crypto::LeafHash(leaf));
  report.ExpectOk("nodes", CheckNodes(file, leaf_hashes));
  for (size_t size = 0; size < roots->size(); ++size) {
    const std::string where = absl::StrCat("root of ", size, " leaves");
    if (size > leaf_hashes.size()) {
      report.Fail(where, "there are fewer leaves");
      continue;
    }
    const Digest root = crypto::MerkleTreeHash(std::span<const Digest>(leaf_hashes).first(size));
    report.ExpectOk(where, Same("root", (*roots)[size], View(root)));
  }
  for (const Json& test : Items(file, {"hasher"})) {
    const absl::Status status = Hasher(test);
    if (absl::IsUnimplemented(status)) {
      report.Skip();  // NodeHash() takes digests only.
    } else {
      report.ExpectOk(Text(test, {"desc"}).value_or("hasher"), status);
    }
  }
}

}  // namespace seinpost::vectors
