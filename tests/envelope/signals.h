// SPDX-License-Identifier: EUPL-1.2
// Signals of the example network that the tests of envelope/ send, and ways to spoil them.
#ifndef SEINPOST_TESTS_ENVELOPE_SIGNALS_H_
#define SEINPOST_TESTS_ENVELOPE_SIGNALS_H_

#include <functional>
#include <string>
#include <vector>

#include "envelope/open.h"
#include "envelope/seal.h"
#include "envelope/verify.h"
#include "tests/testing/network.h"

namespace seinpost::test {

// school/zorgcoordinator to politie/wijkagent in core@school-a at L1: one narrative.
envelope::SignalPlan SmallPlan(const TestNetwork& network, absl::string_view text = "een mes gevonden");
// The same sender in direct@school-a at L2: narrative, identity and attachment to politie/wijkagent, source
// to school/teamleider, justification to the officers.
envelope::SignalPlan NamedPlan(const TestNetwork& network);

inline constexpr char kSender[] = "school/zorgcoordinator";
inline constexpr char kReader[] = "politie/wijkagent";

// Seals as kSender; aborts on errors.
envelope::SealedSignal SealOrDie(const TestNetwork& network, const envelope::SignalPlan& plan);

// The example network at kNow and SmallPlan with the text "een mes", made once in a test program.
const TestNetwork& Net();
const envelope::SealedSignal& Small();

// VerifyEnvelope, and at the broker the verdict on the key sets too.
absl::StatusOr<envelope::VerifiedHeader> VerifyAll(const v1::Envelope& envelope,
                                                   const trust::Directory& directory,
                                                   const envelope::VerifyOptions& options);

// How the broker and a recipient look at an envelope.
envelope::VerifyOptions AsBroker(const TestNetwork& network);
envelope::VerifyOptions AsRecipient(const TestNetwork& network, absl::string_view profile = kReader);

// What a recipient gets: the parts addressed to the device, without wraps.
v1::Envelope Delivered(const v1::Envelope& envelope, const TestDevice& device);
// What the broker gives the device when it opens a part.
std::vector<envelope::Wrap> WrapsFor(const v1::Envelope& envelope, uint32_t index, const TestDevice& device);
// The ciphertext of a part, wherever it travels.
Bytes CiphertextOf(const envelope::SealedSignal& sealed, const envelope::VerifiedPart& part);
// The place of the part of `kind`.
uint32_t PlaceOf(const v1::Envelope& envelope, v1::PartKind kind);
v1::PartDescriptor DescriptorOf(const v1::Part& part);

// Opens as `profile`'s device, verifying first.
absl::StatusOr<Bytes> OpenAs(const TestNetwork& network, const envelope::SealedSignal& sealed,
                             v1::PartKind kind, absl::string_view profile);

// Changes core and descriptors as told, then makes hashes and signature fit again, signed by `signer`
// (kSender's device when null). A hostile sender can do this.
v1::Envelope Resigned(const TestNetwork& network, const v1::Envelope& envelope,
                      const std::function<void(v1::Core&)>& core,
                      const std::function<void(v1::PartDescriptor&)>& descriptor = {},
                      const crypto::SigningKey* signer = nullptr);

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_ENVELOPE_SIGNALS_H_
