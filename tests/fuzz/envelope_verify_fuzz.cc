// SPDX-License-Identifier: EUPL-1.2
// Untrusted envelopes, at broker and recipient. What verifies has a header that some device of the network
// signed; of the corpus' one envelope nothing but itself verifies.
#include "crypto/sign.h"
#include "envelope/verify.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/testing/network.h"
#include "trust/labels.h"

using seinpost::FuzzCheck;
using seinpost::test::TestNetwork;
namespace envelope = seinpost::envelope;
namespace pb = seinpost::v1;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const TestNetwork* network = new TestNetwork(TestNetwork::Example(TestNetwork::AnyTime()));
  pb::Envelope parsed;
  if (!parsed.ParseFromArray(data, static_cast<int>(size))) return 0;
  envelope::VerifyOptions options;
  options.now = network->now();
  for (const auto verifier : {envelope::Verifier::kBroker, envelope::Verifier::kRecipient}) {
    options.verifier = verifier;
    options.own_device = network->device("politie/wijkagent").id;
    const auto verified = envelope::VerifyEnvelope(parsed, network->directory(), options);
    if (!verified.ok()) continue;
    FuzzCheck(seinpost::crypto::Verify(verified->sender().sig_pk, seinpost::trust::kHeaderLabel,
                                       parsed.header(), parsed.header_sig())
                  .ok(),
              "only signed headers");
    FuzzCheck(verified->parts().size() == static_cast<size_t>(parsed.parts_size()), "every part is verified");
    const auto request = envelope::ToSendRequest(*verified, network->directory());
    FuzzCheck(request.parts.size() == verified->parts().size(), "every part is asked about");
    envelope::LoadFacts(*verified, network->directory(), request.created);
  }
  return 0;
}
