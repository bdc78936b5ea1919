// SPDX-License-Identifier: EUPL-1.2
// A sealed envelope asks the convenant the same question as the dry run that came before it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "envelope/vocabulary.h"
#include "policies/decide/decide.h"
#include "tests/envelope/signals.h"
#include "trust/facts.h"

namespace seinpost::envelope {
namespace {

namespace pb = seinpost::v1;
using test::AsBroker;
using test::kNow;
using test::kReader;
using test::kSender;
using test::TestDevice;
using test::TestNetwork;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Names(const std::vector<policies::MemberId>& members) {
  std::vector<std::string> names;
  for (const policies::MemberId& member : members) names.push_back(policies::ToString(member));
  return names;
}

const policies::PartRequest& PartOf(const policies::SendRequest& request, policies::PartKind kind) {
  for (const policies::PartRequest& part : request.parts) {
    if (part.kind == kind) return part;
  }
  std::abort();
}

TEST(ToSendRequest, CarriesEveryFieldOfTheCore) {
  const TestNetwork network = TestNetwork::Example(kNow);
  SignalPlan plan = test::NamedPlan(network);
  plan.core.set_informed(pb::INFORMED_NO);
  plan.core.set_informed_code("acuut");
  plan.core.set_in_reply_to(Bytes(16, 'r'));
  plan.core.set_forwards(Bytes(16, 'f'));
  plan.core.set_queued(true);
  const auto header =
      VerifyEnvelope(test::SealOrDie(network, plan).envelope, network.directory(), AsBroker(network));
  ASSERT_TRUE(header.ok()) << header.status();
  const policies::SendRequest request = ToSendRequest(*header, network.directory());
  EXPECT_EQ(policies::ToString(request.sender), kSender);
  EXPECT_EQ(request.sender.ref, network.member(kSender));
  EXPECT_EQ(request.sender_device, network.device(kSender).id);
  EXPECT_EQ(request.convenant_id, "plaats");
  EXPECT_EQ(request.convenant_version, 1u);
  EXPECT_EQ(request.channel, "direct@school-a");
  EXPECT_EQ(request.category, "wapen");
  EXPECT_EQ(request.purpose, "dreiging");
  EXPECT_EQ(request.level, policies::Level::kL2);
  EXPECT_EQ(request.informed, policies::Informed::kNo);
  EXPECT_EQ(request.informed_code, "acuut");
  EXPECT_TRUE(request.has_case_ref);
  EXPECT_TRUE(request.queued);
  EXPECT_TRUE(request.reply);
  EXPECT_TRUE(request.forwards);
  EXPECT_EQ(request.created, kNow);
  EXPECT_TRUE(request.sealed);
  EXPECT_EQ(request.parts.size(), 5u);
}

TEST(ToSendRequest, ExpandsDevicesToMembers) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& bare = network.AddDevice("school/teamleider", /*with_prekeys=*/false);
  const auto header = VerifyEnvelope(test::SealOrDie(network, test::NamedPlan(network)).envelope,
                                     network.directory(), AsBroker(network));
  ASSERT_TRUE(header.ok()) << header.status();
  const policies::SendRequest request = ToSendRequest(*header, network.directory());
  const policies::PartRequest& source = PartOf(request, policies::PartKind::kSource);
  EXPECT_THAT(Names(source.recipients), UnorderedElementsAre(kSender, "school/teamleider"));
  EXPECT_THAT(source.devices,
              UnorderedElementsAre(network.device(kSender).id, network.device("school/teamleider").id));
  EXPECT_THAT(source.unreached, ElementsAre(bare.id));
  EXPECT_EQ(source.retention_class, "naam");
  EXPECT_EQ(source.expires, kNow + absl::Hours(24 * 90));
  EXPECT_FALSE(source.kept);
  EXPECT_FALSE(source.broadcast);
  const policies::PartRequest& justification = PartOf(request, policies::PartKind::kJustification);
  EXPECT_THAT(justification.justifies, ElementsAre(network.member(kReader)));
  EXPECT_THAT(Names(justification.recipients),
              UnorderedElementsAre(kSender, "gemeente/privacy-officer", "schoolbestuur/privacy-officer"));
}

TEST(LoadFacts, KnowsEverybodyTheEnvelopeSpeaksOf) {
  const TestNetwork network = TestNetwork::Example(kNow);
  const auto header = VerifyEnvelope(test::SealOrDie(network, test::NamedPlan(network)).envelope,
                                     network.directory(), AsBroker(network));
  ASSERT_TRUE(header.ok()) << header.status();
  const policies::Facts facts = LoadFacts(*header, network.directory(), kNow);
  std::vector<policies::MemberId> known;
  for (const auto& entry : facts.members) known.push_back(entry.first);
  EXPECT_THAT(Names(known),
              UnorderedElementsAre(kSender, kReader, "school/teamleider", "gemeente/privacy-officer",
                                   "schoolbestuur/privacy-officer"));
}

void ExpectAllowed(const policies::Decision& decision) {
  EXPECT_TRUE(decision.allowed) << decision.Sentence(policies::Language::kEnglish);
}

TEST(R18, SealedEnvelopesHaveTheKeySetsTheRulesWant) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.AddDevice(kReader, /*with_prekeys=*/false);
  network.AddDevice(kReader);
  network.AddDevice(kSender);
  for (const SignalPlan& plan : {test::SmallPlan(network), test::NamedPlan(network)}) {
    const auto header =
        VerifyEnvelope(test::SealOrDie(network, plan).envelope, network.directory(), AsBroker(network));
    ASSERT_TRUE(header.ok()) << header.status();
    ExpectAllowed(policies::DecideSend(ToSendRequest(*header, network.directory()),
                                       LoadFacts(*header, network.directory(), kNow), kNow));
  }
}

