// SPDX-License-Identifier: EUPL-1.2
#include "envelope/seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "tests/envelope/signals.h"
#include "trust/strict.h"

namespace seinpost::envelope {
namespace {

namespace pb = seinpost::v1;
using test::CiphertextOf;
using test::DescriptorOf;
using test::kNow;
using test::kReader;
using test::kSender;
using test::NamedPlan;
using test::OpenAs;
using test::SealOrDie;
using test::SmallPlan;
using test::TestDevice;
using test::TestNetwork;
using ::testing::ElementsAre;

TestNetwork& OwnNet() {
  static TestNetwork* network = new TestNetwork(TestNetwork::Example(kNow));
  return *network;
}

TEST(Seal, IsReadByTheRecipientAndBySender) {
  const SealedSignal sealed = SealOrDie(OwnNet(), SmallPlan(OwnNet(), "een mes gevonden"));
  ASSERT_TRUE(VerifyEnvelope(sealed.envelope, OwnNet().directory(), test::AsBroker(OwnNet())).ok());
  EXPECT_EQ(OpenAs(OwnNet(), sealed, pb::PART_KIND_NARRATIVE, kReader).value(), "een mes gevonden");
  EXPECT_EQ(OpenAs(OwnNet(), sealed, pb::PART_KIND_NARRATIVE, kSender).value(), "een mes gevonden");
  EXPECT_FALSE(OpenAs(OwnNet(), sealed, pb::PART_KIND_NARRATIVE, "wijkteam/medewerker").ok());
  EXPECT_TRUE(sealed.unreached.empty());
  EXPECT_TRUE(sealed.attachments.empty());
}

TEST(R07, EachPartOpensForItsOwnListOnly) {
  const SealedSignal sealed = SealOrDie(OwnNet(), NamedPlan(OwnNet()));
  const struct {
    pb::PartKind kind;
    std::set<std::string> readers;
  } cases[] = {
      {pb::PART_KIND_NARRATIVE, {kSender, kReader}},
      {pb::PART_KIND_IDENTITY, {kSender, kReader}},
      {pb::PART_KIND_SOURCE, {kSender, "school/teamleider"}},
      {pb::PART_KIND_JUSTIFICATION, {kSender, "gemeente/privacy-officer", "schoolbestuur/privacy-officer"}},
  };
  for (const auto& c : cases) {
    for (const TestDevice* device : OwnNet().devices()) {
      EXPECT_EQ(OpenAs(OwnNet(), sealed, c.kind, device->profile).ok(), c.readers.count(device->profile) > 0)
          << device->profile << " " << pb::PartKind_Name(c.kind);
    }
  }
}

TEST(Seal, CarriesAttachmentsApart) {
  const SealedSignal sealed = SealOrDie(OwnNet(), NamedPlan(OwnNet()));
  ASSERT_EQ(sealed.attachments.size(), 1u);
  const TestDevice& reader = OwnNet().device(kReader);
  const auto header = VerifyEnvelope(test::Delivered(sealed.envelope, reader), OwnNet().directory(),
                                     test::AsRecipient(OwnNet()));
  ASSERT_TRUE(header.ok()) << header.status();
  const uint32_t place = test::PlaceOf(sealed.envelope, pb::PART_KIND_ATTACHMENT);
  const VerifiedPart* part = header->FindPart(place);
  ASSERT_NE(part, nullptr);
  const auto lookup = [&reader](ByteView id) { return reader.FindPrekey(id); };
  const auto wraps = test::WrapsFor(sealed.envelope, place, reader);
  const auto content =
      OpenAttachmentPart(*header, *part, reader.id, wraps, lookup, CiphertextOf(sealed, *part));
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->bytes, Bytes(70'000, 'j'));
  EXPECT_EQ(content->head.name(), "foto-1.jpg");
  EXPECT_EQ(content->head.size(), 70'000u);
  EXPECT_FALSE(OpenPart(*header, *part, reader.id, wraps, lookup, CiphertextOf(sealed, *part)).ok());
}

TEST(Seal, FillsInTheCore) {
  const SealedSignal sealed = SealOrDie(OwnNet(), SmallPlan(OwnNet()));
  pb::Header header;
  pb::Core core;
  ASSERT_TRUE(trust::StrictParse(sealed.envelope.header(), kMaxHeaderBytes, "header", header).ok());
  ASSERT_TRUE(trust::StrictParse(header.core(), kMaxCoreBytes, "core", core).ok());
  EXPECT_EQ(core.version(), 1u);
  EXPECT_EQ(core.suite_id(), 1u);
  EXPECT_EQ(core.signal_id().size(), 16u);
  EXPECT_EQ(core.kind(), pb::SIGNAL_KIND_SIGNAL);
  EXPECT_EQ(core.convenant_id(), "plaats");
  EXPECT_EQ(core.convenant_hash(), View(OwnNet().directory().convenant_hash()));
  EXPECT_EQ(core.sender_device(), OwnNet().device(kSender).id);
  EXPECT_EQ(core.sender_cert_hash(), OwnNet().directory().FindDevice(OwnNet().device(kSender).id)->cert_hash);
  SignalPlan fixed = SmallPlan(OwnNet());
  fixed.core.set_signal_id(Bytes(16, 'i'));
  const SealedSignal again = SealOrDie(OwnNet(), fixed);
  EXPECT_EQ(
      VerifyEnvelope(again.envelope, OwnNet().directory(), test::AsBroker(OwnNet()))->core().signal_id(),
      Bytes(16, 'i'));
}

TEST(Seal, PutsPartsInRandomPlacesAndFillsTheOthersWithRandomBytes) {
  std::set<uint32_t> places;
  std::set<std::string> hashes;
  for (int i = 0; i < 60; ++i) {
    const SealedSignal sealed = SealOrDie(OwnNet(), SmallPlan(OwnNet()));
    places.insert(sealed.envelope.parts(0).index());
    pb::Header header;
    ASSERT_TRUE(header.ParseFromString(sealed.envelope.header()));
    ASSERT_EQ(header.part_hash_size(), 16);
    for (const std::string& hash : header.part_hash()) {
      EXPECT_EQ(hash.size(), 32u);
      EXPECT_TRUE(hashes.insert(hash).second);
    }
  }
  EXPECT_GT(places.size(), 8u);
  EXPECT_LE(*places.rbegin(), 15u);
}

TEST(Seal, HidesTheLengthOfTheText) {
  const auto sizes = [](size_t text) {
    const SealedSignal sealed = SealOrDie(OwnNet(), SmallPlan(OwnNet(), Bytes(text, 'x')));
    return sealed.envelope.parts(0).ciphertext().size();
  };
  EXPECT_EQ(sizes(0), 1024u + 16);
  EXPECT_EQ(sizes(900), 1024u + 16);
  EXPECT_EQ(sizes(1100), 4096u + 16);
  EXPECT_EQ(sizes(kMaxTextBytes), 65536u + 16);
}

TEST(Seal, ReachesEveryDeviceWithAPrekeyAndListsTheOthers) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& phone = network.AddDevice(kReader);
  const TestDevice& bare = network.AddDevice(kReader, /*with_prekeys=*/false);
  const TestDevice& own = network.AddDevice(kSender);
  const TestDevice& lost = network.AddDevice(kReader);
  network.Add(network.RevokeDeviceObject(lost));
  const SealedSignal sealed = SealOrDie(network, SmallPlan(network));
  const pb::PartDescriptor descriptor = DescriptorOf(sealed.envelope.parts(0));
  std::set<std::string> reached;
  for (const pb::Recipient& recipient : descriptor.recipients()) reached.insert(recipient.device_id());
  EXPECT_EQ(reached, (std::set<std::string>{network.device(kReader).id, phone.id, network.device(kSender).id,
                                            own.id}));
  EXPECT_THAT(descriptor.unreached(), ElementsAre(bare.id));
  EXPECT_THAT(sealed.unreached, ElementsAre(bare.id));
  EXPECT_TRUE(VerifyEnvelope(sealed.envelope, network.directory(), test::AsBroker(network)).ok());
}

TEST(Seal, SaysWhatItCannotDo) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& sender = network.device(kSender);
  const auto seal = [&](const SignalPlan& plan) {
    return Seal(plan, network.directory(), sender.id, sender.key).status();
  };
  using absl::StatusCode;
  const struct {
    const char* name;
    std::function<void(SignalPlan&)> spoil;
    StatusCode code;
    const char* text;
  } cases[] = {
      {"unknown member", [](SignalPlan& p) { p.parts[0].members.emplace_back(16, 'x'); },
       StatusCode::kNotFound, "parts[0] narrative: a chosen member"},
      {"no parts", [](SignalPlan& p) { p.parts.clear(); }, StatusCode::kInvalidArgument, "1 to 16 parts"},
      {"17 parts", [](SignalPlan& p) { p.parts.resize(17, p.parts[0]); }, StatusCode::kInvalidArgument,
       "1 to 16 parts"},
      {"text too long", [](SignalPlan& p) { p.parts[0].content = Bytes(64 * 1024, 'x'); },
       StatusCode::kResourceExhausted, "narrative: too long"},
      {"identity too long",
       [](SignalPlan& p) {
         p.parts[0].kind = pb::PART_KIND_IDENTITY;
         p.parts[0].content = Bytes(kMaxIdentityBytes + 1, 'x');
       },
       StatusCode::kResourceExhausted, "identity: too long"},
      {"class without prekeys", [](SignalPlan& p) { p.parts[0].retention_class = "geen"; },
       StatusCode::kFailedPrecondition, "no device at all has a prekey"},
      {"core too large", [](SignalPlan& p) { p.core.set_checkpoint(Bytes(kMaxCoreBytes, 'x')); },
       StatusCode::kResourceExhausted, "core"},
      {"descriptor too large",
       [](SignalPlan& p) {
         for (int i = 0; i < 4000; ++i) p.parts[0].justifies.push_back(crypto::RandomBytes(16));
       },
       StatusCode::kResourceExhausted, "descriptor"},
      {"attachment type",
       [](SignalPlan& p) {
         p.parts[0].kind = pb::PART_KIND_ATTACHMENT;
         p.parts[0].attachment_head.set_name("a.html");
         p.parts[0].attachment_head.set_content_type("text/html");
       },
       StatusCode::kInvalidArgument, "content_type"},
  };
  for (const auto& c : cases) {
    SignalPlan plan = SmallPlan(network);
    c.spoil(plan);
    const absl::Status status = seal(plan);
    EXPECT_EQ(status.code(), c.code) << c.name << ": " << status;
    EXPECT_TRUE(absl::StrContains(status.message(), c.text)) << c.name << ": " << status;
  }
  SignalPlan most = SmallPlan(network);
  most.parts[0].kind = pb::PART_KIND_IDENTITY;
  most.parts[0].content = Bytes(kMaxIdentityBytes, 'x');
  EXPECT_TRUE(seal(most).ok());
  EXPECT_EQ(Seal(SmallPlan(network), network.directory(), Bytes(16, 'x'), sender.key).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(
      Seal(SmallPlan(network), network.directory(), sender.id, network.device(kReader).key).status().code(),
      StatusCode::kInvalidArgument);
  network.Add(network.RevokeDeviceObject(network.device(kReader)));
  const absl::Status status = seal(SmallPlan(network));
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "politie/wijkagent has no valid device"));
}

TEST(Seal, TakesSixteenParts) {
  SignalPlan plan = SmallPlan(OwnNet());
  plan.parts.resize(16, plan.parts[0]);
  const SealedSignal sealed = SealOrDie(OwnNet(), plan);
  EXPECT_EQ(sealed.envelope.parts_size(), 16);
  EXPECT_TRUE(VerifyEnvelope(sealed.envelope, OwnNet().directory(), test::AsBroker(OwnNet())).ok());
}

}  // namespace
}  // namespace seinpost::envelope
