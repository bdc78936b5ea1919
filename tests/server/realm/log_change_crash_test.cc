// SPDX-License-Identifier: EUPL-1.2
// A log that changes its key, or goes on after a lost tail, through a crash at any file operation: what was
// acknowledged holds, the log is who it was or who it is to be and nothing between, and the key files follow.
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "server/realm/key_files.h"
#include "tests/server/broker/crash_run.h"
#include "tests/server/harness.h"
#include "trust/changes.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;

// A broker on the machine's disk that is to be given `object`, which begins a new period of its log.
struct Change {
  TestBroker test{{{}, MakeCrashingEnv(0)->handle(), true}};
  crypto::SigningKey next_key = crypto::SigningKey::FromSeed(TestNetwork::SecretNamed("next log key"));
  Bytes object;
  uint64_t leaf = 0;  // where it will lie

  std::string Keys(const std::string& place) const { return place + "/keys/plaats"; }
  void MakeNextKey() {
    const std::string path = server::NextLogKeyPathIn(Keys(test.directory()));
    ASSERT_TRUE(server::WriteKeyFile(path, next_key).ok());
  }
  // Of the broker in `place`, which is a copy of this one.
};

std::unique_ptr<Change> TrustUpdateChange() {
  auto change = std::make_unique<Change>();
  change->MakeNextKey();
  v1::TrustUpdate update = trust::NewTrustUpdate(*change->test.realm().directory());
  update.set_log_key(ToBytes(change->next_key.public_key()));
  change->object = change->test.network().TrustUpdateObject(update);
  change->leaf = change->test.LogSize();
  change->test.Stop();
  return change;
}

std::unique_ptr<Change> EpochChange() {
  auto change = std::make_unique<Change>();
  TestBroker& test = change->test;
  change->MakeNextKey();
  change->leaf = test.LogSize();
  test.Stop();
  const std::string data = test.directory() + "/data";
  fs::copy(data, data + "-saved", fs::copy_options::recursive);
  EXPECT_TRUE(test.Restart().ok());
  EXPECT_TRUE(test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok());
  v1::LogEpoch epoch = trust::NewLogEpoch(*test.realm().directory(), test.clock().Now());
  epoch.set_last_checkpoint(test.Checkpoint());
  epoch.set_first_lost(change->leaf);
  epoch.set_log_key(ToBytes(change->next_key.public_key()));
  change->object = test.network().LogEpochObject(epoch);
  test.Stop();
  fs::remove_all(data);
  fs::rename(data + "-saved", data);
  return change;
}

void PublishIt(Change& change, const std::string& place, const std::shared_ptr<CrashingEnv>& env,
               std::ostream& acknowledged) {
  auto broker =
      server::Broker::Open(OptionsIn(change.test.network(), place, env->handle()), change.test.clock());
  if (!broker.ok()) return;
  acknowledged << env->operations() << std::endl;
  v1::PublishRequest request;
  request.set_convenant_id("plaats");
  request.add_objects(change.object);
  const auto reply =
      Await<v1::PublishReply>([&](auto done) { (*broker)->publication().Publish(request, done); });
  if (reply.ok()) acknowledged << "changed" << std::endl;
  (*broker)->PublishCheckpoints();
  const auto note = (*broker)->realms().begin()->second->published();
  if (note != nullptr) acknowledged << note->checkpoint.origin << std::endl;
}

// What the crash left is the one or the other. Returns whether it is the new one.
bool CheckAfterCrash(Change& change, const std::string& place, const std::string& promised, bool epoch) {
  auto broker = server::Broker::Open(OptionsIn(change.test.network(), place, nullptr), change.test.clock());
  EXPECT_TRUE(broker.ok()) << broker.status();
  if (!broker.ok()) return false;
  const server::Realm& realm = *(*broker)->realms().begin()->second;
  const bool changed = realm.log_public_key() == change.next_key.public_key();
  EXPECT_EQ(realm.log().head().size, changed ? change.leaf + 2 : change.leaf);
  EXPECT_EQ(realm.Writable().ok(), changed || !epoch) << realm.Writable();
  EXPECT_EQ(realm.Report()->lost.has_value(), epoch && !changed);
  if (absl::StrContains(promised, "changed")) {
    EXPECT_TRUE(changed) << "an acknowledged change is missing";
  }
  const std::string keys = change.Keys(place);
  const auto key = server::ReadKeyFile(keys + "/log.key");
  EXPECT_TRUE(key.ok()) << key.status();
  if (key.ok()) {
    EXPECT_EQ(key->public_key(), realm.log_public_key());
  }
  EXPECT_EQ(fs::exists(keys + "/log-1.key"), changed);
  EXPECT_EQ(fs::exists(keys + "/log-next.key"), !changed);
  if (!realm.Writable().ok()) return changed;
  const auto note = realm.published();
  EXPECT_NE(note, nullptr);
  EXPECT_TRUE(
      audit::VerifyCheckpoint(note->note, audit::LogKey(realm.origin(), realm.log_public_key())).ok());
  return changed;
}

void CrashEverywhere(Change& change, bool epoch) {
  const auto run = [&](const std::string& place, int64_t exit_at) {
    CopyBroker(change.test.directory(), place);
    return RunInChild(place, exit_at,
                      [&](const std::shared_ptr<CrashingEnv>& env, std::ostream& acknowledged) {
                        PublishIt(change, place, env, acknowledged);
                      });
  };
  const std::string place = change.test.directory() + "/crash";
  const CrashRun whole = run(place, 0);
  ASSERT_TRUE(absl::EndsWith(whole.acknowledged,
                             epoch ? "\nchanged\nseinpost/plaats/2\n" : "\nchanged\nseinpost/plaats\n"));
  ASSERT_TRUE(CheckAfterCrash(change, place, whole.acknowledged, epoch));
  // How opening ends is what BrokerCrash looks at.
  const int64_t opened = std::stoll(whole.acknowledged);
  ASSERT_GT(whole.operations, opened + 5);
  std::set<bool> outcomes;
  for (int64_t at = opened - 2; at <= whole.operations; ++at) {
    SCOPED_TRACE(at);
    fs::remove_all(place);
    const CrashRun crashed = run(place, at);
    outcomes.insert(CheckAfterCrash(change, place, crashed.acknowledged, epoch));
    if (testing::Test::HasFailure()) return;  // One is enough to look at.
  }
  EXPECT_EQ(outcomes.size(), 2u) << "crashes before and after the commit";
}

TEST(LogChangeCrash, ATrustUpdateIsThereOrNotAtAnyFileOperation) {
  CrashEverywhere(*TrustUpdateChange(), /*epoch=*/false);
}

TEST(LogChangeCrash, AnEpochIsThereOrNotAtAnyFileOperation) {
  CrashEverywhere(*EpochChange(), /*epoch=*/true);
}

}  // namespace
}  // namespace seinpost::test
