// SPDX-License-Identifier: EUPL-1.2
// The attacks that the envelope has to stop (docs/formats/envelope.md, "Attacks"), and opening step by step.
// A hostile sender holds his own keys and builds parts by hand; a hostile broker holds everything but keys.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "envelope/open.h"
#include "envelope/part_crypto.h"
#include "tests/envelope/signals.h"
#include "trust/labels.h"
#include "trust/strict.h"

namespace seinpost::envelope {
namespace {

namespace pb = seinpost::v1;
using test::AsBroker;
using test::AsRecipient;
using test::Delivered;
using test::kNow;
using test::kReader;
using test::NamedPlan;
using test::Net;
using test::Resigned;
using test::SealOrDie;
using test::Small;
using test::SmallPlan;
using test::TestDevice;
using test::TestNetwork;

std::string ReasonOf(const absl::Status& status) {
  const absl::optional<absl::Cord> reason = status.GetPayload(kOpenReason);
  return reason ? std::string(*reason) : "";
}

// One envelope as kReader's device holds it, ready to be opened with one thing changed.
struct Opening {
  explicit Opening(const pb::Envelope& sent, pb::PartKind kind = pb::PART_KIND_NARRATIVE)
      : device(Net().device(kReader)) {
    auto verified = VerifyEnvelope(Delivered(sent, device), Net().directory(), AsRecipient(Net()));
    EXPECT_TRUE(verified.ok()) << verified.status();
    header = std::make_unique<VerifiedHeader>(*std::move(verified));
    const uint32_t place = test::PlaceOf(sent, kind);
    part = *header->FindPart(place);
    wraps = test::WrapsFor(sent, place, device);
    for (const pb::Part& each : sent.parts()) {
      if (each.index() == place) ciphertext = each.ciphertext();
    }
  }

  absl::StatusOr<Bytes> Open() const {
    const auto lookup = [this](ByteView id) { return device.FindPrekey(id); };
    return OpenPart(*header, part, own_device.value_or(device.id), wraps, lookup, ciphertext);
  }
  // Refused with the one error that everybody sees, for `reason`.
  void ExpectRefused(absl::string_view reason) const {
    const absl::Status status = Open().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << reason;
    EXPECT_EQ(status.message(), "the part does not open") << reason;
    EXPECT_EQ(ReasonOf(status), reason);
  }

