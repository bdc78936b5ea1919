// SPDX-License-Identifier: EUPL-1.2
// A bit flipped or a byte cut anywhere in a signed object is refused, in each kind of object.
#include <gtest/gtest.h>

#include <random>

#include "tests/testing/network.h"
#include "trust/directory.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using test::kNow;
using test::TestNetwork;

const absl::Time kLater = kNow + absl::Hours(80);  // when a lost key may be replaced
constexpr size_t kMostFlips = 20000;

// Directory holding the first `count` objects.
Directory Prefix(const TestNetwork& network, size_t count) {
  Directory directory;
  for (size_t i = 0; i < count; ++i) EXPECT_TRUE(directory.Add(network.objects()[i], kNow).ok());
  return directory;
}

void ExpectChangeRefused(Directory& directory, const Bytes& changed, const char* what, size_t at,
                         absl::Time now = kNow) {
  const uint64_t size = directory.size();
  EXPECT_FALSE(directory.Add(changed, now).ok()) << what << " at " << at;
  EXPECT_EQ(directory.size(), size);
}

// Every bit and every length, or a seeded sample of them when there are too many.
void ExpectEveryChangeRefused(Directory directory, const Bytes& object, uint32_t seed) {
  std::mt19937 random(seed);
  const size_t bits = object.size() * 8;
  const size_t step = bits / kMostFlips + 1;
  for (size_t bit = step == 1 ? 0 : random() % step; bit < bits;
       bit += step == 1 ? 1 : 1 + random() % (2 * step)) {
    Bytes changed = object;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    ExpectChangeRefused(directory, changed, "flipped bit", bit);
  }
  const size_t cut_step = object.size() / 2000 + 1;
  for (size_t size = 0; size < object.size(); size += cut_step) {
    ExpectChangeRefused(directory, object.substr(0, size), "cut", size);
  }
  ExpectChangeRefused(directory, object + '\0', "zero added", object.size());
  EXPECT_TRUE(directory.Add(object, kNow).ok()) << "the control";
}

// With an object of every kind that is small enough to change at every bit.
TestNetwork WholeNetwork() {
  TestNetwork network = TestNetwork::Example(kNow);
  network.Add(network.RevokeDeviceObject(network.device("school2/zorgcoordinator")));
  network.Add(network.RestrictChannelObject("case", policies::Level::kL1));
  network.Add(network.TrustUpdateObject());
  network.Add(network.LogEpochObject(network.Checkpoint(1000, kNow), 900));
  return network;
}

class ObjectOfKind : public testing::TestWithParam<pb::ObjectKind> {};

TEST_P(ObjectOfKind, RefusesEveryFlippedBitAndEveryCut) {
  const TestNetwork network = WholeNetwork();
  for (size_t i = 0; i < network.objects().size(); ++i) {
    if (ParseSignedObject(network.objects()[i])->kind() != GetParam()) continue;
    ExpectEveryChangeRefused(Prefix(network, i), network.objects()[i], 42);
    return;
  }
  FAIL() << "no such object in the network";
}

INSTANTIATE_TEST_SUITE_P(EveryKind, ObjectOfKind,
                         testing::Values(pb::OBJECT_KIND_ISSUER_CERTIFICATE,
                                         pb::OBJECT_KIND_DEVICE_CERTIFICATE, pb::OBJECT_KIND_MANDATE,
                                         pb::OBJECT_KIND_REVOCATION, pb::OBJECT_KIND_PREKEY,
                                         pb::OBJECT_KIND_TRUST_UPDATE, pb::OBJECT_KIND_RESTRICTION_ORDER,
                                         pb::OBJECT_KIND_LOG_EPOCH),
                         [](const auto& kind) { return pb::ObjectKind_Name(kind.param); });

// A convenant is large and parsing YAML slow: a seeded sample of its text, and of its signatures and
// evidence.
void ExpectSampleRefused(const Directory& before, const Bytes& object, uint32_t seed) {
  std::mt19937 random(seed);
  Directory directory = before;
  const size_t text_end = ParseSignedObject(object)->body().size();
  for (int i = 0; i < 100; ++i) {
    const size_t bit = random() % (text_end * 8);
    Bytes changed = object;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    ExpectChangeRefused(directory, changed, "flipped bit of the text", bit, kLater);
  }
  for (size_t byte = text_end; byte < object.size(); ++byte) {
    Bytes changed = object;
    changed[byte] = static_cast<char>(changed[byte] ^ (1 << random() % 8));
    if (byte % 16 == 0) ExpectChangeRefused(directory, changed, "flipped bit behind the text", byte, kLater);
    if (byte % 16 == 1) ExpectChangeRefused(directory, object.substr(0, byte), "cut", byte, kLater);
  }
  EXPECT_TRUE(directory.Add(object, kLater).ok()) << "the control";
}

TEST(ConvenantObject, RefusesFlippedBitsAndCuts) {
  const TestNetwork network = TestNetwork::Example(kNow);
  ExpectSampleRefused(Directory(), network.objects()[0], 7);
  ExpectSampleRefused(Directory(Pin{1, network.directory().convenant_hash()}), network.objects()[0], 8);
}

TEST(ConvenantObject, RefusesFlippedBitsAndCutsOfASuccessor) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.NewRoot("politie");
  const Bytes successor = network.SuccessorObject();
  ExpectSampleRefused(network.directory(), successor, 9);

  const Bytes proposal =
      MakeProposal(network.SignedSuccessor(ParseSignedObject(successor)->body(), {"politie"})).value();
  ExpectSampleRefused(network.directory(), proposal, 10);
  network.Add(proposal);
  const Bytes activation =
      MakeActivation(proposal, network.Checkpoint(1000, kNow), network.Checkpoint(1000, kNow + kPublicDelay))
          .value();
  ExpectSampleRefused(network.directory(), activation, 11);
}

}  // namespace
}  // namespace seinpost::trust