// A device that was certified after the sender looked is no fault of his: rules and structure agree.
TEST(R18, RulesJudgeKeySetsByWhatTheSenderHadSeen) {
  TestNetwork network = TestNetwork::Example(kNow);
  const trust::AsOf as_of{.keys = network.directory().size()};
  const pb::Envelope envelope = test::SealOrDie(network, test::SmallPlan(network)).envelope;
  network.AddDevice(kReader);
  VerifyOptions options = AsBroker(network);
  options.as_of = as_of;
  const auto header = VerifyEnvelope(envelope, network.directory(), options);
  ASSERT_TRUE(header.ok()) << header.status();
  const policies::SendRequest request = ToSendRequest(*header, network.directory());
  ExpectAllowed(policies::DecideSend(request, LoadFacts(*header, network.directory(), kNow, as_of), kNow));
  const policies::Decision now =
      policies::DecideSend(request, LoadFacts(*header, network.directory(), kNow), kNow);
  EXPECT_FALSE(now.allowed);
  ASSERT_FALSE(now.reasons.empty());
  EXPECT_EQ(now.reasons[0].code, policies::RefusalCode::kKeysetMismatch);
}

// R35: what the sealed envelope is asked about differs from a dry run in keys and retention only.
TEST(R35, DryRunAndEnvelopeAskTheSame) {
  const TestNetwork network = TestNetwork::Example(kNow);
  const SignalPlan plan = test::SmallPlan(network);
  const auto header =
      VerifyEnvelope(test::SealOrDie(network, plan).envelope, network.directory(), AsBroker(network));
  ASSERT_TRUE(header.ok()) << header.status();
  policies::SendRequest sealed = ToSendRequest(*header, network.directory());

  policies::SendRequest dry;
  dry.sender = trust::ToMemberId(*network.directory().FindMember(network.member(kSender)));
  dry.sender_device = network.device(kSender).id;
  dry.convenant_id = "plaats";
  dry.convenant_version = 1;
  dry.channel = "core@school-a";
  dry.category = "wapen";
  dry.purpose = "dreiging";
  dry.level = policies::Level::kL1;
  dry.has_case_ref = true;
  dry.created = kNow;
  policies::PartRequest part;
  part.recipients = {trust::ToMemberId(*network.directory().FindMember(network.member(kReader))), dry.sender};
  std::sort(part.recipients.begin(), part.recipients.end());
  dry.parts = {part};

  EXPECT_EQ(sealed.sender, dry.sender);
  EXPECT_EQ(sealed.parts[0].recipients, dry.parts[0].recipients);
  EXPECT_EQ(sealed.channel, dry.channel);
  EXPECT_EQ(sealed.level, dry.level);
  const policies::Facts facts = LoadFacts(*header, network.directory(), kNow);
  ExpectAllowed(policies::DecideSend(dry, facts, kNow));
  ExpectAllowed(policies::DecideSend(sealed, facts, kNow));
  for (policies::SendRequest* request : {&dry, &sealed}) {
    request->level = policies::Level::kL2;
    request->channel = "core@school-a";
  }
  const policies::Decision dry_no = policies::DecideSend(dry, facts, kNow);
  const policies::Decision sealed_no = policies::DecideSend(sealed, facts, kNow);
  EXPECT_FALSE(dry_no.allowed);
  EXPECT_FALSE(sealed_no.allowed);
  ASSERT_FALSE(dry_no.reasons.empty());
  EXPECT_EQ(dry_no.reasons[0].code, sealed_no.reasons[0].code);
  EXPECT_EQ(dry_no.reasons[0].clause.line, sealed_no.reasons[0].clause.line);
}

TEST(Vocabulary, GoesBothWays) {
  for (int kind = 1; kind <= 6; ++kind) {
    const auto wire = static_cast<pb::PartKind>(kind);
    EXPECT_TRUE(IsKnown(wire));
    EXPECT_EQ(PartKindToProto(PartKindFromProto(wire)), wire);
    EXPECT_EQ(NameOf(wire), policies::ToString(PartKindFromProto(wire)));
  }
  EXPECT_FALSE(IsKnown(pb::PART_KIND_UNSPECIFIED));
  EXPECT_FALSE(IsKnown(static_cast<pb::PartKind>(7)));
  EXPECT_EQ(NameOf(static_cast<pb::PartKind>(7)), "unknown");
  for (int informed = 0; informed <= 3; ++informed) {
    const auto wire = static_cast<pb::Informed>(informed);
    EXPECT_EQ(InformedToProto(InformedFromProto(wire)), wire);
  }
}

}  // namespace
}  // namespace seinpost::envelope
