// SPDX-License-Identifier: EUPL-1.2
// A signal, a recipient with a new device, and everybody who has a part in a rewrap.
#ifndef SEINPOST_TESTS_ENVELOPE_REWRAP_TESTING_H_
#define SEINPOST_TESTS_ENVELOPE_REWRAP_TESTING_H_

#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/match.h"
#include "envelope/rewrap.h"
#include "tests/envelope/signals.h"

namespace seinpost::test {

inline const absl::Time kSentAt = TestNetwork::AnyTime();
inline const absl::Time kLater = kSentAt + absl::Hours(48);

inline void ExpectError(const absl::Status& status, absl::StatusCode code, absl::string_view text,
                        absl::string_view name) {
  EXPECT_EQ(status.code(), code) << name << ": " << status;
  EXPECT_TRUE(absl::StrContains(status.message(), text)) << name << ": " << status;
}

// A signal was sent; two days later the reader has a new phone.
struct RewrapScene {
  RewrapScene() {
    const trust::DirSize then = network.directory().size();
    sealed = SealOrDie(network, NamedPlan(network));
    phone = &network.AddDevice(kReader);
    // Somebody of another organisation has one too.
    stranger = &network.AddDevice("wijkteam/medewerker");
    envelope::VerifyOptions options = AsBroker(network);
    options.as_of = {.authority = then, .keys = then};
    auto verified = envelope::VerifyEnvelope(sealed.envelope, network.directory(), options);
    EXPECT_TRUE(verified.ok()) << verified.status();
    header = std::make_unique<envelope::VerifiedHeader>(*std::move(verified));
  }

  const envelope::VerifiedPart& Part(v1::PartKind kind) const {
    return *header->FindPart(PlaceOf(sealed.envelope, kind));
  }
  absl::StatusOr<envelope::SignedStatement> Ask(const TestDevice& device,
                                                v1::PartKind kind = v1::PART_KIND_NARRATIVE,
                                                absl::Time now = kLater) const {
    return envelope::MakeRewrapRequest(*header, Part(kind), network.directory(), device.id, device.key, pair,
                                       now);
  }
  absl::StatusOr<envelope::CheckedRewrapRequest> Check(const envelope::SignedStatement& request,
                                                       v1::PartKind kind = v1::PART_KIND_NARRATIVE,
                                                       absl::Time now = kLater) const {
    return envelope::CheckRewrapRequest(request, *header, Part(kind), network.directory(), now);
  }
  absl::StatusOr<envelope::SignedStatement> Give(const envelope::CheckedRewrapRequest& request,
                                                 const TestDevice& giver,
                                                 v1::PartKind kind = v1::PART_KIND_NARRATIVE,
                                                 absl::Time now = kLater) const {
    const auto lookup = [&giver](ByteView id) { return giver.FindPrekey(id); };
    return envelope::MakeRewrap(request, *header, Part(kind), giver.id, giver.key,
                                WrapsFor(sealed.envelope, Part(kind).index, giver), lookup, now);
  }
  absl::StatusOr<v1::Rewrap> Receive(const envelope::SignedStatement& rewrap,
                                     const envelope::CheckedRewrapRequest& request,
                                     v1::PartKind kind = v1::PART_KIND_NARRATIVE,
                                     absl::Time now = kLater) const {
    return envelope::CheckRewrap(rewrap, request, *header, Part(kind), network.directory(), now);
  }
  absl::StatusOr<v1::Rewrap> ReceiveOwn(const envelope::SignedStatement& rewrap,
                                        const envelope::SignedStatement& request, absl::Time now) const {
    return envelope::CheckOwnRewrap(rewrap, request, *header, Part(v1::PART_KIND_NARRATIVE),
                                    network.directory(), now);
  }
  absl::StatusOr<Bytes> Open(const v1::Rewrap& rewrap, v1::PartKind kind = v1::PART_KIND_NARRATIVE) const {
    return envelope::OpenRewrapped(*header, Part(kind), rewrap, pair, CiphertextOf(sealed, Part(kind)));
  }

  TestNetwork network = TestNetwork::Example(kSentAt);
  envelope::SealedSignal sealed;
  const TestDevice* phone = nullptr;
  const TestDevice* stranger = nullptr;
  std::unique_ptr<envelope::VerifiedHeader> header;
  const crypto::HpkeKeyPair pair = crypto::HpkeKeyPair::FromSecret(TestNetwork::SecretNamed("one-off"));
};

inline const RewrapScene& Scene() {
  static const RewrapScene* scene = new RewrapScene();
  return *scene;
}

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_ENVELOPE_REWRAP_TESTING_H_
