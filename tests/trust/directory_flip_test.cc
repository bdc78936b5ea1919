// SPDX-License-Identifier: EUPL-1.2
// A bit flipped or a byte cut anywhere in a signed object is refused, in each kind of object.
#include <gtest/gtest.h>

#include <random>

#include "tests/testing/network.h"
#include "trust/directory.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using test::TestNetwork;

const absl::Time kNow = TestNetwork::AnyTime();
constexpr size_t kMostFlips = 20000;

// Directory holding the first `count` objects.
Directory Prefix(const TestNetwork& network, size_t count) {
  Directory directory;
  for (size_t i = 0; i < count; ++i) EXPECT_TRUE(directory.Add(network.objects()[i], kNow).ok());
  return directory;
}

void ExpectRefused(Directory& directory, const Bytes& changed, const char* what, size_t at) {
  const uint64_t size = directory.size();
  EXPECT_FALSE(directory.Add(changed, kNow).ok()) << what << " at " << at;
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
    ExpectRefused(directory, changed, "flipped bit", bit);
  }
  const size_t cut_step = object.size() / 2000 + 1;
  for (size_t size = 0; size < object.size(); size += cut_step) {
    ExpectRefused(directory, object.substr(0, size), "cut", size);
  }
  ExpectRefused(directory, object + '\0', "zero added", object.size());
  EXPECT_TRUE(directory.Add(object, kNow).ok()) << "the control";
}

class ObjectOfKind : public testing::TestWithParam<pb::ObjectKind> {};

TEST_P(ObjectOfKind, RefusesEveryFlippedBitAndEveryCut) {
  TestNetwork network = TestNetwork::Arnhem(kNow);
  network.Add(network.RevokeDeviceObject(network.device("school2/zorgcoordinator")));
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
                                         pb::OBJECT_KIND_REVOCATION, pb::OBJECT_KIND_PREKEY),
                         [](const auto& kind) { return pb::ObjectKind_Name(kind.param); });

// The convenant is large and parsing YAML slow: a seeded sample of its text, and every bit of its signatures.
TEST(ConvenantObject, RefusesFlippedBitsAndCuts) {
  const TestNetwork network = TestNetwork::Arnhem(kNow);
  const Bytes& object = network.objects()[0];
  std::mt19937 random(7);
  Directory directory;
  Directory pinned = Directory(network.directory().convenant_hash());
  const size_t text_end = network.yaml().size();
  for (int i = 0; i < 150; ++i) {
    const size_t bit = random() % (text_end * 8);
    Bytes changed = object;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    ExpectRefused(directory, changed, "flipped bit of the text", bit);
    ExpectRefused(pinned, changed, "flipped bit of the text, pinned", bit);
  }
  for (size_t byte = text_end; byte < object.size(); ++byte) {
    Bytes changed = object;
    changed[byte] = static_cast<char>(changed[byte] ^ (1 << random() % 8));
    if (byte % 16 == 0) ExpectRefused(directory, changed, "flipped bit of the signatures", byte);
    if (byte % 16 == 1) ExpectRefused(directory, object.substr(0, byte), "cut", byte);
  }
  EXPECT_TRUE(directory.Add(object, kNow).ok()) << "the control";
  EXPECT_TRUE(pinned.Add(object, kNow).ok()) << "the control";
}

}  // namespace
}  // namespace seinpost::trust
