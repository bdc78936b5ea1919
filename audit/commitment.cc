// SPDX-License-Identifier: EUPL-1.2
#include "audit/commitment.h"

#include <algorithm>
#include <utility>

#include "audit/reader.h"
#include "audit/tree.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "util/status_macros.h"

namespace seinpost::audit {
namespace {

constexpr absl::string_view kLeafLabel = "seinpost-audit/1";
static_assert(kLeafLabel.size() + 1 + sizeof(Digest) == kLeafBytes);

// First byte of an encoding, so that one is never taken for another.
constexpr uint8_t kOpeningByte = 1;
constexpr uint8_t kRedactedOpeningByte = 2;
constexpr uint8_t kFieldProofByte = 3;

constexpr size_t kMaxPath = 6;  // kMaxFields is 2^6
static_assert(kMaxFields == size_t{1} << kMaxPath);

Digest FieldMac(const Digest& salt, Tag tag, ByteView value) {
  return crypto::HmacSha256Concat(View(salt), {U16(static_cast<uint16_t>(tag)), value});
}

Digest FieldHash(Tag tag, const Digest& mac) {
  Bytes input = U16(static_cast<uint16_t>(tag));
  input.append(View(mac).data(), mac.size());
  return crypto::LeafHash(input);
}

std::vector<Digest> FieldHashes(const std::vector<OpenedField>& fields) {
  std::vector<Digest> hashes;
  hashes.reserve(fields.size());
  for (const OpenedField& field : fields) hashes.push_back(FieldHash(field.tag, field.mac));
  return hashes;
}

bool IsLeafClass(uint64_t value) { return value >= 1 && value <= 3; }

// RFC 6962 Section 2.1.1 by its own recursion: the path of leaf `index` among at most kMaxFields leaves.
void AppendPath(std::span<const Digest> hashes, size_t index, std::vector<Digest>& path) {
  if (hashes.size() <= 1) return;
  size_t left = 1;
  while (left * 2 < hashes.size()) left *= 2;
  if (index < left) {
    AppendPath(hashes.first(left), index, path);
    path.push_back(crypto::MerkleTreeHash(hashes.subspan(left)));
  } else {
    AppendPath(hashes.subspan(left), index - left, path);
    path.push_back(crypto::MerkleTreeHash(hashes.first(left)));
  }
}

// Its inverse: the root that `path` leads to, RFC 9162 Section 2.1.3.2.
absl::StatusOr<Digest> RootFromPath(Digest hash, uint64_t index, uint64_t count,
                                    std::span<const Digest> path) {
  if (index >= count) return absl::InvalidArgumentError("field proof: index out of range");
  uint64_t fn = index;
  uint64_t sn = count - 1;
  for (const Digest& sibling : path) {
    if (sn == 0) return absl::InvalidArgumentError("field proof: path is too long");
    if ((fn & 1) != 0 || fn == sn) {
      hash = crypto::NodeHash(sibling, hash);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      hash = crypto::NodeHash(hash, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return absl::InvalidArgumentError("field proof: path is too short");
  return hash;
}

void Append(Bytes& out, ByteView bytes) { out.append(bytes.data(), bytes.size()); }

}  // namespace

Bytes EncodeLeaf(LeafClass leaf_class, const Digest& commitment) {
  Bytes leaf(kLeafLabel);
  leaf.push_back(static_cast<char>(leaf_class));
  Append(leaf, View(commitment));
  return leaf;
}

absl::StatusOr<Leaf> DecodeLeaf(ByteView bytes) {
  Reader reader(bytes);
  const bool labelled = reader.Take(kLeafLabel.size()) == kLeafLabel;
  const uint64_t leaf_class = reader.Number(1);
  const Digest commitment = reader.Hash();
  RETURN_IF_ERROR(reader.Finish("audit leaf"));
  if (!labelled) return absl::InvalidArgumentError("audit leaf: wrong label");
  if (!IsLeafClass(leaf_class)) return absl::InvalidArgumentError("audit leaf: unknown class");
  return Leaf{static_cast<LeafClass>(leaf_class), commitment};
}

Digest LeafHashOf(LeafClass leaf_class, const Digest& commitment) {
  return crypto::LeafHash(EncodeLeaf(leaf_class, commitment));
}

Bytes FieldProof::Encode() const {
  Bytes out = U8(kFieldProofByte);
  out += U8(static_cast<uint8_t>(leaf_class));
  out += U16(static_cast<uint16_t>(tag));
  out += U16(index);
  out += U16(count);
  Append(out, View(salt));
  out += Lp(value);
  out += U8(static_cast<uint8_t>(path.size()));
  for (const Digest& hash : path) Append(out, View(hash));
  return out;
}

absl::StatusOr<FieldProof> FieldProof::Decode(ByteView bytes) {
  Reader reader(bytes);
  FieldProof proof;
  const uint64_t kind = reader.Number(1);
  const uint64_t leaf_class = reader.Number(1);
  proof.tag = static_cast<Tag>(reader.Number(2));
  proof.index = static_cast<uint16_t>(reader.Number(2));
  proof.count = static_cast<uint16_t>(reader.Number(2));
  proof.salt = reader.Hash();
  proof.value = Bytes(reader.Lp(kMaxValueBytes));
  const uint64_t steps = reader.Number(1);
  for (uint64_t i = 0; i < steps && !reader.failed(); ++i) proof.path.push_back(reader.Hash());
  RETURN_IF_ERROR(reader.Finish("field proof"));
  if (kind != kFieldProofByte) return absl::InvalidArgumentError("field proof: wrong first byte");
  if (!IsLeafClass(leaf_class)) return absl::InvalidArgumentError("field proof: unknown class");
  proof.leaf_class = static_cast<LeafClass>(leaf_class);
  if (proof.leaf_class == LeafClass::kDirectory) {
    return absl::InvalidArgumentError("field proof: a directory leaf has no fields");
  }
  if (proof.count > kMaxFields || proof.index >= proof.count || steps > kMaxPath) {
    return absl::InvalidArgumentError("field proof: out of bounds");
  }
  RETURN_IF_ERROR(Event::FromFields({Field{proof.tag, proof.value}}).status());
  return proof;
}

absl::StatusOr<Digest> FieldProof::Commitment() const {
  return RootFromPath(FieldHash(tag, FieldMac(salt, tag, value)), index, count, path);
}

absl::Status VerifyFieldProof(const FieldProof& proof, const Digest& leaf_hash) {
  ASSIGN_OR_RETURN(const Digest commitment, proof.Commitment());
  if (LeafHashOf(proof.leaf_class, commitment) != leaf_hash) {
    return absl::PermissionDeniedError("field proof: does not belong to the leaf");
  }
  return absl::OkStatus();
}

absl::StatusOr<Opening> Opening::Decode(ByteView bytes) {
  if (bytes.size() > kMaxOpeningBytes) return absl::InvalidArgumentError("opening: too large");
  Reader reader(bytes);
  const uint64_t kind = reader.Number(1);
  const uint64_t count = reader.Number(2);
  if (kind != kOpeningByte && kind != kRedactedOpeningByte) {
    return absl::InvalidArgumentError("opening: wrong first byte");
  }
  if (count > kMaxFields) return absl::InvalidArgumentError("opening: too many fields");
  Opening opening;
  std::vector<Field> shown;
  for (uint64_t i = 0; i < count && !reader.failed(); ++i) {
    OpenedField field;
    field.tag = static_cast<Tag>(reader.Number(2));
    const uint64_t redacted = kind == kRedactedOpeningByte ? reader.Number(1) : 0;
    if (redacted > 1) return absl::InvalidArgumentError("opening: neither shown nor redacted");
    field.redacted = redacted == 1;
    if (field.redacted) {
      field.mac = reader.Hash();
    } else {
      field.salt = reader.Hash();
      field.value = Bytes(reader.Lp(kMaxValueBytes));
      field.mac = FieldMac(field.salt, field.tag, field.value);
      shown.push_back({field.tag, field.value});
    }
    if (i > 0 && field.tag <= opening.fields_.back().tag) {
      return absl::InvalidArgumentError("opening: fields out of order");
    }
    opening.fields_.push_back(std::move(field));
  }
  RETURN_IF_ERROR(reader.Finish("opening"));
  if (opening.fields_.empty()) return absl::InvalidArgumentError("opening: no fields");
  if (opening.redacted() != (kind == kRedactedOpeningByte)) {
    return absl::InvalidArgumentError("opening: redacted without a redacted field");
  }
  ASSIGN_OR_RETURN(opening.event_, Event::FromFields(std::move(shown)));
  return opening;
}

Bytes Opening::Encode() const {
  const bool with_marks = redacted();
  Bytes out = U8(with_marks ? kRedactedOpeningByte : kOpeningByte);
  out += U16(static_cast<uint16_t>(fields_.size()));
  for (const OpenedField& field : fields_) {
    out += U16(static_cast<uint16_t>(field.tag));
    if (with_marks) out += U8(field.redacted ? 1 : 0);
    if (field.redacted) {
      Append(out, View(field.mac));
    } else {
      Append(out, View(field.salt));
      out += Lp(field.value);
    }
  }
  return out;
}

Digest Opening::Commitment() const { return crypto::MerkleTreeHash(FieldHashes(fields_)); }

Opening Opening::Redact(std::span<const Tag> tags) const {
  Opening result = *this;
  std::vector<Field> shown;
  for (OpenedField& field : result.fields_) {
    if (!field.redacted && std::find(tags.begin(), tags.end(), field.tag) != tags.end()) {
      field.redacted = true;
      field.salt = Digest{};
      field.value.clear();
    }
    if (!field.redacted) shown.push_back({field.tag, field.value});
  }
  result.event_ = Event::FromFields(std::move(shown)).value();  // A part of what has been checked.
  return result;
}

absl::StatusOr<FieldProof> Opening::Prove(Tag tag, LeafClass leaf_class) const {
  for (size_t i = 0; i < fields_.size(); ++i) {
    const OpenedField& field = fields_[i];
    if (field.tag != tag || field.redacted) continue;
    FieldProof proof;
    proof.leaf_class = leaf_class;
    proof.tag = tag;
    proof.index = static_cast<uint16_t>(i);
    proof.count = static_cast<uint16_t>(fields_.size());
    proof.salt = field.salt;
    proof.value = field.value;
    AppendPath(FieldHashes(fields_), i, proof.path);
    return proof;
  }
  return absl::NotFoundError("opening: no such field, or it is redacted");
}

bool Opening::redacted() const {
  return std::any_of(fields_.begin(), fields_.end(), [](const OpenedField& field) { return field.redacted; });
}

absl::Status VerifyOpening(ByteView leaf, const Opening& opening) {
  ASSIGN_OR_RETURN(const Leaf decoded, DecodeLeaf(leaf));
  if (decoded.leaf_class == LeafClass::kDirectory) {
    return absl::InvalidArgumentError("audit leaf: a directory leaf has no opening");
  }
  if (opening.Commitment() != decoded.commitment) {
    return absl::PermissionDeniedError("opening: does not belong to the leaf");
  }
  return absl::OkStatus();
}

absl::StatusOr<CommittedEvent> CommitEvent(Event event, LeafClass leaf_class) {
  RETURN_IF_ERROR(event.Check());
  if (event.fields().empty()) return absl::InvalidArgumentError("event: no fields");
  if (leaf_class == LeafClass::kDirectory)
    return absl::InvalidArgumentError("event: a directory leaf holds none");
  const size_t count = event.fields().size();
  std::vector<Digest> salts(count);  // One draw for all of them.
  crypto::FillRandomBytes(salts.front().data(), count * sizeof(Digest));
  CommittedEvent committed;
  committed.opening.fields_.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const Field& field = event.fields()[i];
    committed.opening.fields_.push_back({.tag = field.tag,
                                         .redacted = false,
                                         .salt = salts[i],
                                         .value = field.value,
                                         .mac = FieldMac(salts[i], field.tag, field.value)});
  }
  committed.opening.event_ = std::move(event);
  committed.leaf = EncodeLeaf(leaf_class, committed.opening.Commitment());
  return committed;
}

}  // namespace seinpost::audit
