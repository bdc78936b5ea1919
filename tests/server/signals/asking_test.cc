// SPDX-License-Identifier: EUPL-1.2
// Dry runs: the rules are asked, and nothing is sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "tests/server/harness.h"
#include "tests/server/operations.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

TEST(R35, ADryRunIsAnsweredAsTheRealThingAndLeavesNoLeaf) {
  TestBroker test;
  v1::DecideSendRequest request = SmallQuestion();
  request.set_has_case_ref(true);
  const uint64_t size = test.LogSize();
  const auto ask = [&] {
    return Await<v1::Decision>(
        [&](const auto& done) { test.broker().asking().DecideSend(test.SessionOf(kSender), request, done); });
  };
  absl::StatusOr<v1::Decision> decision = ask();
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_TRUE(decision->allowed());

  request.set_level(v1::LEVEL_L2);
  request.set_informed(v1::INFORMED_YES);
  decision = ask();
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_FALSE(decision->allowed());
  envelope::SignalPlan plan = SmallPlan(test.network());
  plan.core.set_level(v1::LEVEL_L2);
  plan.core.set_informed(v1::INFORMED_YES);
  EXPECT_EQ(test.LogSize(), size);
  EXPECT_EQ(CodesOf(test.Submit(test.Seal(plan).envelope).status()), [&] {
    std::vector<std::string> codes;
    for (const v1::Reason& reason : decision->reasons()) codes.push_back(reason.code());
    return codes;
  }());

  request.set_channel("kern@school-a");
  const absl::Status unknown = ask().status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("core@school-a")) << "names what exists";
}

// Two keepers of the school, and of police and youth work together three.
TestNetwork KeepingNetwork() {
  const auto text = [](const char* path) { return *ReadFile(path, 1 << 20); };
  const auto put = [](Bytes& yaml, const std::string& before, const std::string& line) {
    const size_t at = yaml.find(before);
    EXPECT_NE(at, Bytes::npos) << before;
    yaml.insert(at, line);
  };
  Bytes yaml = text("tests/testing/convenants/plaats.yaml");
  put(yaml, "      youth_worker: L2", "      youth_officer: L2\n");
  put(yaml, "    ceiling: L1                # casussen", "    kept_identity: allowed\n");
  yaml += R"(
reveal:
  ask: [police]
  purposes: [dreiging]
  expires: 14 days
  approval_groups:
    school: {of: sender, function: safety_officer}
    keten: {of: [politie, jongerenwerk], function: youth_officer}
)";
  Bytes lab = text("tests/testing/convenants/plaats.lab.yaml");
  for (const auto& [party, handle, function] : {std::tuple("school", "bewaarder-1", "safety_officer"),
                                                {"school", "bewaarder-2", "safety_officer"},
                                                {"politie", "bewaarder-1", "youth_officer"},
                                                {"politie", "bewaarder-2", "youth_officer"},
                                                {"jongerenwerk", "bewaarder-1", "youth_officer"}}) {
    absl::StrAppend(&lab, "  - party: ", party, "\n    handle: ", handle,
                    "\n    mandates:\n      - {function: ", function, ", scopes: [school-a], level: L1}\n");
  }
  return TestNetwork::Make(yaml, lab, TestNetwork::AnyTime());
}

TEST(R06, ADryRunKnowsApproversThatItDoesNotName) {
  TestBrokerOptions options;
  options.network = KeepingNetwork;
  TestBroker test(options);
  v1::DecideSendRequest request = SmallQuestion();
  request.set_has_case_ref(true);
  request.mutable_parts(0)->set_recipients(0, "sass/coordinator");
  v1::AskedPart& identity = *request.add_parts();
  identity.set_kind(v1::PART_KIND_IDENTITY);
  identity.set_kept(true);
  for (const char* keeper :
       {"school/bewaarder-1", "school/bewaarder-2", "politie/bewaarder-1", "politie/bewaarder-2"}) {
    identity.add_recipients(keeper);
  }
  const auto ask = [&] {
    return Await<v1::Decision>(
        [&](const auto& done) { test.broker().asking().DecideSend(test.SessionOf(kSender), request, done); });
  };
  const absl::StatusOr<v1::Decision> without = ask();
  ASSERT_TRUE(without.ok()) << without.status();
  ASSERT_FALSE(without->allowed()) << "youth work keeps it too";
  EXPECT_EQ(without->reasons(0).code(), "IDENTITY_KEYSET_MISMATCH");
  request.mutable_parts(1)->add_recipients("jongerenwerk/bewaarder-1");
  const absl::StatusOr<v1::Decision> whole = ask();
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_TRUE(whole->allowed()) << whole->DebugString();
}

