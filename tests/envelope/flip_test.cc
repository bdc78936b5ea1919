// SPDX-License-Identifier: EUPL-1.2
// A bit flipped or a byte cut anywhere in a whole envelope is refused by the broker, and by the recipient in
// what he is delivered and in the wraps he is given.
#include <gtest/gtest.h>

#include <random>

#include "tests/envelope/signals.h"

namespace seinpost::envelope {
namespace {

namespace pb = seinpost::v1;
using test::kNow;
using test::kReader;
using test::Net;
using test::Small;
using test::TestDevice;
using test::TestNetwork;

bool BrokerTakes(const Bytes& bytes) {
  pb::Envelope envelope;
  if (!envelope.ParseFromString(bytes)) return false;
  return VerifyEnvelope(envelope, Net().directory(), test::AsBroker(Net())).ok();
}

// Whether the recipient gets to see anything at all.
bool RecipientReads(const Bytes& bytes) {
  const TestDevice& device = Net().device(kReader);
  pb::Envelope envelope;
  if (!envelope.ParseFromString(bytes)) return false;
  const auto header = VerifyEnvelope(envelope, Net().directory(), test::AsRecipient(Net()));
  if (!header.ok()) return false;
  const auto lookup = [&device](ByteView id) { return device.FindPrekey(id); };
  const uint32_t place = Small().envelope.parts(0).index();
  const VerifiedPart* part = header->FindPart(place);
  if (part == nullptr) return false;
  return OpenPart(*header, *part, device.id, test::WrapsFor(Small().envelope, place, device), lookup,
                  envelope.parts(0).ciphertext())
      .ok();
}

// Where the ciphertext begins: everything before it is flipped bit by bit, the ciphertext by a seeded sample.
void ExpectAllChangesRefused(const Bytes& bytes, const Bytes& ciphertext, bool (*accepts)(const Bytes&)) {
  ASSERT_TRUE(accepts(bytes)) << "the control";
  std::mt19937 random(2026);
  const size_t begin = bytes.find(ciphertext);
  const size_t end = begin + ciphertext.size();
  ASSERT_NE(begin, Bytes::npos);
  size_t flips = 0;
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const bool in_ciphertext = bit / 8 >= begin && bit / 8 < end;
    if (in_ciphertext && random() % 8 != 0) continue;
    Bytes changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(accepts(changed)) << "bit " << bit;
    ++flips;
  }
  EXPECT_GT(flips, 8000u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(accepts(bytes.substr(0, size))) << "cut to " << size;
  }
}

TEST(Flip, BrokerRefusesEveryFlippedBitAndEveryCut) {
  ExpectAllChangesRefused(Small().envelope.SerializeAsString(), Small().envelope.parts(0).ciphertext(),
                          BrokerTakes);
}

TEST(Flip, RecipientRefusesEveryFlippedBitAndEveryCutOfADelivery) {
  const pb::Envelope delivered = test::Delivered(Small().envelope, Net().device(kReader));
  ExpectAllChangesRefused(delivered.SerializeAsString(), delivered.parts(0).ciphertext(), RecipientReads);
}

TEST(Flip, RecipientRefusesEveryFlippedBitAndEveryCutOfAWrap) {
  const TestDevice& device = Net().device(kReader);
  const auto header =
      VerifyEnvelope(test::Delivered(Small().envelope, device), Net().directory(), test::AsRecipient(Net()));
  ASSERT_TRUE(header.ok()) << header.status();
  const VerifiedPart& part = header->parts()[0];
  const auto lookup = [&device](ByteView id) { return device.FindPrekey(id); };
  const std::vector<Wrap> good = test::WrapsFor(Small().envelope, part.index, device);
  const auto opens = [&](const Bytes& bytes) {
    std::vector<Wrap> wraps = good;
    wraps[0].bytes = bytes;
    return OpenPart(*header, part, device.id, wraps, lookup, Small().envelope.parts(0).ciphertext()).ok();
  };
  ASSERT_TRUE(opens(good[0].bytes)) << "the control";
  for (size_t bit = 0; bit < good[0].bytes.size() * 8; ++bit) {
    Bytes changed = good[0].bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(opens(changed)) << bit;
  }
  for (size_t size = 0; size < good[0].bytes.size(); ++size)
    EXPECT_FALSE(opens(good[0].bytes.substr(0, size)));
}

}  // namespace
}  // namespace seinpost::envelope
