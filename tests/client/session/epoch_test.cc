// SPDX-License-Identifier: EUPL-1.2
// A log that lost its tail and goes on under a LogEpoch, as a client sees it that has seen the tail.
#include "client/broker/fork_evidence.h"
#include "client/session/session.h"
#include "crypto/hash.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/test_member.h"

namespace seinpost::client {
namespace {

using test::FakeBroker;
using test::TestLog;
using test::TestMember;
using test::TestNetwork;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kReader[] = "politie/wijkagent";
constexpr char kLost[] = "school/zorgcoordinator";
const Bytes kSignal(16, 's');

class EpochTest : public testing::Test {
 protected:
  static constexpr int kKept = 2;  // events after the directory that survive

  // The network as it was before the tail: made alike, with what the members added.
  static std::unique_ptr<TestNetwork> Rebuild(const TestNetwork& from, uint64_t objects) {
    auto left = std::make_unique<TestNetwork>(TestNetwork::Example(TestNetwork::AnyTime()));
    for (uint64_t i = left->objects().size(); i < objects; ++i) left->Add(from.objects()[i]);
    return left;
  }

  EpochTest() {
    for (int i = 0; i < kKept; ++i) Event(log_, i);
    first_lost_ = log_.size();
    objects_left_ = network_.objects().size();
  }

  static void Event(TestLog& log, int number) {
    log.Append(crypto::Sha256("event " + std::to_string(number)));
  }

  // The tail: a revocation, and an event.
  void GrowTail() {
    network_.Add(network_.RevokeDeviceObject(network_.device(kLost)));
    log_.TakeObjects();
    Event(log_, 100);
  }

  std::unique_ptr<Session> Visit() {
    std::unique_ptr<Session> session = reader_.OpenSession(broker_);
    const absl::Status synced = session->SyncDirectory();
    EXPECT_TRUE(synced.ok()) << synced;
    return session;
  }

  // What is left, with an epoch that speaks of `last`.
  void Restore(const Bytes& last) { Restore(last, Rebuild(network_, objects_left_)); }
  void Restore(const Bytes& last, std::unique_ptr<TestNetwork> left) {
    left_ = std::move(left);
    left_log_ = std::make_unique<TestLog>(*left_);
    for (int i = 0; i < kKept; ++i) Event(*left_log_, i);
    ASSERT_EQ(left_log_->size(), first_lost_);
    left_->Add(left_->LogEpochObject(last, first_lost_));
    left_log_->TakeObjects();
    restored_ = std::make_unique<FakeBroker>(*left_, *left_log_, reader_.clock());
  }

  Bytes LastNote() { return log_.Note(reader_.clock().Now()); }