// A dry run that is refused, about `names` recipients of `party`.
v1::DecideSendRequest Refused(int names, absl::string_view party = "buurman") {
  v1::DecideSendRequest request = SmallQuestion();
  request.set_level(v1::LEVEL_L2);
  request.set_informed(v1::INFORMED_YES);
  v1::AskedPart& narrative = *request.mutable_parts(0);
  while (--names > 0) narrative.add_recipients(absl::StrCat(party, "/nr-", names));
  return request;
}

absl::StatusOr<v1::Decision> AskAs(TestBroker& test, absl::string_view profile,
                                   const v1::DecideSendRequest& request,
                                   const server::Abandoned& abandoned = {}) {
  return Await<v1::Decision>([&](const auto& done) {
    test.broker().asking().DecideSend(test.SessionOf(profile), request, done, abandoned);
  });
}

TEST(MemberQuestions, LookForNothingInsteadOfNamesThatNobodyHas) {
  TestBroker test;
  int asked = 0;
  const auto counting = [&asked] {
    ++asked;
    return false;
  };
  const absl::StatusOr<v1::Decision> made_up = AskAs(test, kSender, Refused(400), counting);
  ASSERT_TRUE(made_up.ok()) << made_up.status();
  EXPECT_FALSE(made_up->allowed());
  EXPECT_EQ(made_up->instead_size(), 0);
  EXPECT_EQ(asked, 1) << "nothing was searched";
  const absl::StatusOr<v1::Decision> known = AskAs(test, kSender, Refused(1), counting);
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_GT(known->instead_size(), 0);
  EXPECT_GT(asked, 10);
  // A misspelt handle of a party that exists is told at once, as ever.
  EXPECT_TRUE(absl::IsInvalidArgument(AskAs(test, kSender, Refused(400, "politie")).status()));
}

TEST(MemberQuestions, AreBoundedInNamesHitsAndBytes) {
  TestBroker test;
  v1::DecideSendRequest names = Refused(400);
  *names.add_parts() = names.parts(0);
  EXPECT_TRUE(AskAs(test, kSender, names).ok());
  *names.add_parts() = names.parts(0);
  EXPECT_TRUE(absl::IsInvalidArgument(AskAs(test, kSender, names).status())) << "1200 names";
  EXPECT_TRUE(absl::IsInvalidArgument(AskAs(test, kSender, Refused(401)).status()));
  v1::DecideSendRequest justifies = Refused(1);
  for (int part = 0; part < 4; ++part) {
    v1::AskedPart& justification = *justifies.add_parts();
    justification.set_kind(v1::PART_KIND_JUSTIFICATION);
    for (int i = 0; i < 300; ++i) justification.add_justifies(kReader);
  }
  EXPECT_TRUE(absl::IsInvalidArgument(AskAs(test, kSender, justifies).status()));
  v1::DecideSendRequest hits = Refused(1);
  for (int i = 0; i < 64; ++i) hits.add_identifier_hits(std::string(64, 'h'));
  EXPECT_TRUE(AskAs(test, kSender, hits).ok());
  hits.add_identifier_hits("first_name");
  EXPECT_TRUE(absl::IsInvalidArgument(AskAs(test, kSender, hits).status()));
  hits.clear_identifier_hits();
  hits.add_identifier_hits(std::string(65, 'h'));
  EXPECT_TRUE(absl::IsInvalidArgument(AskAs(test, kSender, hits).status()));
  v1::DecideSendRequest bytes = Refused(1);
  bytes.set_informed_code(std::string(64 * 1024, 'i'));
  EXPECT_TRUE(absl::IsInvalidArgument(AskAs(test, kSender, bytes).status()));
}

