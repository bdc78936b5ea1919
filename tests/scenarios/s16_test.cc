// SPDX-License-Identifier: EUPL-1.2
// S16, a coordinator leaves and delegates change, against a real broker: mandates end at a moment, what was
// not opened by then stays closed, references stay at their school, and nobody acts on another's mandate.
#include <string>
#include <vector>

#include "crypto/sign.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "seinpost/v1/envelope.pb.h"
#include "tests/envelope/signals.h"
#include "tests/server/harness.h"
#include "trust/strict.h"

namespace seinpost::test {
namespace {

using envelope::SignalPlan;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr char kLeaving[] = "sass/interim";     // hired for a while
constexpr char kComing[] = "sass/coordinator";  // one mandate per school, for as long as the convenant
constexpr char kDeputy[] = "sass/vervanger";
constexpr char kSecondSchool[] = "school2/zorgcoordinator";
constexpr char kFunction[] = "coordinator";

class S16 : public testing::Test {
 protected:
  S16() : published_(broker_.network().objects().size()) {
    broker_.network().AddDevice(kLeaving);
    broker_.network().AddDevice(kDeputy);
    Grant(kLeaving, "school-a", Now(), end_);
    Grant(kLeaving, "school-b", Now(), end_ + absl::Hours(24));
  }

  absl::Time Now() { return broker_.clock().Now(); }
  // What the network took in since is published.
  void Publish() {
    const std::vector<Bytes>& objects = broker_.network().objects();
    const std::vector<Bytes> fresh(objects.begin() + static_cast<std::ptrdiff_t>(published_), objects.end());
    const absl::Status status = broker_.Publish(fresh);
    ASSERT_TRUE(status.ok()) << status;
    published_ = objects.size();
  }
  void Grant(absl::string_view profile, const std::string& school, absl::Time from, absl::Time until) {
    broker_.network().Add(
        broker_.network().MandateObject(profile, kFunction, {school}, policies::Level::kL1, from, until));
    Publish();
  }
  void GrantDeputy(absl::string_view profile, absl::string_view of, absl::Time from, absl::Time until) {
    TestNetwork& network = broker_.network();
    v1::SignedObject object;
    v1::Mandate mandate;
    ASSERT_TRUE(object.ParseFromString(
        network.MandateObject(profile, kFunction, {"school-a"}, policies::Level::kL1, from, until)));
    ASSERT_TRUE(mandate.ParseFromString(object.body()));
    mandate.set_deputy_for(network.member(of));
    network.Add(trust::SignObject(v1::OBJECT_KIND_MANDATE, trust::StrictSerialize(mandate), "sass",
                                  network.issuer("sass")));
    Publish();
  }
  void EndMandate(absl::string_view profile, const std::string& school) {
    const trust::Directory& directory = broker_.network().directory();
    for (const trust::MandateEntry* mandate : directory.MandatesOf(broker_.network().member(profile))) {
      if (mandate->scopes != std::vector<std::string>{school}) continue;
      broker_.network().Add(broker_.network().RevokeMandateObject(*mandate));
      return Publish();
    }
    FAIL() << profile << " has no mandate at " << school;
  }

  // About one case, at L1 in the core team of school-a unless told otherwise.
  SignalPlan About(const std::string& case_ref, absl::string_view to,
                   const std::string& channel = "core@school-a") {
    SignalPlan plan = SmallPlan(broker_.network());
    plan.core.set_channel(channel);
    plan.core.set_case_ref(case_ref);
    plan.parts[0].members = {broker_.network().member(to)};
    return plan;
  }
  v1::Envelope Send(SignalPlan plan, absl::string_view from = kSender) {
    const v1::Envelope envelope = broker_.Seal(std::move(plan), from).envelope;
    const absl::StatusOr<v1::SubmitReply> reply = broker_.Submit(envelope, from);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return envelope;
  }
  // The refusal is a leaf of its own, and leaves nothing else behind.
  std::vector<std::string> RefusalOf(const absl::Status& status, uint64_t size_before) {
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
    EXPECT_EQ(broker_.LogSize(), size_before + 1);
    EXPECT_THAT(broker_.LastEvent(), StartsWith("DECISION_DENY"));
    return CodesOf(status);
  }
  std::vector<std::string> RefusedToSend(SignalPlan plan, absl::string_view from = kSender) {
    const v1::Envelope envelope = broker_.Seal(std::move(plan), from).envelope;
    const uint64_t size = broker_.LogSize();
    return RefusalOf(broker_.Submit(envelope, from).status(), size);
  }
  absl::StatusOr<v1::OpenReply> Open(const v1::Envelope& envelope, absl::string_view reader) {
    const uint32_t place = PlaceOf(envelope, v1::PART_KIND_NARRATIVE);
    return broker_.Open(broker_.OpenStatementOf(envelope, place, reader), reader);
  }
  bool MayOpen(const v1::Envelope& envelope, absl::string_view reader) {
    const absl::StatusOr<v1::OpenReply> reply = Open(envelope, reader);
    return reply.ok() && reply->wraps_size() == 1;
  }
  std::vector<std::string> RefusedToOpen(const v1::Envelope& envelope, absl::string_view reader) {
    const uint64_t size = broker_.LogSize();
    return RefusalOf(Open(envelope, reader).status(), size);
  }
  bool IsDelivered(const v1::Envelope& envelope, absl::string_view reader) {
    for (const v1::Delivery& delivery : broker_.Backlog(reader)) {
      if (delivery.header() == envelope.header()) return true;
    }
    return false;
  }
  static Bytes SignalIdOf(const v1::Envelope& envelope) {
    v1::Header header;
    v1::Core core;
    EXPECT_TRUE(header.ParseFromString(envelope.header()) && core.ParseFromString(header.core()));
    return core.signal_id();
  }

