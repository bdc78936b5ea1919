// SPDX-License-Identifier: EUPL-1.2
// One failure at a time, step by step. Whatever a hostile sender can sign is signed properly, so that only
// the step under test can object.
#include "envelope/verify.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "tests/envelope/expect_step.h"
#include "tests/envelope/signals.h"
#include "trust/strict.h"

namespace seinpost::envelope {
namespace {

namespace pb = seinpost::v1;
using absl::StatusCode;
using test::AsBroker;
using test::AsRecipient;
using test::Delivered;
using test::ExpectStep;
using test::kNow;
using test::kReader;
using test::kSender;
using test::NamedPlan;
using test::Net;
using test::Resigned;
using test::SealOrDie;
using test::Small;
using test::SmallPlan;
using test::TestDevice;
using test::TestNetwork;

absl::Status AtBroker(const pb::Envelope& envelope) {
  return VerifyEnvelope(envelope, Net().directory(), AsBroker(Net())).status();
}

absl::Status AtRecipient(const pb::Envelope& envelope) {
  return VerifyEnvelope(envelope, Net().directory(), AsRecipient(Net())).status();
}

struct OuterCase {
  const char* name;
  std::function<void(pb::Envelope&)> spoil;
  StatusCode code;
  const char* text;
};

TEST(VerifyEnvelope, GivesWhatItVerified) {
  const auto header = VerifyEnvelope(Small().envelope, Net().directory(), AsBroker(Net()));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->header_hash(), crypto::Sha256(Small().envelope.header()));
  EXPECT_EQ(header->h(), crypto::Sha256(header->core_bytes()));
  EXPECT_EQ(header->core().channel(), "core@school-a");
  EXPECT_EQ(header->sender().handle, "zorgcoordinator");
  ASSERT_EQ(header->parts().size(), 1u);
  EXPECT_EQ(header->FindPart(header->parts()[0].index), &header->parts()[0]);
  EXPECT_EQ(header->FindPart(16), nullptr);
  EXPECT_TRUE(AtRecipient(Delivered(Small().envelope, Net().device(kReader))).ok());
}

TEST(Step1, RefusesSizesAndOuterShape) {
  const OuterCase cases[] = {
      {"no header", [](pb::Envelope& e) { e.clear_header(); }, StatusCode::kInvalidArgument,
       "step 1: header: empty"},
      {"header too large", [](pb::Envelope& e) { e.set_header(Bytes(kMaxHeaderBytes + 1, 'x')); },
       StatusCode::kResourceExhausted, "step 1: header"},
      {"short signature", [](pb::Envelope& e) { e.mutable_header_sig()->pop_back(); },
       StatusCode::kInvalidArgument, "step 1: header_sig"},
      {"no parts", [](pb::Envelope& e) { e.clear_parts(); }, StatusCode::kInvalidArgument,
       "step 1: parts: none"},
      {"place 16", [](pb::Envelope& e) { e.mutable_parts(0)->set_index(16); }, StatusCode::kInvalidArgument,
       "step 1: parts.index"},
      {"one place twice", [](pb::Envelope& e) { *e.add_parts() = e.parts(0); }, StatusCode::kInvalidArgument,
       "step 1: parts: not sorted"},
      {"17 parts",
       [](pb::Envelope& e) {
         while (e.parts_size() < 17) *e.add_parts() = e.parts(0);
       },
       StatusCode::kInvalidArgument, "step 1: parts: more than 16"},
      {"no descriptor", [](pb::Envelope& e) { e.mutable_parts(0)->clear_descriptor_bytes(); },
       StatusCode::kInvalidArgument, "step 1: parts.descriptor_bytes: empty"},
      {"descriptor too large",
       [](pb::Envelope& e) { e.mutable_parts(0)->set_descriptor_bytes(Bytes(kMaxDescriptorBytes + 1, 'x')); },
       StatusCode::kResourceExhausted, "step 1: parts.descriptor_bytes"},
      {"short wrap", [](pb::Envelope& e) { e.mutable_parts(0)->mutable_wraps(0)->pop_back(); },
       StatusCode::kInvalidArgument, "step 1: parts.wraps"},
      {"401 wraps",
       [](pb::Envelope& e) {
         while (e.parts(0).wraps_size() < 401) e.mutable_parts(0)->add_wraps(Bytes(80, 'w'));
       },
       StatusCode::kResourceExhausted, "step 1: parts.wraps"},
      {"envelope too large",
       [](pb::Envelope& e) { e.mutable_parts(0)->set_ciphertext(Bytes(kMaxEnvelopeBytes, 'x')); },
       StatusCode::kResourceExhausted, "step 1: envelope"},
      {"unknown field outside",
       [](pb::Envelope& e) { e.GetReflection()->MutableUnknownFields(&e)->AddVarint(9, 1); },
       StatusCode::kInvalidArgument, "step 1: envelope: unknown field"},
      {"unknown field in a part",
       [](pb::Envelope& e) {
         pb::Part* part = e.mutable_parts(0);
         part->GetReflection()->MutableUnknownFields(part)->AddVarint(9, 1);
       },
       StatusCode::kInvalidArgument, "step 1: parts: unknown field"},
  };
  for (const OuterCase& c : cases) {
    pb::Envelope envelope = Small().envelope;
    c.spoil(envelope);
    ExpectStep(AtBroker(envelope), c.code, c.text, c.name);
  }
  trust::Directory empty;
  ExpectStep(VerifyEnvelope(Small().envelope, empty, AsBroker(Net())).status(),
             StatusCode::kFailedPrecondition, "step 1", "no convenant");
}

TEST(Step2, RefusesEverySenderButACertifiedOne) {
  pb::Envelope garbage = Small().envelope;
  garbage.set_header(Bytes(10, '\xff'));
  ExpectStep(AtBroker(garbage), StatusCode::kInvalidArgument, "step 2: header", "no header at all");
  ExpectStep(
      AtBroker(Resigned(Net(), Small().envelope, [](pb::Core& c) { c.set_sender_device(Bytes(16, 'x')); })),
      StatusCode::kUnauthenticated, "step 2: sender_device: not certified", "ghost device");
  ExpectStep(AtBroker(Resigned(Net(), Small().envelope,
                               [](pb::Core& c) { c.set_sender_cert_hash(Bytes(32, 'x')); })),
             StatusCode::kUnauthenticated, "step 2: sender_cert_hash", "another certificate");
  VerifyOptions later = AsBroker(Net());
  later.now = kNow + absl::Hours(24 * 365);
  ExpectStep(VerifyEnvelope(Small().envelope, Net().directory(), later).status(),
             StatusCode::kUnauthenticated, "step 2: sender_device: its certificate is not valid now",
             "expired");
  VerifyOptions earlier = AsBroker(Net());
  earlier.now = kNow - absl::Hours(25);
  ExpectStep(VerifyEnvelope(Small().envelope, Net().directory(), earlier).status(),
             StatusCode::kUnauthenticated, "step 2: sender_device: its certificate is not valid now",
             "not yet valid");
}

TEST(Step2, RefusesARevokedSender) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.Add(network.RevokeDeviceObject(network.device(kSender)));
  ExpectStep(VerifyEnvelope(Small().envelope, network.directory(), AsBroker(network)).status(),
             StatusCode::kUnauthenticated, "step 2: sender_device: revoked", "at the broker");
  ExpectStep(VerifyEnvelope(Delivered(Small().envelope, network.device(kReader)), network.directory(),
                            AsRecipient(network))
                 .status(),
             StatusCode::kUnauthenticated, "step 2: sender_device: revoked", "at the recipient");
}

