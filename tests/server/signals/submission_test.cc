// SPDX-License-Identifier: EUPL-1.2
// What a submit is judged by besides itself: the case reference's scope, the version in force, what its
// sender had seen of the directory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/server/harness.h"
#include "tests/server/operations.h"

namespace seinpost::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kCoordinator[] = "sass/coordinator";  // serves two schools

envelope::SignalPlan PlanFor(TestBroker& test, absl::string_view scope, const Bytes& case_ref) {
  envelope::SignalPlan plan = SmallPlan(test.network());
  plan.core.set_channel(absl::StrCat("core@", scope));
  plan.core.set_case_ref(case_ref);
  return plan;
}

absl::Status Send(TestBroker& test, absl::string_view scope, const Bytes& case_ref) {
  return test.Submit(test.Seal(PlanFor(test, scope, case_ref), kCoordinator).envelope, kCoordinator).status();
}

TEST(R23, ACaseReferenceStaysWithTheSchoolItWasFirstUsedFor) {
  TestBroker test;
  const Bytes case_ref(16, 'k');
  ASSERT_TRUE(Send(test, "school-a", case_ref).ok());
  ASSERT_TRUE(Send(test, "school-a", case_ref).ok());
  const absl::Status refused = Send(test, "school-b", case_ref);
  EXPECT_THAT(CodesOf(refused), Contains("SCOPE_MISMATCH")) << refused;
  EXPECT_THAT(test.LastEvent(), HasSubstr("DECISION_DENY SCOPE_MISMATCH"));
  EXPECT_TRUE(Send(test, "school-b", Bytes(16, 'l')).ok());
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_THAT(CodesOf(Send(test, "school-b", case_ref)), Contains("SCOPE_MISMATCH"));
  EXPECT_THAT(CodesOf(Send(test, "school-a", Bytes(16, 'l'))), Contains("SCOPE_MISMATCH"));
}

TEST(R23, ARefusedSignalTakesNoCaseReferenceIntoUse) {
  TestBroker test;
  const Bytes case_ref(16, 'k');
  envelope::SignalPlan plan = PlanFor(test, "school-a", case_ref);
  plan.core.set_purpose("handhaving-openbare-orde");
  ASSERT_FALSE(test.Submit(test.Seal(plan, kCoordinator).envelope, kCoordinator).ok());
  EXPECT_TRUE(Send(test, "school-b", case_ref).ok());
}

TEST(R23, OfTwoFirstSignalsInOneBatchOnePasses) {
  TestBroker test;
  const Bytes case_ref(16, 'k');
  v1::SubmitRequest requests[2];
  *requests[0].mutable_envelope() = test.Seal(PlanFor(test, "school-a", case_ref), kCoordinator).envelope;
  *requests[1].mutable_envelope() = test.Seal(PlanFor(test, "school-b", case_ref), kCoordinator).envelope;
  absl::Notification reached, go, answered[2];
  absl::Status results[2];
  test.broker().sequencer().Enqueue(std::make_unique<Gate>(reached, go));
  reached.WaitForNotification();
  for (int i = 0; i < 2; ++i) {
    test.broker().submission().Submit(test.SessionOf(kCoordinator), requests[i],
                                      [&, i](const absl::StatusOr<v1::SubmitReply>& reply) {
                                        results[i] = reply.status();
                                        answered[i].Notify();
                                      });
  }
  go.Notify();
  for (absl::Notification& one : answered) one.WaitForNotification();
  EXPECT_NE(results[0].ok(), results[1].ok());
  EXPECT_THAT(CodesOf(results[0].ok() ? results[1] : results[0]), Contains("SCOPE_MISMATCH"));
}

TEST(R31, ASignalUnderAReplacedVersionIsRefusedWithALeaf) {
  TestBroker test;
  const v1::Envelope before = test.Seal(SmallPlan(test.network())).envelope;
  const v1::Envelope taken = test.Seal(SmallPlan(test.network())).envelope;
  ASSERT_TRUE(test.Submit(taken).ok());
  ASSERT_TRUE(test.PutInForce(test.network().SuccessorObject()).ok());
  const uint64_t size = test.LogSize();
  const absl::Status refused = test.Submit(before).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
  EXPECT_THAT(CodesOf(refused), ElementsAre("VERSION_STALE"));
  EXPECT_EQ(test.LogSize(), size + 1);
  EXPECT_EQ(test.LastEvent(), "DECISION_DENY VERSION_STALE");
  EXPECT_TRUE(test.Submit(taken).ok()) << "what was taken in before gets its receipt again";
  EXPECT_EQ(test.LogSize(), size + 1);
  EXPECT_TRUE(test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok());
}

TEST(R31, AnOrderLowersWhatMayBeSentAtOnce) {
  TestBroker test;
  const v1::Envelope before = test.Seal(SmallPlan(test.network())).envelope;
  ASSERT_TRUE(test.PutInForce(test.network().RestrictChannelObject("core", policies::Level::kL0)).ok());
  const absl::Status refused = test.Submit(before).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
  EXPECT_THAT(test.LastEvent(), HasSubstr("DECISION_DENY"));
  v1::DecideSendRequest asked;
  asked.set_convenant_id("plaats");
  asked.set_convenant_version(1);
  asked.set_channel("core@school-a");
  asked.set_category("wapen");
  asked.set_purpose("dreiging");
  asked.set_level(v1::LEVEL_L1);
  asked.set_has_case_ref(true);
  v1::AskedPart& part = *asked.add_parts();
  part.set_kind(v1::PART_KIND_NARRATIVE);
  part.add_recipients(kReader);
  const auto dry = Await<v1::Decision>(
      [&](auto done) { test.broker().asking().DecideSend(test.SessionOf(kSender), asked, done); });
  ASSERT_TRUE(dry.ok()) << dry.status();
  EXPECT_FALSE(dry->allowed()) << "a dry run is judged by the same orders";
  EXPECT_EQ(dry->reasons(0).code(), CodesOf(refused)[0]);
}

TEST(R18, KeySetsAreJudgedByWhatTheSenderHadSeen) {
  TestBroker test;
  const v1::Envelope before = test.Seal(SmallPlan(test.network())).envelope;
  const TestDevice& later = test.AddDevice(kReader);
  EXPECT_TRUE(test.Submit(before).ok()) << "sealed before the device was there";
  // Whoever has seen the new device must seal to it.
  envelope::SealedSignal after = test.Seal(SmallPlan(test.network()));
  const v1::PartDescriptor descriptor = DescriptorOf(after.envelope.parts(0));
  EXPECT_EQ(descriptor.recipients_size(), 3) << "sender, reader, and the reader's new device";
  EXPECT_TRUE(test.Submit(after.envelope).ok());
  const v1::Envelope claims = Resigned(test.network(), before, [&](v1::Core& core) {
    core.set_checkpoint(test.Checkpoint());
    core.set_signal_id(Bytes(16, 'n'));
  });
  const absl::Status refused = test.Submit(claims).status();
  EXPECT_THAT(CodesOf(refused), ElementsAre("KEYSET_MISMATCH")) << refused;
  EXPECT_THAT(test.LastEvent(), HasSubstr("DECISION_DENY KEYSET_MISMATCH"));
  ASSERT_TRUE(test.PutInForce(test.network().RevokeDeviceObject(later)).ok());
  const envelope::SealedSignal last = test.Seal(SmallPlan(test.network()));
  EXPECT_EQ(DescriptorOf(last.envelope.parts(0)).recipients_size(), 2);
  EXPECT_TRUE(test.Submit(last.envelope).ok());
}

}  // namespace
}  // namespace seinpost::test
