// SPDX-License-Identifier: EUPL-1.2
// RFC 9497's own vectors run in vectors_test.cc.
#include "crypto/voprf.h"

#include <utility>
#include <vector>

#include "crypto/voprf_internal.h"
#include "gtest/gtest.h"

namespace seinpost::crypto::voprf {
namespace {

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;

// The order of the group, little-endian (RFC 9496 Section 4.4).
const char* const kOrderHex = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

struct BlindedBatch {
  std::vector<Blinded> blinded;
  std::vector<Element> elements;
};

BlindedBatch BlindAll(const std::vector<Bytes>& inputs) {
  BlindedBatch batch;
  for (const Bytes& input : inputs) {
    batch.blinded.push_back(*Blind(Mode::kVoprf, input));
    batch.elements.push_back(batch.blinded.back().blinded_element);
  }
  return batch;
}

TEST(Voprf, OutputDependsOnKeyAndInputButNotOnTheBlind) {
  const KeyPair key = GenerateKeyPair();
  const auto output = [](const KeyPair& k, const Bytes& input) {
    const BlindedBatch batch = BlindAll({input});
    const Evaluation evaluation = *BlindEvaluate(k, batch.elements);
    return *Finalize(input, batch.blinded[0].blind, evaluation.evaluated_elements[0]);
  };
  EXPECT_EQ(output(key, "input"), output(key, "input"));
  EXPECT_NE(output(key, "input"), output(key, "other"));
  EXPECT_NE(output(key, "input"), output(GenerateKeyPair(), "input"));
  EXPECT_EQ(output(key, ""), output(key, ""));
}

TEST(Voprf, BlindedElementsOfOneInputDiffer) {
  EXPECT_NE(Blind(Mode::kVoprf, "input")->blinded_element, Blind(Mode::kVoprf, "input")->blinded_element);
}

TEST(VoprfProof, HoldsForABatchAndForNothingElse) {
  const KeyPair key = GenerateKeyPair();
  const BlindedBatch batch = BlindAll({"a", "b", "c"});
  const Evaluation good = *BlindEvaluate(key, batch.elements);
  EXPECT_TRUE(VerifyProof(key.public_key, batch.elements, good.evaluated_elements, good.proof).ok());

  EXPECT_EQ(
      VerifyProof(GenerateKeyPair().public_key, batch.elements, good.evaluated_elements, good.proof).code(),
      kDenied);
  std::vector<Element> swapped = good.evaluated_elements;
  std::swap(swapped[0], swapped[1]);
  EXPECT_EQ(VerifyProof(key.public_key, batch.elements, swapped, good.proof).code(), kDenied);
  std::vector<Element> shorter_in(batch.elements.begin(), batch.elements.end() - 1);
  std::vector<Element> shorter_out(good.evaluated_elements.begin(), good.evaluated_elements.end() - 1);
  EXPECT_EQ(VerifyProof(key.public_key, shorter_in, shorter_out, good.proof).code(), kDenied);
  EXPECT_EQ(VerifyProof(key.public_key, batch.elements, shorter_out, good.proof).code(), kInvalid);
  EXPECT_EQ(VerifyProof(key.public_key, {}, {}, good.proof).code(), kInvalid);
}

TEST(VoprfProof, RefusesOneElementEvaluatedUnderAnotherKey) {
  const KeyPair key = GenerateKeyPair();
  const KeyPair rogue = GenerateKeyPair();
  const BlindedBatch batch = BlindAll({"a", "b"});
  const Evaluation good = *BlindEvaluate(key, batch.elements);
  std::vector<Element> mixed = good.evaluated_elements;
  mixed[1] = *Evaluate(rogue.secret, batch.elements[1]);
  EXPECT_EQ(VerifyProof(key.public_key, batch.elements, mixed, good.proof).code(), kDenied);
  EXPECT_EQ(GenerateProof(key, batch.elements, mixed).status().code(), kDenied);
}

TEST(VoprfProof, RefusesEveryBitFlip) {
  const KeyPair key = GenerateKeyPair();
  const BlindedBatch batch = BlindAll({"a"});
  const Evaluation good = *BlindEvaluate(key, batch.elements);
  for (size_t bit = 0; bit < good.proof.size() * 8; ++bit) {
    Proof flipped = good.proof;
    flipped[bit / 8] = static_cast<uint8_t>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(VerifyProof(key.public_key, batch.elements, good.evaluated_elements, flipped).ok()) << bit;
  }
}

// libsodium would reduce s + L without a word and accept a second encoding of the same proof.
TEST(VoprfProof, RefusesANonCanonicalScalar) {
  const KeyPair key = GenerateKeyPair();
  const BlindedBatch batch = BlindAll({"a"});
  const Evaluation good = *BlindEvaluate(key, batch.elements);
  const Bytes order = *FromHex(kOrderHex);
  for (size_t half : {0, 32}) {
    Proof malleated = good.proof;
    unsigned carry = 0;
    for (size_t i = 0; i < 32; ++i) {
      carry += malleated[half + i] + static_cast<uint8_t>(order[i]);
      malleated[half + i] = static_cast<uint8_t>(carry);
      carry >>= 8;
    }
    EXPECT_EQ(VerifyProof(key.public_key, batch.elements, good.evaluated_elements, malleated).code(),
              kInvalid);
  }
}

TEST(VoprfDeserialize, RefusesIdentityAndNonCanonicalElements) {
  EXPECT_TRUE(DeserializeElement(View(GenerateKeyPair().public_key)).ok());
  const Bytes identity(32, '\0');
  const Bytes negative = "\x01" + Bytes(31, '\0');  // s = 1 is odd, which is negative in RFC 9496's sense.
  const Bytes above_p = *FromHex("f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
  for (const Bytes& bad : {identity, negative, above_p, Bytes(31, 'x'), Bytes(33, 'x'), Bytes()}) {
    EXPECT_EQ(DeserializeElement(bad).status().code(), kInvalid) << ToHex(bad);
  }
}

TEST(VoprfDeserialize, RefusesZeroAndNonCanonicalScalars) {
  EXPECT_TRUE(DeserializeScalar("\x01" + Bytes(31, '\0')).ok());
  const Bytes order = *FromHex(kOrderHex);
  Bytes below_order = order;
  --below_order[0];
  EXPECT_TRUE(DeserializeScalar(below_order).ok());
  Bytes above_order = order;
  ++above_order[0];
  for (const Bytes& bad :
       {Bytes(32, '\0'), order, above_order, Bytes(32, '\xff'), Bytes(31, '\1'), Bytes()}) {
    EXPECT_EQ(DeserializeScalar(bad).status().code(), kInvalid) << ToHex(bad);
  }
}

TEST(Voprf, EveryFunctionRefusesBadElements) {
  const KeyPair key = GenerateKeyPair();
  const Blinded good = *Blind(Mode::kVoprf, "a");
  const Evaluation evaluation = *BlindEvaluate(key, std::vector<Element>{good.blinded_element});
  for (uint8_t first : {0, 1}) {  // The identity, and a non-canonical point.
    const Element bad = {first};
    const std::vector<Element> bad_list = {bad};
    const std::vector<Element> good_list = {good.blinded_element};
    EXPECT_EQ(BlindEvaluate(key, bad_list).status().code(), kInvalid);
    EXPECT_EQ(Evaluate(key.secret, bad).status().code(), kInvalid);
    EXPECT_EQ(Finalize("a", good.blind, bad).status().code(), kInvalid);
    EXPECT_EQ(VerifyProof(bad, good_list, evaluation.evaluated_elements, evaluation.proof).code(), kInvalid);
    EXPECT_EQ(VerifyProof(key.public_key, bad_list, evaluation.evaluated_elements, evaluation.proof).code(),
              kInvalid);
    EXPECT_EQ(VerifyProof(key.public_key, good_list, bad_list, evaluation.proof).code(), kInvalid);
    EXPECT_EQ(AddElements(bad, good.blinded_element).status().code(), kInvalid);
    EXPECT_EQ(AddPublicKeys(key.public_key, bad).status().code(), kInvalid);
  }
}

TEST(Voprf, RefusesAPairWhoseHalvesDoNotBelongTogether) {
  KeyPair key = GenerateKeyPair();
  key.public_key = GenerateKeyPair().public_key;
  EXPECT_FALSE(BlindEvaluate(key, std::vector<Element>{Blind(Mode::kVoprf, "a")->blinded_element}).ok());
}

TEST(Voprf, LimitsItsInputs) {
  EXPECT_TRUE(Blind(Mode::kVoprf, Bytes(kMaxInputBytes, 'x')).ok());
  EXPECT_EQ(Blind(Mode::kVoprf, Bytes(kMaxInputBytes + 1, 'x')).status().code(), kInvalid);
  EXPECT_EQ(BlindEvaluate(GenerateKeyPair(), {}).status().code(), kInvalid);
  EXPECT_EQ(DeriveKeyPair(Mode::kVoprf, Bytes(31, 's'), "").status().code(), kInvalid);
  EXPECT_EQ(DeriveKeyPair(Mode::kVoprf, Bytes(32, 's'), Bytes(65536, 'i')).status().code(), kInvalid);
}

TEST(Voprf, ModesAreSeparate) {
  EXPECT_NE(DeriveKeyPair(Mode::kOprf, Bytes(32, 's'), "")->public_key,
            DeriveKeyPair(Mode::kVoprf, Bytes(32, 's'), "")->public_key);
}

TEST(VoprfSplit, SumOfSharesIsTheEvaluationUnderTheSummedKey) {
  const KeyPair k1 = GenerateKeyPair();
  const KeyPair k2 = GenerateKeyPair();
  const BlindedBatch batch = BlindAll({"subject"});
  const Evaluation e1 = *BlindEvaluate(k1, batch.elements);
  const Evaluation e2 = *BlindEvaluate(k2, batch.elements);
  ASSERT_TRUE(VerifyProof(k1.public_key, batch.elements, e1.evaluated_elements, e1.proof).ok());
  ASSERT_TRUE(VerifyProof(k2.public_key, batch.elements, e2.evaluated_elements, e2.proof).ok());
  const Element sum = *AddElements(e1.evaluated_elements[0], e2.evaluated_elements[0]);

  const KeyPair whole = *FromSecret(*internal::AddScalars(k1.secret, k2.secret));
  EXPECT_EQ(*AddPublicKeys(k1.public_key, k2.public_key), whole.public_key);
  EXPECT_EQ(sum, *Evaluate(whole.secret, batch.elements[0]));
  const Output output = *Finalize("subject", batch.blinded[0].blind, sum);
  const BlindedBatch again = BlindAll({"subject"});
  const Element direct = *Evaluate(whole.secret, again.elements[0]);
  EXPECT_EQ(output, *Finalize("subject", again.blinded[0].blind, direct));
}

TEST(VoprfSplit, RefusesSharesThatCancelOut) {
  const KeyPair key = GenerateKeyPair();
  const Bytes order = *FromHex(kOrderHex);
  Bytes negated(32, '\0');  // order - secret
  int borrow = 0;
  for (size_t i = 0; i < 32; ++i) {
    const int digit = static_cast<uint8_t>(order[i]) - key.secret.ExposeSecret()[i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    negated[i] = static_cast<char>(digit & 0xff);
  }
  const KeyPair opposite = *FromSecret(*DeserializeScalar(negated));
  EXPECT_EQ(AddPublicKeys(key.public_key, opposite.public_key).status().code(), kInvalid);
  EXPECT_EQ(internal::AddScalars(key.secret, opposite.secret).status().code(), kInvalid);
}

}  // namespace
}  // namespace seinpost::crypto::voprf