  TestNetwork network_ = TestNetwork::Example(TestNetwork::AnyTime());
  TestMember reader_{network_, kReader};
  TestLog log_{network_};
  FakeBroker broker_{network_, log_, reader_.clock()};
  uint64_t first_lost_ = 0, objects_left_ = 0;
  std::unique_ptr<TestNetwork> left_;
  std::unique_ptr<TestLog> left_log_;
  std::unique_ptr<FakeBroker> restored_;
};

TEST_F(EpochTest, WhoSawNoMoreThanIsLeftGoesOnAsAlways) {
  {
    Visit();
  }
  GrowTail();
  Restore(LastNote());
  const std::unique_ptr<Session> session = reader_.OpenSession(*restored_);
  const absl::Status synced = session->SyncDirectory();
  ASSERT_TRUE(synced.ok()) << synced;
  EXPECT_EQ(session->checkpoint()->origin, "seinpost/" + network_.convenant().id() + "/2");
  EXPECT_EQ(restored_->consistency_proofs, 1);
  EXPECT_EQ(restored_->publications, 0);
  EXPECT_THAT(reader_.err(), HasSubstr("gaat verder als tijdperk 2"));
}

TEST_F(EpochTest, WhoSawTheTailBringsItBack) {
  GrowTail();
  {
    const std::unique_ptr<Session> session = Visit();
    ASSERT_TRUE(session->state()
                    .Update([&](StateData& data) {
                      data.sent[kSignal].leaf_index = log_.size() - 1;
                      data.sent[Bytes(16, 'k')].leaf_index = first_lost_ - 1;
                      data.pending.push_back({.index = log_.size() - 1, .leaf_hash = {1}});
                      data.cursor = log_.size();
                      return absl::OkStatus();
                    })
                    .ok());
  }
  Restore(LastNote());
  const std::unique_ptr<Session> session = reader_.OpenSession(*restored_);
  const absl::Status synced = session->SyncDirectory();
  ASSERT_TRUE(synced.ok()) << synced;
  // The revocation was published again, and is in the directory after the epoch.
  EXPECT_EQ(restored_->publications, 1);
  EXPECT_EQ(left_->objects().back(), network_.objects().back());
  const trust::Device* device = session->directory().FindDevice(network_.device(kLost).id);
  EXPECT_TRUE(device->revoked_at_seq.has_value());
  const StateData data = *session->state().Load();
  EXPECT_THAT(data.revoked, IsEmpty());
  EXPECT_THAT(data.republish, IsEmpty());
  EXPECT_THAT(data.pending, IsEmpty());
  EXPECT_EQ(data.cursor, first_lost_ - 1);
  EXPECT_TRUE(data.sent.at(kSignal).lost);
  EXPECT_FALSE(data.sent.at(Bytes(16, 'k')).lost);
  EXPECT_THAT(reader_.err(),
              HasSubstr("Signaal " + ToHex(kSignal) + " is met het einde van het logboek verloren"));
  // The next command has nothing to tell, and still knows of the epoch.
  const std::unique_ptr<Session> later = reader_.OpenSession(*restored_);
  ASSERT_TRUE(later->SyncDirectory().ok());
  EXPECT_THAT(later->directory().lost_tails(), SizeIs(1));
}

TEST_F(EpochTest, ADeviceStaysRevokedUntilTheDirectorySaysSoAgain) {
  GrowTail();
  {
    Visit();
  }
  Restore(LastNote());
  // The broker does not take the revocation again: another with its number came first.
  left_->Add(left_->RevokeDeviceObject(left_->device("school/teamleider")));
  left_log_->TakeObjects();
  const std::unique_ptr<Session> session = reader_.OpenSession(*restored_);
  const absl::Status synced = session->SyncDirectory();
  ASSERT_TRUE(synced.ok()) << synced;
  EXPECT_FALSE(session->directory().FindDevice(network_.device(kLost).id)->revoked_at_seq.has_value());
  EXPECT_EQ(session->state().Load()->revoked, std::set<Bytes>{network_.device(kLost).id});
  EXPECT_THAT(session->state().Load()->republish, SizeIs(1));
  // Its organisation revokes it anew.
  left_->Add(left_->RevokeDeviceObject(left_->device(kLost)));
  left_log_->TakeObjects();
  ASSERT_TRUE(session->SyncDirectory().ok());
  EXPECT_THAT(session->state().Load()->revoked, IsEmpty());
}

TEST_F(EpochTest, HostileEpochThatSpeaksOfLessThanWasSeenIsRefusedWithEvidence) {
  const Bytes early = [&] {
    Event(log_, 100);
    return LastNote();
  }();
  GrowTail();
  Bytes seen;
  {
    seen = Visit()->checkpoint_note();
  }
  Restore(early);
  const std::unique_ptr<Session> session = reader_.OpenSession(*restored_);
  const absl::Status synced = session->SyncDirectory();
  EXPECT_EQ(ExitCodeOf(synced), kTampered) << synced;
  EXPECT_THAT(std::string(synced.message()), HasSubstr("meer kwijt dan de partijen tekenden"));
  EXPECT_THAT(ListEvidence(session->state().directory()), SizeIs(1));
  EXPECT_EQ(session->checkpoint_note(), seen);
}

// The parties say how much is left, not what: that is what the client holds.
TEST_F(EpochTest, HostileEpochThatLeavesSomethingElseIsRefused) {
  network_.Add(network_.RevokeDeviceObject(network_.device(kLost)));
  log_.TakeObjects();
  first_lost_ = log_.size();
  objects_left_ = network_.objects().size();
  network_.AddDevice("school/nieuw");
  log_.TakeObjects();
  {
    Visit();
  }
  std::unique_ptr<TestNetwork> without_it = Rebuild(network_, objects_left_ - 1);
  const absl::Time now = reader_.clock().Now();
  without_it->Add(without_it->MandateObject(kReader, "ward_officer", {"*"}, policies::Level::kL0, now,
                                            now + absl::Hours(24)));
  Restore(LastNote(), std::move(without_it));
  const std::unique_ptr<Session> session = reader_.OpenSession(*restored_);
  const absl::Status synced = session->SyncDirectory();
  EXPECT_EQ(ExitCodeOf(synced), kTampered) << synced;
  EXPECT_EQ(session->directory().size(), network_.objects().size());
  EXPECT_EQ(restored_->publications, 0);
}

// Without the parties' signatures a shorter log under another name is just another log.
TEST_F(EpochTest, HostileRestartWithoutAnEpochIsRefused) {
  GrowTail();
  {
    Visit();
  }
  left_ = Rebuild(network_, objects_left_);
  left_log_ = std::make_unique<TestLog>(*left_);
  restored_ = std::make_unique<FakeBroker>(*left_, *left_log_, reader_.clock());
  restored_->spoil_directory = [&](v1::GetDirectoryReply& reply) {
    audit::Checkpoint checkpoint = *VerifyNoteOfLog(reply.checkpoint(), left_->directory());
    checkpoint.origin += "/2";
    reply.set_checkpoint(audit::SignCheckpoint(checkpoint, left_->log_key()));
  };
  const std::unique_ptr<Session> session = reader_.OpenSession(*restored_);
  const absl::Status synced = session->SyncDirectory();
  EXPECT_EQ(ExitCodeOf(synced), kTampered) << synced;
  EXPECT_EQ(session->directory().size(), network_.objects().size());
}

}  // namespace
}  // namespace seinpost::client