  const TestDevice& device;
  std::unique_ptr<VerifiedHeader> header;
  VerifiedPart part;
  std::vector<Wrap> wraps;
  Bytes ciphertext;
  std::optional<Bytes> own_device;
};

TEST(OpenPart, OpensWhatWasSealed) { EXPECT_EQ(Opening(Small().envelope).Open().value(), "een mes"); }

TEST(OpenPart, Step8RefusesWrongWrapsAndBytes) {
  Opening none(Small().envelope);
  none.wraps.clear();
  none.ExpectRefused("step 8: not exactly one wrap");
  Opening two(Small().envelope);
  two.wraps.push_back(two.wraps[0]);
  two.ExpectRefused("step 8: not exactly one wrap");
  Opening group(Small().envelope);
  group.wraps[0].group = 1;
  group.ExpectRefused("step 8: a wrap for another group or prekey");
  Opening prekey(Small().envelope);
  prekey.wraps[0].prekey_id = Bytes(32, 'x');
  prekey.ExpectRefused("step 8: a wrap for another group or prekey");
  Opening cut(Small().envelope);
  cut.wraps[0].bytes.pop_back();
  cut.ExpectRefused("step 8: wrap size");
  Opening flipped(Small().envelope);
  flipped.wraps[0].bytes[40] ^= 1;
  flipped.ExpectRefused("step 8: wrap_hash");
  Opening ciphertext(Small().envelope);
  ciphertext.ciphertext[0] ^= 1;
  ciphertext.ExpectRefused("step 8: ct_hash");
  Opening stranger(Small().envelope);
  stranger.own_device = Bytes(16, 'x');
  stranger.ExpectRefused("step 8: this device is not a recipient of the part");
  Opening foreign(Small().envelope);
  foreign.part.index ^= 1;
  foreign.ExpectRefused("step 8: the part is not of this header");
}

TEST(OpenPart, SaysWhenThePrekeyIsGone) {
  const Opening opening(Small().envelope);
  const auto gone = [](ByteView) { return static_cast<const crypto::HpkeKeyPair*>(nullptr); };
  EXPECT_EQ(
      OpenPart(*opening.header, opening.part, opening.device.id, opening.wraps, gone, opening.ciphertext)
          .status()
          .code(),
      absl::StatusCode::kNotFound);
}

TEST(OpenPart, Step9RefusesAnotherKeyPair) {
  const Opening opening(Small().envelope);
  const crypto::HpkeKeyPair other = crypto::HpkeKeyPair::FromSecret(TestNetwork::SecretNamed("other"));
  const auto wrong = [&other](ByteView) { return &other; };
  const absl::Status status =
      OpenPart(*opening.header, opening.part, opening.device.id, opening.wraps, wrong, opening.ciphertext)
          .status();
  EXPECT_EQ(ReasonOf(status), "step 9: the wrap does not open");
}

// ---- A hostile sender builds the narrative anew, with any key, commitment and content, and signs it.

struct HandMade {
  Bytes wrapped_key;  // name of the key in the wraps
  Bytes commit_key;   // name of the key that the commitment is of
  Bytes content_key;  // name of the key that the content is sealed under
  pb::PartKind inner_kind = pb::PART_KIND_NARRATIVE;
  Bytes inner_signal_id;  // empty: the signal's own
};

pb::Envelope MakeByHand(const HandMade& made) {
  pb::Envelope envelope = Small().envelope;
  pb::Header header;
  header.ParseFromString(envelope.header());
  pb::Core core;
  core.ParseFromString(header.core());
  const Digest h = crypto::Sha256(header.core());
  pb::Part* part = envelope.mutable_parts(0);
  const auto index = static_cast<uint16_t>(part->index());
  pb::PartDescriptor descriptor = test::DescriptorOf(*part);
  const PartKeys content = DerivePartKeys(TestNetwork::SecretNamed(made.content_key), h, index);
  const PartKeys commit = DerivePartKeys(TestNetwork::SecretNamed(made.commit_key), h, index);
  part->set_ciphertext(SealContent(content, header.core(), index,
                                   made.inner_signal_id.empty() ? core.signal_id() : made.inner_signal_id,
                                   made.inner_kind, "kwaad")
                           .value());
  descriptor.set_ct_hash(ToBytes(crypto::Sha256(part->ciphertext())));
  descriptor.set_commit(ToBytes(commit.commit));
  WrapContext context{
      h, index, 0, "", "", commit.commit, crypto::Sha256(part->ciphertext()), RecipientSetHash(descriptor)};
  for (int i = 0; i < descriptor.recipients_size(); ++i) {
    pb::Recipient* recipient = descriptor.mutable_recipients(i);
    context.device_id = recipient->device_id();
    context.prekey_id = recipient->prekey_id();
    const trust::PrekeyEntry* prekey = Net().directory().FindPrekey(recipient->prekey_id());
    part->set_wraps(i,
                    SealWrap(context, prekey->hpke_pk, TestNetwork::SecretNamed(made.wrapped_key)).value());
    recipient->set_wrap_hash(ToBytes(crypto::Sha256(part->wraps(i))));
  }
  return Resigned(Net(), envelope, {}, [&descriptor](pb::PartDescriptor& d) { d = descriptor; });
}

TEST(Attack, HandMadePartOpensWhenNothingIsWrongWithIt) {
  const pb::Envelope envelope = MakeByHand({"k", "k", "k"});
  EXPECT_TRUE(VerifyEnvelope(envelope, Net().directory(), AsBroker(Net())).ok());
  EXPECT_EQ(Opening(envelope).Open().value(), "kwaad");
}

// Two plaintexts for one ciphertext: the key that a recipient gets must be the committed one.
TEST(Attack, TwoKeysForOneCiphertext) {
  Opening(MakeByHand({"other", "k", "k"})).ExpectRefused("step 9: the key is not the committed one");
  Opening(MakeByHand({"other", "k", "other"})).ExpectRefused("step 9: the key is not the committed one");
}

TEST(OpenPart, Step10RefusesContentThatIsNotThisPart) {
  const Opening other_key(MakeByHand({"k", "k", "other"}));
  EXPECT_EQ(ReasonOf(other_key.Open().status()).substr(0, 8), "step 10:");
  other_key.ExpectRefused(ReasonOf(other_key.Open().status()));
  Opening(MakeByHand({"k", "k", "k", pb::PART_KIND_CARE}))
      .ExpectRefused("step 10: altered, or not of this signal, part or kind");
  Opening(MakeByHand({"k", "k", "k", pb::PART_KIND_NARRATIVE, Bytes(16, 'x')}))
      .ExpectRefused("step 10: altered, or not of this signal, part or kind");
}

// ---- A hostile broker, or a sender that copies from others.

// Moving a part between signals: it stands in the other header, signed even, but its key is of another H.
TEST(Attack, PartMovedToAnotherSignal) {
  const SealedSignal other = SealOrDie(Net(), SmallPlan(Net(), "iets anders"));
  pb::Envelope moved = other.envelope;
  *moved.mutable_parts(0) = Small().envelope.parts(0);
  EXPECT_FALSE(VerifyEnvelope(moved, Net().directory(), AsBroker(Net())).ok()) << "by the broker";
  const pb::Envelope resigned = Resigned(Net(), moved, {});
  ASSERT_TRUE(VerifyEnvelope(resigned, Net().directory(), AsBroker(Net())).ok())
      << "by the sender, signed anew";
  Opening(resigned).ExpectRefused("step 9: the wrap does not open");
}

TEST(Attack, PartMovedToAnotherPlaceAndSignedAnew) {
  pb::Envelope moved = Small().envelope;
  moved.mutable_parts(0)->set_index(moved.parts(0).index() ^ 1);
  const pb::Envelope resigned = Resigned(Net(), moved, {});
  Opening(resigned).ExpectRefused("step 9: the wrap does not open");
}

// Every field of the core is bound into the key: level, purpose, case, channel, time, queued.
TEST(Attack, CoreReplacedAndSignedAnew) {
  const std::function<void(pb::Core&)> changes[] = {
      [](pb::Core& c) { c.set_case_ref(Bytes(16, 'x')); },
      [](pb::Core& c) { c.set_purpose("zorg"); },
      [](pb::Core& c) { c.set_channel("core@school-b"); },
      [](pb::Core& c) { c.set_category("geweld"); },
      [](pb::Core& c) { c.set_level(pb::LEVEL_L2); },
      [](pb::Core& c) { c.set_queued(true); },
      [](pb::Core& c) { c.set_created(c.created() + 1); },
      [](pb::Core& c) { c.set_signal_id(Bytes(16, 'x')); },
      [](pb::Core& c) { c.set_checkpoint("x"); },
  };
  for (const auto& change : changes) {
    Opening(Resigned(Net(), Small().envelope, change)).ExpectRefused("step 9: the wrap does not open");
  }
}

// Forwarding a signal as one's own: the sender is in the core, so in every key. The thief is a recipient.
TEST(Attack, SenderReplaced) {
  const TestDevice& thief = Net().device("school/teamleider");
  const auto as_thief = [&thief](pb::Core& core) {
    core.set_sender_device(thief.id);
    core.set_sender_cert_hash(Net().directory().FindDevice(thief.id)->cert_hash);
  };
  SignalPlan plan = SmallPlan(Net());
  plan.parts[0].members.push_back(thief.member_ref);
  const pb::Envelope stolen = Resigned(Net(), SealOrDie(Net(), plan).envelope, as_thief, {}, &thief.key);
  ASSERT_TRUE(VerifyEnvelope(stolen, Net().directory(), AsBroker(Net())).ok());
  Opening(stolen).ExpectRefused("step 9: the wrap does not open");
  pb::Envelope resigned_only = Small().envelope;
  resigned_only.set_header_sig(crypto::Sign(thief.key, trust::kHeaderLabel, resigned_only.header()));
  EXPECT_EQ(VerifyEnvelope(resigned_only, Net().directory(), AsBroker(Net())).status().code(),
            absl::StatusCode::kUnauthenticated);
}

// The descriptor of one part on the ciphertext of another.
TEST(Attack, DescriptorOfAnotherPart) {
  const SealedSignal sealed = SealOrDie(Net(), NamedPlan(Net()));
  pb::Envelope swapped = sealed.envelope;
  pb::Part* narrative = nullptr;
  pb::Part* identity = nullptr;
  for (pb::Part& part : *swapped.mutable_parts()) {
    if (test::DescriptorOf(part).kind() == pb::PART_KIND_NARRATIVE) narrative = &part;
    if (test::DescriptorOf(part).kind() == pb::PART_KIND_IDENTITY) identity = &part;
  }
  ASSERT_TRUE(narrative != nullptr && identity != nullptr);
  narrative->mutable_descriptor_bytes()->swap(*identity->mutable_descriptor_bytes());
  EXPECT_FALSE(VerifyEnvelope(swapped, Net().directory(), AsBroker(Net())).ok());
  EXPECT_FALSE(VerifyEnvelope(Resigned(Net(), swapped, {}), Net().directory(), AsBroker(Net())).ok());
}

// Adding, dropping, swapping a recipient: the broker cannot without the signature; with it, the wraps stay
// shut.
TEST(Attack, RecipientDropped) {
  const TestDevice& victim = Net().device("wijkteam/medewerker");
  SignalPlan plan = SmallPlan(Net());
  plan.parts[0].members.push_back(victim.member_ref);
  pb::Envelope dropped = SealOrDie(Net(), plan).envelope;
  pb::Part* part = dropped.mutable_parts(0);
  pb::PartDescriptor descriptor = test::DescriptorOf(*part);
  for (int i = 0; i < descriptor.recipients_size(); ++i) {
    if (descriptor.recipients(i).device_id() != victim.id) continue;
    descriptor.mutable_recipients()->DeleteSubrange(i, 1);
    part->mutable_wraps()->DeleteSubrange(i, 1);
    break;
  }
  part->set_descriptor_bytes(trust::StrictSerialize(descriptor));
  const absl::Status status = VerifyEnvelope(dropped, Net().directory(), AsBroker(Net())).status();
  EXPECT_EQ(status.message(), "step 8: part_hash: not that of the descriptor in this place");
  Opening(Resigned(Net(), dropped, {})).ExpectRefused("step 9: the wrap does not open");
}

TEST(Attack, RecipientAdded) {
  const TestDevice& thief = Net().device("wijkteam/medewerker");
  pb::Envelope added = Small().envelope;
  pb::Part* part = added.mutable_parts(0);
  pb::PartDescriptor descriptor = test::DescriptorOf(*part);
  pb::Recipient* recipient = descriptor.add_recipients();
  recipient->set_device_id(thief.id);
  recipient->set_prekey_id(Net().directory().PrekeyFor(thief.id, "casus", kNow)->prekey_id);
  recipient->set_wrap_hash(ToBytes(crypto::Sha256(part->wraps(0))));
  part->add_wraps(part->wraps(0));
  // In their order.
  for (int i = descriptor.recipients_size() - 1; i > 0; --i) {
    if (descriptor.recipients(i - 1).device_id() < descriptor.recipients(i).device_id()) break;
    descriptor.mutable_recipients()->SwapElements(i - 1, i);
    part->mutable_wraps()->SwapElements(i - 1, i);
  }
  part->set_descriptor_bytes(trust::StrictSerialize(descriptor));
  EXPECT_FALSE(VerifyEnvelope(added, Net().directory(), AsBroker(Net())).ok());
  const pb::Envelope resigned = Resigned(Net(), added, {});
  ASSERT_TRUE(VerifyEnvelope(resigned, Net().directory(), AsBroker(Net())).ok());
  Opening(resigned).ExpectRefused("step 9: the wrap does not open");
}

TEST(Attack, WrapsOfTwoPartsSwapped) {
  const SealedSignal sealed = SealOrDie(Net(), NamedPlan(Net()));
  Opening opening(sealed.envelope);
  opening.wraps =
      test::WrapsFor(sealed.envelope, test::PlaceOf(sealed.envelope, pb::PART_KIND_IDENTITY), opening.device);
  opening.ExpectRefused("step 8: a wrap for another group or prekey");
  opening.wraps[0].prekey_id =
      test::WrapsFor(sealed.envelope, opening.part.index, opening.device)[0].prekey_id;
  opening.ExpectRefused("step 8: wrap_hash");
}

// Replay, other bytes under a known id: the header hash differs, so whoever keeps id -> header hash sees it.
TEST(Attack, OtherBytesUnderAKnownId) {
  SignalPlan plan = SmallPlan(Net());
  plan.core.set_signal_id(Bytes(16, 'i'));
  const SealedSignal first = SealOrDie(Net(), plan);
  const SealedSignal second = SealOrDie(Net(), plan);
  EXPECT_NE(first.header_hash, second.header_hash);
}

// Downgrade: another suite is neither verified nor silently taken.
TEST(Attack, SuiteDowngraded) {
  const pb::Envelope envelope =
      Resigned(Net(), Small().envelope, [](pb::Core& core) { core.set_suite_id(0); });
  EXPECT_EQ(VerifyEnvelope(envelope, Net().directory(), AsBroker(Net())).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace seinpost::envelope