TEST(Step3, RefusesEverySignatureButTheSenders) {
  pb::Envelope envelope = Small().envelope;
  (*envelope.mutable_header_sig())[10] ^= 1;
  ExpectStep(AtBroker(envelope), StatusCode::kUnauthenticated, "step 3: header_sig", "flipped");
  envelope.set_header_sig(crypto::Sign(Net().device(kReader).key, "seinpost/v1/header", envelope.header()));
  ExpectStep(AtBroker(envelope), StatusCode::kUnauthenticated, "step 3: header_sig", "another device");
  envelope.set_header_sig(crypto::Sign(Net().device(kSender).key, "seinpost/v1/open", envelope.header()));
  ExpectStep(AtBroker(envelope), StatusCode::kUnauthenticated, "step 3: header_sig", "another label");
}

TEST(Step4, RefusesEveryBrokenFieldOfTheCore) {
  using C = pb::Core;
  const struct {
    const char* name;
    std::function<void(C&)> spoil;
    StatusCode code;
    const char* text;
  } cases[] = {
      {"version", [](C& c) { c.set_version(2); }, StatusCode::kInvalidArgument, "version"},
      {"suite", [](C& c) { c.set_suite_id(2); }, StatusCode::kFailedPrecondition, "suite_id"},
      {"no suite", [](C& c) { c.clear_suite_id(); }, StatusCode::kFailedPrecondition, "suite_id"},
      {"short id", [](C& c) { c.set_signal_id("s"); }, StatusCode::kInvalidArgument, "signal_id"},
      {"no kind", [](C& c) { c.clear_kind(); }, StatusCode::kInvalidArgument, "kind"},
      {"unknown kind", [](C& c) { c.set_kind(static_cast<pb::SignalKind>(2)); }, StatusCode::kInvalidArgument,
       "kind"},
      {"convenant", [](C& c) { c.set_convenant_id("ginds"); }, StatusCode::kFailedPrecondition,
       "convenant_id"},
      {"convenant version", [](C& c) { c.set_convenant_version(2); }, StatusCode::kFailedPrecondition,
       "convenant_version"},
      {"convenant hash", [](C& c) { c.set_convenant_hash(Bytes(32, 'x')); }, StatusCode::kFailedPrecondition,
       "convenant_hash"},
      {"short convenant hash", [](C& c) { c.set_convenant_hash("x"); }, StatusCode::kInvalidArgument,
       "convenant_hash"},
      {"no channel", [](C& c) { c.clear_channel(); }, StatusCode::kInvalidArgument, "channel"},
      {"long channel", [](C& c) { c.set_channel(Bytes(130, 'c')); }, StatusCode::kInvalidArgument, "channel"},
      {"no category", [](C& c) { c.clear_category(); }, StatusCode::kInvalidArgument, "category"},
      {"purpose with a space", [](C& c) { c.set_purpose("a b"); }, StatusCode::kInvalidArgument, "purpose"},
      {"no level", [](C& c) { c.clear_level(); }, StatusCode::kInvalidArgument, "level"},
      {"unknown level", [](C& c) { c.set_level(static_cast<pb::Level>(4)); }, StatusCode::kInvalidArgument,
       "level"},
      {"informed below L2", [](C& c) { c.set_informed(pb::INFORMED_YES); }, StatusCode::kPermissionDenied,
       "informed: given below L2"},
      {"unknown informed", [](C& c) { c.set_informed(static_cast<pb::Informed>(9)); },
       StatusCode::kInvalidArgument, "informed: unknown"},
      {"code without no", [](C& c) { c.set_informed_code("risk"); }, StatusCode::kPermissionDenied,
       "informed_code"},
      {"short case_ref", [](C& c) { c.set_case_ref("c"); }, StatusCode::kInvalidArgument, "case_ref"},
      {"short in_reply_to", [](C& c) { c.set_in_reply_to("c"); }, StatusCode::kInvalidArgument,
       "in_reply_to"},
      {"long forwards", [](C& c) { c.set_forwards(Bytes(17, 'f')); }, StatusCode::kInvalidArgument,
       "forwards"},
      {"no created", [](C& c) { c.clear_created(); }, StatusCode::kInvalidArgument, "created"},
      {"too old", [](C& c) { c.set_created(c.created() - 301); }, StatusCode::kFailedPrecondition, "created"},
      {"too new", [](C& c) { c.set_created(c.created() + 301); }, StatusCode::kFailedPrecondition, "created"},
      {"queued too long",
       [](C& c) {
         c.set_queued(true);
         c.set_created(c.created() - 86401);
       },
       StatusCode::kFailedPrecondition, "created"},
      {"queued into the future",
       [](C& c) {
         c.set_queued(true);
         c.set_created(c.created() + 301);
       },
       StatusCode::kFailedPrecondition, "created"},
  };
  for (const auto& c : cases) {
    ExpectStep(AtBroker(Resigned(Net(), Small().envelope, c.spoil)), c.code, absl::StrCat("step 4: ", c.text),
               c.name);
  }
  for (int64_t seconds : {-300, 300}) {
    const auto shift = [seconds](C& c) { c.set_created(c.created() + seconds); };
    EXPECT_TRUE(AtBroker(Resigned(Net(), Small().envelope, shift)).ok()) << seconds;
  }
  EXPECT_TRUE(AtBroker(Resigned(Net(), Small().envelope, [](C& c) {
                c.set_queued(true);
                c.set_created(c.created() - 86400);
              })).ok());
}

