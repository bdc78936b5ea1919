// SPDX-License-Identifier: EUPL-1.2
#include "audit/commitment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "tests/audit/audit_testing.h"

namespace seinpost::audit {
namespace {

Event EventOfFields(size_t count) {
  std::vector<Field> fields;
  for (size_t i = 0; i < count; ++i) fields.push_back({static_cast<Tag>(1000 + i), Bytes(i % 5, 'v')});
  return Event::FromFields(std::move(fields)).value();
}

CommittedEvent Commit(const Event& event) {
  absl::StatusOr<CommittedEvent> committed = CommitEvent(event);
  EXPECT_TRUE(committed.ok()) << committed.status();
  return committed.ok() ? *std::move(committed) : CommittedEvent();
}

TEST(CommitEvent, LeafIsTheTreeOverTheMacs) {
  const CommittedEvent committed = Commit(TestEvent());
  std::vector<Bytes> leaves;
  for (const OpenedField& field : committed.opening.fields()) {
    const Bytes tag = U16(static_cast<uint16_t>(field.tag));
    leaves.push_back(tag + ToBytes(crypto::HmacSha256(View(field.salt), tag + field.value)));
  }
  EXPECT_EQ(committed.leaf, "seinpost-audit/1\x02" + ToBytes(ReferenceRoot(leaves)));
  EXPECT_EQ(committed.leaf.size(), kLeafBytes);
  EXPECT_TRUE(VerifyOpening(committed.leaf, committed.opening).ok());
  EXPECT_EQ(committed.opening.event(), TestEvent());
}

TEST(CommitEvent, SaltsAreNewForEachFieldAndEvent) {
  std::set<Digest> salts;
  for (int i = 0; i < 10; ++i) {
    const CommittedEvent committed = Commit(TestEvent());
    for (const OpenedField& field : committed.opening.fields()) salts.insert(field.salt);
  }
  EXPECT_EQ(salts.size(), 10 * TestEvent().fields().size());
}

TEST(CommitEvent, RefusesWhatTheDecoderWouldRefuse) {
  EXPECT_TRUE(absl::IsInvalidArgument(CommitEvent(Event()).status()));
  Event event;
  event.SetText(Tag::kPurpose, Bytes(kMaxTextBytes + 1, 'x'));
  EXPECT_TRUE(absl::IsInvalidArgument(CommitEvent(event).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(CommitEvent(TestEvent(), LeafClass::kDirectory).status()));
}

TEST(Leaf, EncodesEachClass) {
  const Digest commitment = crypto::Sha256("x");
  for (LeafClass leaf_class : {LeafClass::kDirectory, LeafClass::kEvent, LeafClass::kJournal}) {
    const Bytes leaf = EncodeLeaf(leaf_class, commitment);
    EXPECT_EQ(DecodeLeaf(leaf).value(), (Leaf{leaf_class, commitment}));
    EXPECT_EQ(LeafHashOf(leaf_class, commitment), crypto::Sha256(Bytes(1, '\0') + leaf));
  }
}

TEST(Leaf, DamageIsRefusedOrChangesIt) {
  const Bytes leaf = EncodeLeaf(LeafClass::kEvent, crypto::Sha256("x"));
  const Leaf original = DecodeLeaf(leaf).value();
  ForEachDamage(leaf, [&](const Bytes& damaged) {
    const absl::StatusOr<Leaf> decoded = DecodeLeaf(damaged);
    EXPECT_TRUE(!decoded.ok() || *decoded != original) << ToHex(damaged);
  });
  EXPECT_FALSE(DecodeLeaf(EncodeLeaf(static_cast<LeafClass>(4), Digest{})).ok());
  EXPECT_FALSE(DecodeLeaf(EncodeLeaf(static_cast<LeafClass>(0), Digest{})).ok());
}

TEST(Opening, SurvivesEncoding) {
  const Opening opening = Commit(TestEvent()).opening;
  const Opening decoded = Opening::Decode(opening.Encode()).value();
  EXPECT_EQ(decoded.event(), opening.event());
  EXPECT_EQ(decoded.Commitment(), opening.Commitment());
  EXPECT_EQ(decoded.Encode(), opening.Encode());
}

TEST(Opening, EveryDamageIsRefused) {
  const CommittedEvent committed = Commit(TestEvent());
  const Bytes encodings[] = {
      committed.opening.Encode(),
      committed.opening.Redact(std::vector<Tag>{Tag::kActorMember, Tag::kRecipients}).Encode()};
  for (const Bytes& encoded : encodings) {
    ASSERT_TRUE(VerifyOpening(committed.leaf, Opening::Decode(encoded).value()).ok());
    ForEachDamage(encoded, [&](const Bytes& damaged) {
      const absl::StatusOr<Opening> opening = Opening::Decode(damaged);
      EXPECT_FALSE(opening.ok() && VerifyOpening(committed.leaf, *opening).ok()) << ToHex(damaged);
    });
  }
}

TEST(Opening, DoesNotFitAnotherLeaf) {
  const CommittedEvent one = Commit(TestEvent());
  const CommittedEvent same_event = Commit(TestEvent());
  EXPECT_TRUE(absl::IsPermissionDenied(VerifyOpening(same_event.leaf, one.opening)));
  EXPECT_TRUE(absl::IsInvalidArgument(
      VerifyOpening(EncodeLeaf(LeafClass::kDirectory, one.opening.Commitment()), one.opening)));
}

TEST(Opening, RedactedFieldsAreGoneAndTheLeafStillVerifies) {
  const CommittedEvent committed = Commit(TestEvent());
  const std::vector<Tag> hidden = {Tag::kActorMember, Tag::kRecipients, Tag::kTraceId /* absent */};
  const Opening redacted = committed.opening.Redact(hidden);
  EXPECT_TRUE(redacted.redacted());
  EXPECT_FALSE(committed.opening.redacted());
  EXPECT_EQ(redacted.event().Text(Tag::kActorMember), std::nullopt);
  EXPECT_EQ(redacted.event().Text(Tag::kPurpose), "prevention");
  EXPECT_TRUE(VerifyOpening(committed.leaf, redacted).ok());
  const Bytes encoded = redacted.Encode();
  EXPECT_EQ(encoded.find(Bytes(16, 'm')), Bytes::npos);
  EXPECT_EQ(encoded.find(ToBytes(committed.opening.fields()[9].salt)), Bytes::npos)
      << "the salt would let it be guessed";
  const Opening decoded = Opening::Decode(encoded).value();
  EXPECT_TRUE(VerifyOpening(committed.leaf, decoded).ok());
  EXPECT_EQ(decoded.Redact(hidden).Encode(), encoded);
  EXPECT_TRUE(absl::IsNotFound(decoded.Prove(Tag::kActorMember).status()));
}

TEST(Opening, EverythingMayBeRedacted) {
  const CommittedEvent committed = Commit(TestEvent());
  std::vector<Tag> all;
  for (const OpenedField& field : committed.opening.fields()) all.push_back(field.tag);
  const Opening decoded = Opening::Decode(committed.opening.Redact(all).Encode()).value();
  EXPECT_TRUE(decoded.event().fields().empty());
  EXPECT_TRUE(VerifyOpening(committed.leaf, decoded).ok());
}

TEST(Opening, RefusesOtherEncodingsOfTheSame) {
  const Opening opening = Commit(EventOfFields(2)).opening;
  Bytes marked = U8(2) + U16(2);  // marked as redacted, though no field is
  for (const OpenedField& field : opening.fields()) {
    marked += U16(static_cast<uint16_t>(field.tag)) + U8(0) + ToBytes(field.salt) + Lp(field.value);
  }
  EXPECT_FALSE(Opening::Decode(marked).ok());
  EXPECT_FALSE(Opening::Decode(U8(1) + U16(0)).ok());
  EXPECT_FALSE(Opening::Decode("").ok());
  Bytes swapped = U8(1) + U16(2);
  for (size_t i : {1, 0}) {
    const OpenedField& field = opening.fields()[i];
    swapped += U16(static_cast<uint16_t>(field.tag)) + ToBytes(field.salt) + Lp(field.value);
  }
  EXPECT_FALSE(Opening::Decode(swapped).ok());
}

TEST(FieldProof, ProvesEachFieldOfEventsOfEverySize) {
  for (size_t count = 1; count <= kMaxFields; ++count) {
    const CommittedEvent committed = Commit(EventOfFields(count));
    const Digest leaf_hash = crypto::LeafHash(committed.leaf);
    for (const Field& field : committed.opening.event().fields()) {
      const FieldProof proof = committed.opening.Prove(field.tag).value();
      const FieldProof decoded = FieldProof::Decode(proof.Encode()).value();
      EXPECT_EQ(decoded.value, field.value);
      EXPECT_EQ(decoded.Encode(), proof.Encode());
      ASSERT_TRUE(VerifyFieldProof(decoded, leaf_hash).ok()) << count;
    }
  }
}

TEST(FieldProof, EveryDamageIsRefused) {
  const CommittedEvent committed = Commit(TestEvent());
  const Digest leaf_hash = crypto::LeafHash(committed.leaf);
  const Bytes encoded = committed.opening.Prove(Tag::kRequestHash).value().Encode();
  ASSERT_TRUE(VerifyFieldProof(FieldProof::Decode(encoded).value(), leaf_hash).ok());
  ForEachDamage(encoded, [&](const Bytes& damaged) {
    const absl::StatusOr<FieldProof> proof = FieldProof::Decode(damaged);
    EXPECT_FALSE(proof.ok() && VerifyFieldProof(*proof, leaf_hash).ok()) << ToHex(damaged);
  });
}

TEST(FieldProof, ShowsNothingOfOtherFields) {
  const CommittedEvent committed = Commit(TestEvent());
  const Bytes encoded = committed.opening.Prove(Tag::kRequestHash).value().Encode();
  for (const OpenedField& field : committed.opening.fields()) {
    if (field.tag == Tag::kRequestHash) continue;
    EXPECT_EQ(encoded.find(ToBytes(field.salt)), Bytes::npos) << TagName(field.tag);
  }
}

TEST(FieldProof, FitsNoOtherLeaf) {
  const CommittedEvent committed = Commit(TestEvent());
  const FieldProof proof = committed.opening.Prove(Tag::kRequestHash).value();
  EXPECT_TRUE(absl::IsPermissionDenied(VerifyFieldProof(proof, crypto::LeafHash(Commit(TestEvent()).leaf))));
  EXPECT_TRUE(absl::IsPermissionDenied(
      VerifyFieldProof(proof, LeafHashOf(LeafClass::kJournal, committed.opening.Commitment()))));
  EXPECT_TRUE(absl::IsNotFound(committed.opening.Prove(Tag::kTraceId).status()));
}

}  // namespace
}  // namespace seinpost::audit
