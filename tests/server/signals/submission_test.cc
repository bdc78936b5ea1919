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

// A signal of kSender's that the rules refuse.
v1::SubmitRequest RefusedSubmit(TestBroker& test) {
  envelope::SignalPlan plan = SmallPlan(test.network());
  plan.core.set_purpose("handhaving-openbare-orde");
  v1::SubmitRequest request;
  *request.mutable_envelope() = test.Seal(plan).envelope;
  return request;
}

TEST(MemberRefusals, NeverStopAnothersSubmit) {
  SearchHold hold;
  TestBroker test;
  std::vector<v1::SubmitRequest> requests;
  for (int i = 0; i < 6; ++i) requests.push_back(RefusedSubmit(test));
  std::vector<absl::Notification> answered(requests.size());
  std::vector<absl::Status> refused(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    test.broker().submission().Submit(
        test.SessionOf(kSender), requests[i],
        [&, i](const absl::StatusOr<v1::SubmitReply>& reply) {
          refused[i] = reply.status();
          answered[i].Notify();
        },
        hold.Hook());
  }
  hold.WaitUntilReached();
  v1::SubmitRequest other;
  *other.mutable_envelope() = test.Seal(PlanFor(test, "school-b", Bytes(16, 'k')), kCoordinator).envelope;
  absl::Notification submitted;
  absl::Status status;
  test.broker().submission().Submit(test.SessionOf(kCoordinator), other,
                                    [&](const absl::StatusOr<v1::SubmitReply>& reply) {
                                      status = reply.status();
                                      submitted.Notify();
                                    });
  EXPECT_TRUE(submitted.WaitForNotificationWithTimeout(absl::Seconds(60)))
      << "neither completers nor all workers look for what is allowed instead";
  hold.Go();
  submitted.WaitForNotification();
  EXPECT_TRUE(status.ok()) << status;
  for (absl::Notification& one : answered) one.WaitForNotification();
  for (const absl::Status& one : refused) {
    EXPECT_THAT(CodesOf(one), Contains("PURPOSE_NOT_ALLOWED")) << one;
    EXPECT_GT(server::RefusalOf(one)->instead_size(), 0);
  }
}

TEST(MemberRefusals, AreGivenWithoutAlternativesOnceTheSenderHasUsedUpHisComputing) {
  TestBrokerOptions options;
  options.limits.cpu_milliseconds = 1;
  TestBroker test(options);
  bool searched = false, given_without = false;
  for (int i = 0; i < 200 && !given_without; ++i) {
    const v1::SubmitRequest request = RefusedSubmit(test);
    const absl::Status refused = test.Submit(request.envelope()).status();
    ASSERT_THAT(CodesOf(refused), Contains("PURPOSE_NOT_ALLOWED")) << refused;
    const bool found = server::RefusalOf(refused)->instead_size() > 0;
    searched |= found;
    given_without = !found;
  }
  EXPECT_TRUE(searched);
  EXPECT_TRUE(given_without);
  EXPECT_THAT(test.LastEvent(), HasSubstr("DECISION_DENY")) << "the leaf is there all the same";
}

TEST(MemberRefusals, StopBeingSearchedForWhenTheCallerHasLeft) {
  TestBroker test;
  const v1::SubmitRequest request = RefusedSubmit(test);
  int asked = 0;
  const absl::Status left = Await<v1::SubmitReply>([&](const auto& done) {
                              test.broker().submission().Submit(test.SessionOf(kSender), request, done,
                                                                [&asked] { return ++asked > 3; });
                            }).status();
  EXPECT_THAT(CodesOf(left), Contains("PURPOSE_NOT_ALLOWED"));
  EXPECT_EQ(server::RefusalOf(left)->instead_size(), 0);
  EXPECT_LE(asked, 5);
}

TEST(MemberSubmits, ArePaidForInBytes) {
  TestBrokerOptions options;
  options.limits.kilobytes = 8;
  TestBroker test(options);
  absl::Status over;
  int taken = 0;
  for (; taken < 20 && over.ok(); ++taken) {
    over = test.Submit(test.Seal(SmallPlan(test.network())).envelope).status();
  }
  EXPECT_TRUE(absl::IsResourceExhausted(over)) << over;
  EXPECT_GT(server::RetryAfter(over), absl::ZeroDuration());
  EXPECT_GT(taken, 1);
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