// Signed, but not in the one encoding.
TEST(Step4, ParsesStrictly) {
  const TestDevice& sender = Net().device(kSender);
  pb::Header header;
  ASSERT_TRUE(header.ParseFromString(Small().envelope.header()));
  const auto with_header = [&](const Bytes& bytes) {
    pb::Envelope envelope = Small().envelope;
    envelope.set_header(bytes);
    envelope.set_header_sig(crypto::Sign(sender.key, "seinpost/v1/header", bytes));
    return AtBroker(envelope);
  };
  const auto with_core = [&](const Bytes& core) {
    pb::Header changed = header;
    changed.set_core(core);
    return with_header(trust::StrictSerialize(changed));
  };
  EXPECT_TRUE(with_header(Small().envelope.header()).ok());
  ExpectStep(with_header(Small().envelope.header() + FromHex("1801").value()), StatusCode::kInvalidArgument,
             "step 4: header: not in its one strict encoding", "unknown field in the header");
  ExpectStep(with_header(Small().envelope.header() +
                         Bytes(Small().envelope.header().substr(0, header.core().size() + 3))),
             StatusCode::kInvalidArgument, "step 4: header: not in", "core twice");
  ExpectStep(with_core(header.core() + FromHex("f80701").value()), StatusCode::kInvalidArgument,
             "step 4: core", "unknown field in the core");
  ExpectStep(with_core(FromHex("0801").value() + header.core()), StatusCode::kInvalidArgument, "step 4: core",
             "version twice");
  ExpectStep(with_core(FromHex("088100").value() + header.core().substr(2)), StatusCode::kInvalidArgument,
             "step 4: core", "overlong varint");
  pb::Header short_list = header;
  short_list.mutable_part_hash()->RemoveLast();
  ExpectStep(with_header(trust::StrictSerialize(short_list)), StatusCode::kInvalidArgument,
             "step 4: part_hash: not 16", "15 places");
  pb::Header short_hash = header;
  short_hash.mutable_part_hash(15)->pop_back();
  ExpectStep(with_header(trust::StrictSerialize(short_hash)), StatusCode::kInvalidArgument,
             "step 4: part_hash", "short hash");
}

