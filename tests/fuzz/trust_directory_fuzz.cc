// SPDX-License-Identifier: EUPL-1.2
// Untrusted directory objects: nothing is taken but what the network's keys signed, and what is refused
// changes nothing.
#include <set>

#include "tests/fuzz/fuzz_check.h"
#include "tests/testing/network.h"
#include "trust/directory.h"

using seinpost::Bytes;
using seinpost::FuzzCheck;
using seinpost::test::TestNetwork;
namespace trust = seinpost::trust;

namespace {

struct World {
  World() : network(TestNetwork::Arnhem(TestNetwork::AnyTime())) {
    for (const Bytes& object : network.objects()) {
      signed_objects.insert(object);
      // The convenant, the issuers and one device: small enough to copy for every input.
      if (directory.Members().empty())
        FuzzCheck(directory.Add(object, network.now()).ok(), "a sound network");
    }
  }
  TestNetwork network;
  std::set<Bytes> signed_objects;
  trust::Directory directory;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const World* world = new World();
  trust::Directory directory = world->directory;
  const Bytes object(seinpost::FuzzView(data, size));
  if (directory.Add(object, world->network.now()).ok()) {
    FuzzCheck(world->signed_objects.count(object) > 0, "only what was signed is taken");
    FuzzCheck(directory.size() == world->directory.size() + 1, "one more object");
  } else {
    FuzzCheck(directory.chain_hash() == world->directory.chain_hash(), "a refused object changes nothing");
  }
  return 0;
}