  TestBroker broker_;
  const absl::Time end_ = broker_.clock().Now() + absl::Hours(6);
  const std::string case_a_ = std::string(16, 'a');
  const std::string case_b_ = std::string(16, 'b');

 private:
  size_t published_;
};

TEST_F(S16, ReadsUntilTheLastSecondOfTheMandate) {
  const v1::Envelope signal = Send(About(case_a_, kLeaving));
  broker_.clock().Set(end_ - absl::Seconds(1));
  EXPECT_TRUE(MayOpen(signal, kLeaving));
  broker_.clock().Set(end_);
  EXPECT_THAT(RefusedToOpen(signal, kLeaving), ElementsAre("NO_MANDATE"))
      << "what was read is not read again";
  broker_.clock().Set(end_ + absl::Seconds(1));
  EXPECT_THAT(RefusedToOpen(signal, kLeaving), ElementsAre("NO_MANDATE"));
}

TEST_F(S16, UndeliveredSignalsAreWithheldAfterTheEnd) {
  const v1::Envelope signal = Send(About(case_a_, kLeaving));
  broker_.clock().Set(end_ + absl::Seconds(1));
  // Whatever lies in the mailbox is closed: it comes without a key, and none is released.
  for (const v1::Delivery& delivery : broker_.Backlog(kLeaving)) {
    for (const v1::Part& part : delivery.parts()) EXPECT_THAT(part.wraps(), IsEmpty());
  }
  EXPECT_THAT(RefusedToOpen(signal, kLeaving), ElementsAre("NO_MANDATE"));
  // The others are not touched by it, and nothing new is sent to the one who left.
  EXPECT_TRUE(MayOpen(signal, kSender));
  EXPECT_THAT(RefusedToSend(About(case_a_, kLeaving)), ElementsAre("NO_MANDATE"));
  EXPECT_THAT(RefusedToSend(About(case_a_, kReader), kLeaving), ElementsAre("NO_MANDATE"));
}

TEST_F(S16, EachSchoolHasAMandateOfItsOwn) {
  const v1::Envelope first = Send(About(case_a_, kLeaving));
  const v1::Envelope second = Send(About(case_b_, kLeaving, "core@school-b"), kSecondSchool);
  broker_.clock().Set(end_ + absl::Seconds(1));
  EXPECT_THAT(RefusedToOpen(first, kLeaving), ElementsAre("NO_MANDATE"));
  EXPECT_TRUE(MayOpen(second, kLeaving)) << "the other school's lasts a day longer";
  broker_.clock().Advance(absl::Hours(24));
  EXPECT_THAT(RefusedToOpen(second, kLeaving), ElementsAre("NO_MANDATE"));
}

TEST_F(S16, MandateEndedEarlierEndsAtOnce) {
  const v1::Envelope first = Send(About(case_a_, kLeaving));
  const v1::Envelope second = Send(About(case_b_, kLeaving, "core@school-b"), kSecondSchool);
  EXPECT_TRUE(MayOpen(first, kLeaving));
  EndMandate(kLeaving, "school-a");
  EXPECT_THAT(RefusedToOpen(first, kLeaving), ElementsAre("NO_MANDATE"));
  EXPECT_TRUE(MayOpen(second, kLeaving));
}

TEST_F(S16, NewCoordinatorSeesOldSignalsOnlyIfReshared) {
  const v1::Envelope old = Send(About(case_a_, kLeaving));
  broker_.clock().Set(end_ + absl::Seconds(1));
  EXPECT_FALSE(IsDelivered(old, kComing));
  EXPECT_THAT(RefusedToOpen(old, kComing), ElementsAre("KEYSET_MISMATCH"));

  SignalPlan again = About(case_a_, kComing);
  again.core.set_forwards(SignalIdOf(old));
  const v1::Envelope reshared = Send(again);
  EXPECT_TRUE(IsDelivered(reshared, kComing));
  EXPECT_TRUE(MayOpen(reshared, kComing));
  EXPECT_FALSE(MayOpen(old, kComing)) << "the old one stays closed";
}

TEST_F(S16, OnlyWhoReceivedItPassesItOn) {
  const v1::Envelope old = Send(About(case_a_, kLeaving));
  SignalPlan again = About(case_a_, kComing);
  again.core.set_forwards(SignalIdOf(old));
  const envelope::SealedSignal by_another = broker_.Seal(again, "school/teamleider");
  EXPECT_EQ(broker_.Submit(by_another.envelope, "school/teamleider").status().code(),
            absl::StatusCode::kNotFound)
      << "he does not even learn that it exists";
  broker_.clock().Set(end_);
  EXPECT_THAT(RefusedToSend(again, kLeaving), ElementsAre("NO_MANDATE")) << "who left does not, any more";
}

TEST_F(S16, CaseReferenceOfOneSchoolIsNotCarriedToAnother) {
  Send(About(case_a_, kLeaving));
  Send(About(case_a_, kReader), kLeaving);  // the same school: that is what a reference is for
  EXPECT_THAT(RefusedToSend(About(case_a_, kReader, "core@school-b"), kLeaving),
              ElementsAre("SCOPE_MISMATCH"));
  EXPECT_THAT(RefusedToSend(About(case_a_, kLeaving, "core@school-b"), kSecondSchool),
              ElementsAre("SCOPE_MISMATCH"))
      << "whoever carries it";
  Send(About(case_b_, kReader, "core@school-b"), kLeaving);
  EXPECT_THAT(RefusedToSend(About(case_b_, kReader), kLeaving), ElementsAre("SCOPE_MISMATCH")) << "and back";
}

TEST_F(S16, RefusalOfCarriedReferenceSaysWhatIsAllowed) {
  Send(About(case_a_, kReader), kLeaving);
  const envelope::SealedSignal carried = broker_.Seal(About(case_a_, kReader, "core@school-b"), kLeaving);
  const absl::StatusOr<v1::SubmitReply> reply = broker_.Submit(carried.envelope, kLeaving);
  const std::optional<v1::Decision> refusal = server::RefusalOf(reply.status());
  ASSERT_TRUE(refusal.has_value()) << reply.status();
  ASSERT_EQ(refusal->reasons_size(), 1);
  EXPECT_EQ(refusal->reasons(0).rule(), "R23");
  EXPECT_TRUE(refusal->reasons(0).decided_by_broker());
  EXPECT_THAT(refusal->reasons(0).sentence_nl(), HasSubstr("hoort bij school-a"));
  ASSERT_FALSE(refusal->instead().empty());
  EXPECT_EQ(refusal->instead(0).changes(0).kind(), "NewCase");
}

TEST_F(S16, ReferenceStaysAtItsSchoolAcrossARestart) {
  Send(About(case_a_, kReader), kLeaving);
  ASSERT_TRUE(broker_.Restart().ok());
  EXPECT_THAT(RefusedToSend(About(case_a_, kReader, "core@school-b"), kLeaving),
              ElementsAre("SCOPE_MISMATCH"));
}

TEST_F(S16, ReferenceOfARefusedSignalBelongsToNoSchool) {
  EXPECT_THAT(RefusedToSend(About(case_a_, kReader, "core@school-b"), kDeputy), ElementsAre("NO_MANDATE"));
  Send(About(case_a_, kReader), kLeaving);
}

TEST_F(S16, DeputyNeedsAMandateOfHisOwn) {
  const v1::Envelope to_the_other = Send(About(case_a_, kLeaving));
  EXPECT_THAT(RefusedToSend(About(case_a_, kReader), kDeputy), ElementsAre("NO_MANDATE"));
  EXPECT_THAT(RefusedToSend(About(case_a_, kDeputy)), ElementsAre("NO_MANDATE"));

  const absl::Time from = Now() + absl::Hours(1);
  GrantDeputy(kDeputy, kLeaving, from, end_);
  broker_.clock().Set(from - absl::Seconds(1));
  EXPECT_THAT(RefusedToSend(About(case_a_, kReader), kDeputy), ElementsAre("NO_MANDATE"));
  broker_.clock().Set(from);
  Send(About(case_a_, kReader), kDeputy);
  const v1::Envelope to_the_deputy = Send(About(case_a_, kDeputy));
  EXPECT_TRUE(MayOpen(to_the_deputy, kDeputy));
  EXPECT_THAT(RefusedToSend(About(case_b_, kReader, "core@school-b"), kDeputy), ElementsAre("NO_MANDATE"))
      << "he stands in at one school";
  EXPECT_THAT(RefusedToOpen(to_the_other, kDeputy), ElementsAre("KEYSET_MISMATCH"))
      << "what came before is not his";
  broker_.clock().Set(end_);
  EXPECT_THAT(RefusedToOpen(to_the_deputy, kDeputy), ElementsAre("NO_MANDATE"));
}

TEST_F(S16, DeputyStandsInForAColleagueOfHisOwnOrganisation) {
  TestNetwork& network = broker_.network();
  v1::SignedObject object;
  v1::Mandate mandate;
  ASSERT_TRUE(object.ParseFromString(
      network.MandateObject(kDeputy, kFunction, {"school-a"}, policies::Level::kL1, Now(), end_)));
  ASSERT_TRUE(mandate.ParseFromString(object.body()));
  mandate.set_deputy_for(network.member(kReader));
  EXPECT_FALSE(broker_
                   .Publish({trust::SignObject(v1::OBJECT_KIND_MANDATE, trust::StrictSerialize(mandate),
                                               "sass", network.issuer("sass"))})
                   .ok());
}

}  // namespace
}  // namespace seinpost::test
