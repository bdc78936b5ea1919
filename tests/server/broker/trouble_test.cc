// SPDX-License-Identifier: EUPL-1.2
// Submits that meet trouble on their way: a directory that changes, a quota, a disk that fails, a database
// set back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/server/harness.h"
#include "tests/server/operations.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

TEST(Broker, DecidesAnewWhenTheDirectoryChangedMeanwhile) {
  TestBroker test;
  v1::SubmitRequest request;
  *request.mutable_envelope() = test.Seal(SmallPlan(test.network())).envelope;
  const trust::MandateEntry mandate =
      *test.network().directory().MandatesOf(test.network().member(kReader)).front();
  const Bytes revocation = test.network().RevokeMandateObject(mandate);

  // The submit is judged by the old directory while the commit thread is busy; the new one is next in line.
  absl::Notification reached, go;
  test.broker().sequencer().Enqueue(std::make_unique<Gate>(reached, go));
  reached.WaitForNotification();
  test.broker().sequencer().Enqueue(
      std::make_unique<AddObject>(test.realm(), revocation, test.clock().Now()));
  const absl::Status result = Await<v1::SubmitReply>([&](auto done) {
                                test.broker().submission().Submit(test.SessionOf(kSender), request, done);
                                go.Notify();
                              }).status();
  EXPECT_THAT(CodesOf(result), testing::Contains("NO_MANDATE")) << result;
  EXPECT_THAT(test.LastEvent(), HasSubstr("DECISION_DENY NO_MANDATE"));
}

TEST(Broker, TakesEachDeviceItsQuotaAndSaysWhenToComeBack) {
  TestBrokerOptions options;
  options.limits.submits = 2;
  TestBroker test(options);
  const auto submit = [&] { return test.Submit(test.Seal(SmallPlan(test.network())).envelope).status(); };
  EXPECT_TRUE(submit().ok());
  EXPECT_TRUE(submit().ok());
  const absl::Status over = submit();
  EXPECT_EQ(over.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(server::RetryAfter(over), absl::Seconds(30));
  test.clock().Advance(absl::Seconds(30));
  EXPECT_TRUE(submit().ok());
}

TEST(Broker, AcknowledgesNothingOnceTheDiskHasFailed) {
  // Learn how many operations the start takes, then fail a little later.
  const auto run = [](int64_t fail_at, std::vector<absl::Status>& submits) {
    const std::shared_ptr<CrashingEnv> env = MakeCrashingEnv(fail_at, CrashMode::kFailFromThere);
    TestBrokerOptions options;
    options.file_system = env->handle();
    TestBroker test(options);
    const int64_t started = env->operations();
    for (int i = 0; i < 3; ++i) {
      submits.push_back(test.Submit(test.Seal(SmallPlan(test.network())).envelope).status());
    }
    EXPECT_EQ(test.broker().metrics().Text().find("seinpost_disk_errors_total 0") == std::string::npos,
              fail_at > 0);
    EXPECT_EQ(test.broker().Writable().ok(), fail_at <= 0);
    EXPECT_TRUE(test.Subscribe(kReader).ok()) << "reading goes on";
    return started;
  };
  std::vector<absl::Status> whole;
  const int64_t started = run(0, whole);
  EXPECT_THAT(whole, testing::Each(absl::OkStatus()));
  std::vector<absl::Status> failing;
  run(started + 2, failing);
  ASSERT_EQ(failing.size(), 3u);
  EXPECT_EQ(failing[0].code(), absl::StatusCode::kUnavailable) << failing[0];
  EXPECT_EQ(failing[2].code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(failing[2].message()), HasSubstr("read-only"));
}

TEST(R27, EveryAttemptIsALeafAndRefusalsToo) {
  TestBroker test;
  const uint64_t size = test.LogSize();
  ASSERT_TRUE(test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok());
  EXPECT_EQ(test.LogSize(), size + 1);
  EXPECT_EQ(test.LastEvent(), "SUBMIT ");
  envelope::SignalPlan plan = SmallPlan(test.network());
  plan.core.set_purpose("verzuim");
  plan.core.set_channel("theme");
  plan.core.set_case_ref(Bytes(16, 'd'));
  EXPECT_FALSE(test.Submit(test.Seal(plan).envelope).ok());
  EXPECT_EQ(test.LogSize(), size + 2);
  EXPECT_THAT(test.LastEvent(), HasSubstr("DECISION_DENY LEVEL_EXCEEDED"));
  EXPECT_EQ(test.Backlog(kReader).size(), 1u) << "only the first one is delivered";
}

// At whichever write the disk fails: what was not acknowledged is not delivered, before and after a restart.
TEST(R27, WithoutALeafNothingIsDelivered) {
  for (int64_t after = 1; after <= 6; ++after) {
    int64_t started = 0;
    for (const bool fails : {false, true}) {
      const std::shared_ptr<CrashingEnv> env =
          MakeCrashingEnv(fails ? started + after : 0, CrashMode::kFailFromThere);
      TestBrokerOptions options;
      options.file_system = env->handle();
      TestBroker test(options);
      started = env->operations();
      const bool acknowledged = test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok();
      EXPECT_EQ(test.Backlog(kReader).size(), acknowledged ? 1u : 0u) << after;
      if (!fails) {
        EXPECT_TRUE(acknowledged);
      }
    }
  }
}

TEST(StartChecks, ADatabaseThatWasSetBackIsReadOnly) {
  TestBrokerOptions on_disk;
  on_disk.file_system = MakeCrashingEnv(0)->handle();  // the machine's own files
  TestBroker test(on_disk);
  const auto copy = [&](const std::string& from, const std::string& to) {
    std::filesystem::remove_all(test.directory() + to);
    std::filesystem::copy(test.directory() + from, test.directory() + to,
                          std::filesystem::copy_options::recursive);
  };
  test.Stop();
  copy("/data", "/backup");
  ASSERT_TRUE(test.Restart().ok());
  const envelope::SealedSignal sealed = test.Seal(SmallPlan(test.network()));
  ASSERT_TRUE(test.Submit(sealed.envelope).ok());
  test.Checkpoint();
  test.Stop();
  copy("/backup", "/data");
  ASSERT_TRUE(test.Restart().ok()) << "it starts, to be looked at";
  EXPECT_THAT(std::string(test.broker().Writable().message()), HasSubstr("read-only"));
  const absl::Status refused = test.Submit(sealed.envelope).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("read-only"));
  EXPECT_EQ(test.Backlog(kReader).size(), 0u);
}

}  // namespace
}  // namespace seinpost::test