TEST(Step8, RefusesBytesThatDoNotHash) {
  const OuterCase cases[] = {
      {"part moved to another place",
       [](pb::Envelope& e) { e.mutable_parts(0)->set_index((e.parts(0).index() + 1) % 16); },
       StatusCode::kPermissionDenied, "step 8: part_hash"},
      {"ciphertext flipped", [](pb::Envelope& e) { (*e.mutable_parts(0)->mutable_ciphertext())[3] ^= 1; },
       StatusCode::kPermissionDenied, "step 8: ct_hash"},
      {"ciphertext cut", [](pb::Envelope& e) { e.mutable_parts(0)->mutable_ciphertext()->pop_back(); },
       StatusCode::kPermissionDenied, "step 8: ciphertext: not of the length"},
      {"no ciphertext", [](pb::Envelope& e) { e.mutable_parts(0)->clear_ciphertext(); },
       StatusCode::kPermissionDenied, "step 8: ciphertext: not of the length"},
      {"wraps swapped", [](pb::Envelope& e) { e.mutable_parts(0)->mutable_wraps()->SwapElements(0, 1); },
       StatusCode::kPermissionDenied, "step 8: wrap_hash"},
      {"wrap flipped", [](pb::Envelope& e) { (*e.mutable_parts(0)->mutable_wraps(1))[79] ^= 1; },
       StatusCode::kPermissionDenied, "step 8: wrap_hash"},
      {"wrap missing", [](pb::Envelope& e) { e.mutable_parts(0)->mutable_wraps()->RemoveLast(); },
       StatusCode::kPermissionDenied, "step 8: wraps: not one per recipient"},
      {"wrap added", [](pb::Envelope& e) { e.mutable_parts(0)->add_wraps(Bytes(80, 'w')); },
       StatusCode::kPermissionDenied, "step 8: wraps: not one per recipient"},
  };
  for (const OuterCase& c : cases) {
    pb::Envelope envelope = Small().envelope;
    c.spoil(envelope);
    ExpectStep(AtBroker(envelope), c.code, c.text, c.name);
  }
  ExpectStep(AtRecipient(Small().envelope), StatusCode::kPermissionDenied, "step 8: wraps: delivered before",
             "early wraps");
  pb::Envelope named = SealOrDie(Net(), NamedPlan(Net())).envelope;
  EXPECT_TRUE(AtBroker(named).ok());
  for (pb::Part& part : *named.mutable_parts()) {
    if (part.ciphertext().empty()) part.set_ciphertext("x");
  }
  ExpectStep(AtBroker(named), StatusCode::kPermissionDenied, "step 8: ciphertext: an attachment's",
             "inline attachment");
}

}  // namespace
}  // namespace seinpost::envelope
