// SPDX-License-Identifier: EUPL-1.2
// Untrusted objects of every kind for a living directory: nothing is taken but what the network's keys
// signed, what is taken encodes to the same bytes again, and what is refused changes nothing.
#include <set>

#include "tests/fuzz/trust_world.h"
#include "trust/strict.h"

using seinpost::Bytes;
using seinpost::FuzzCheck;
namespace trust = seinpost::trust;

namespace {

// Notes of the log may carry cosignatures that change nothing: evidence is not what the parties signed.
Bytes WithoutEvidence(const Bytes& object) {
  auto parsed = trust::ParseSignedObject(object).value();
  parsed.clear_evidence();
  return trust::StrictSerialize(parsed);
}

struct World {
  World() {
    for (const auto& entry : trust_world.next) signed_objects.insert(WithoutEvidence(entry.second));
  }
  seinpost::test::TrustWorld trust_world;
  std::set<Bytes> signed_objects;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const World* world = new World();
  const trust::Directory& before = world->trust_world.network.directory();
  trust::Directory directory = before;
  const Bytes object(seinpost::FuzzView(data, size));
  if (directory.Add(object, world->trust_world.now()).ok()) {
    FuzzCheck(world->signed_objects.count(WithoutEvidence(object)) > 0, "only what was signed is taken");
    FuzzCheck(trust::StrictSerialize(trust::ParseSignedObject(object).value()) == object, "one encoding");
    FuzzCheck(directory.size() == before.size() + 1, "one more object");
  } else {
    FuzzCheck(directory.chain_hash() == before.chain_hash(), "a refused object changes nothing");
    FuzzCheck(directory.size() == before.size(), "a refused object is not there");
  }
  return 0;
}