TEST(MemberQuestions, EndWhenTheCallerHasLeft) {
  TestBroker test;
  int asked = 0;
  const absl::StatusOr<v1::Decision> left =
      AskAs(test, kSender, Refused(1), [&asked] { return ++asked > 3; });
  EXPECT_LE(asked, 5);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(left->instead_size(), 0);
  EXPECT_TRUE(absl::IsCancelled(AskAs(test, kSender, Refused(1), [] { return true; }).status()))
      << "a question that waited until its caller left is not looked into at all";
}

TEST(MemberQuestions, NeverStopAnothersSubmit) {
  SearchHold hold;
  TestBroker test;
  std::vector<absl::Notification> answered(8);
  for (absl::Notification& one : answered) {
    test.broker().asking().DecideSend(
        test.SessionOf(kSender), Refused(1), [&one](const absl::StatusOr<v1::Decision>&) { one.Notify(); },
        hold.Hook());
  }
  hold.WaitUntilReached();
  // A case reference is looked up by a worker.
  envelope::SignalPlan plan = SmallPlan(test.network());
  plan.core.set_case_ref(Bytes(16, 'k'));
  v1::SubmitRequest request;
  *request.mutable_envelope() = test.Seal(plan, "sass/coordinator").envelope;
  absl::Notification submitted;
  absl::Status status;
  test.broker().submission().Submit(test.SessionOf("sass/coordinator"), request,
                                    [&](const absl::StatusOr<v1::SubmitReply>& reply) {
                                      status = reply.status();
                                      submitted.Notify();
                                    });
  EXPECT_TRUE(submitted.WaitForNotificationWithTimeout(absl::Seconds(60)));
  hold.Go();
  submitted.WaitForNotification();
  EXPECT_TRUE(status.ok()) << status;
  for (absl::Notification& one : answered) one.WaitForNotification();
}

TEST(MemberQuestions, WaitInABoundedQueue) {
  constexpr int kMany = 400;
  SearchHold hold;
  TestBroker test;
  absl::BlockingCounter answered(kMany);
  std::atomic<int> refused = 0, without_time = 0;
  for (int i = 0; i < kMany; ++i) {
    test.broker().asking().DecideSend(
        test.SessionOf(kSender), Refused(1),
        [&](const absl::StatusOr<v1::Decision>& decision) {
          if (absl::IsResourceExhausted(decision.status())) {
            ++refused;
            if (server::RetryAfter(decision.status()) == absl::ZeroDuration()) ++without_time;
          }
          answered.DecrementCount();
        },
        hold.Hook());
  }
  EXPECT_GE(refused.load(), kMany - 257) << "256 wait or run";
  EXPECT_EQ(without_time.load(), 0);
  hold.Go();
  answered.Wait();
}

TEST(MemberQuestions, ArePaidForInComputing) {
  TestBrokerOptions options;
  options.limits.cpu_milliseconds = 1;
  TestBroker test(options);
  // Whoever asks about so many has used up a millisecond.
  v1::DecideSendRequest many = Refused(400);
  *many.add_parts() = many.parts(0);
  absl::Status over;
  for (int i = 0; i < 100 && over.ok(); ++i) over = AskAs(test, kSender, many).status();
  EXPECT_TRUE(absl::IsResourceExhausted(over)) << over;
  EXPECT_GT(server::RetryAfter(over), absl::ZeroDuration());
  EXPECT_TRUE(AskAs(test, "politie/wijkagent", Refused(1)).ok()) << "others have their own";
  test.clock().Advance(absl::Minutes(2));
  EXPECT_TRUE(AskAs(test, kSender, Refused(1)).ok());
}

TEST(MemberQuestions, ArePaidForInBytes) {
  TestBrokerOptions options;
  options.limits.kilobytes = 2;
  options.limits.organisation_times = 1;
  TestBroker test(options);
  EXPECT_TRUE(AskAs(test, kSender, Refused(1)).ok());
  EXPECT_TRUE(AskAs(test, "school/teamleider", Refused(1)).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(AskAs(test, "school/teamleider", Refused(1)).status()))
      << "the organisation has used what is its own";
  EXPECT_TRUE(AskAs(test, kReader, Refused(1)).ok()) << "others have their own";
}

}  // namespace
}  // namespace seinpost::test
