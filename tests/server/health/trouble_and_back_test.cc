// SPDX-License-Identifier: EUPL-1.2
// A broker whose disk or anchor refuses for a while, whose clock jumps, or whose anchor is gone at the start:
// what it says of itself, what still goes, and how it comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "server/commit/read_only.h"
#include "tests/server/operations.h"
#include "tests/server/realm/log_identity.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;

using server::Cause;
using testing::HasSubstr;
using testing::Not;

class TroubleAndBackTest : public testing::Test {
 protected:
  TroubleAndBackTest() : test_(On(*disk_)) {}
  static TestBrokerOptions On(const FaultyEnv& disk) {
    TestBrokerOptions options;
    options.file_system = disk.handle();
    return options;
  }

  server::Condition& condition() { return test_.broker().condition(); }
  bool CanWrite() {
    test_.broker().Look();
    return condition().CanWrite();
  }
  v1::Envelope Sealed() { return test_.Seal(SmallPlan(test_.network())).envelope; }
  absl::Status SubmitNew() { return test_.Submit(Sealed()).status(); }
  // What waits for the commit thread has been tried.
  void Settle() {
    absl::Notification done;
    test_.broker().sequencer().Enqueue(std::make_unique<Mark>(done));
    done.WaitForNotification();
  }
  // Maintenance until it may try again, and the try.
  void Recover() {
    test_.broker().RunMaintenance();
    test_.clock().Advance(server::RetryPace::kLongest);
    test_.broker().RunMaintenance();
  }
  size_t DirectoryObjects() {
    v1::GetDirectoryRequest request;
    request.set_convenant_id("plaats");
    const auto replies = PullAll<v1::GetDirectoryReply>([&](auto done) {
      test_.broker().publication().GetDirectory(test_.SessionOf(kReader), request, std::move(done));
    });
    EXPECT_TRUE(replies.ok()) << replies.status();
    size_t objects = 0;
    if (replies.ok()) {
      for (const v1::GetDirectoryReply& reply : *replies)
        objects += static_cast<size_t>(reply.objects_size());
    }
    return objects;
  }
  std::string Metrics() { return test_.broker().metrics().Text(); }
  void LoseAnchor() { fs::rename(test_.directory() + "/anchor", test_.directory() + "/gone"); }
  void FindAnchor() { fs::rename(test_.directory() + "/gone", test_.directory() + "/anchor"); }
  // So many tries that it is given up.
  void TryToAnchor() {
    for (int i = 0; i < server::Realm::kAnchorTries; ++i) test_.broker().PublishCheckpoints();
  }

  const std::shared_ptr<FaultyEnv> disk_ = MakeFaultyEnv(MakeInMemoryFileSystem());
  TestBroker test_;
};

// Full, broken, or unable to sync.
TEST_F(TroubleAndBackTest, ADiskThatRefusesIsToldAndTheBrokerComesBackByItself) {
  ASSERT_TRUE(SubmitNew().ok());
  size_t delivered = 1;
  for (const Fault fault : {Fault::kNoSpace, Fault::kIoError, Fault::kFailedSync}) {
    SCOPED_TRACE(static_cast<int>(fault));
    const v1::Envelope lost = Sealed();
    disk_->Set(fault);
    const absl::Status refused = test_.Submit(lost).status();
    EXPECT_TRUE(server::IsReadOnly(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("/")));
    EXPECT_FALSE(condition().CanWrite()) << "known before anybody was told";
    EXPECT_TRUE(condition().Has(Cause::kDisk));
    EXPECT_THAT(Metrics(), HasSubstr("seinpost_trouble{cause=\"disk\"} 1"));
    EXPECT_THAT(Metrics(), HasSubstr("seinpost_writable 0"));

    EXPECT_EQ(test_.Backlog(kReader).size(), delivered) << "what is there is delivered";
    EXPECT_EQ(DirectoryObjects(), test_.network().objects().size());
    EXPECT_TRUE(server::IsReadOnly(test_.Submit(lost).status()));
    Recover();
    EXPECT_FALSE(CanWrite()) << "the disk still refuses";
    EXPECT_EQ(test_.Backlog(kReader).size(), delivered);

    disk_->Set(Fault::kNone);
    Recover();
    EXPECT_TRUE(CanWrite());
    EXPECT_THAT(Metrics(), HasSubstr("seinpost_writable 1"));
    EXPECT_TRUE(SubmitNew().ok());
    delivered = test_.Backlog(kReader).size();
  }
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_TRUE(CanWrite());
  EXPECT_EQ(test_.Backlog(kReader).size(), delivered);
}

// What was refused may be there all the same: then it is delivered, and answered with its receipt.
TEST_F(TroubleAndBackTest, WhatReachedTheDiskUnacknowledgedIsTakenInWhole) {
  const v1::Envelope sealed = Sealed();
  const uint64_t size = test_.LogSize();
  auto stream = *test_.Subscribe(kReader);
  ASSERT_TRUE((*Pull(*stream))->live()) << "the end of the backlog";
  disk_->Set(Fault::kFailedSync);
  EXPECT_TRUE(server::IsReadOnly(test_.Submit(sealed).status()));
  EXPECT_EQ(test_.LogSize(), size);
  disk_->Set(Fault::kNone);
  test_.broker().RunMaintenance();
  test_.clock().Advance(server::RetryPace::kFirst);
  test_.broker().RunMaintenance();
  ASSERT_TRUE(CanWrite());
  EXPECT_EQ(test_.LogSize(), size + 1);
  EXPECT_EQ((*Pull(*stream))->header(), sealed.header());
  stream.reset();
  const auto again = test_.Submit(sealed);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(test_.LogSize(), size + 1) << "the same signal, the same leaf";
  ASSERT_TRUE(SubmitNew().ok());
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_TRUE(CanWrite());
  EXPECT_EQ(test_.Backlog(kReader).size(), 2u);
}

TEST_F(TroubleAndBackTest, AnIdleBrokerFindsOutThatItCannotWrite) {
  test_.broker().RunMaintenance();
  Settle();
  disk_->Set(Fault::kNoSpace);
  EXPECT_TRUE(CanWrite()) << "nobody has tried";
  test_.broker().RunMaintenance();
  Settle();
  test_.broker().RunMaintenance();
  Settle();
  EXPECT_FALSE(condition().CanWrite());
}

TEST_F(TroubleAndBackTest, AFailedUploadIsKnownAtOnce) {
  disk_->Set(Fault::kNoSpace);
  const Bytes bytes(300'000, 'a');
  EXPECT_TRUE(server::IsReadOnly(test_.Upload(ToBytes(crypto::Sha256(bytes)), bytes)));
  EXPECT_FALSE(condition().CanWrite());
  disk_->Set(Fault::kNone);
  Recover();
  EXPECT_TRUE(CanWrite());
  EXPECT_TRUE(test_.Upload(ToBytes(crypto::Sha256(bytes)), bytes).ok());
}

// Two failures pass, three do not.
TEST_F(TroubleAndBackTest, WithoutItsAnchorItIsReadOnlyUntilThatIsBack) {
  const v1::Envelope first = Sealed();
  const uint64_t published = test_.realm().published()->checkpoint.size;
  LoseAnchor();
  ASSERT_TRUE(test_.Submit(first).ok()) << "one failure is none";
  absl::StatusOr<server::CheckpointBoard::Published> waited = absl::UnknownError("still waiting");
  absl::Notification ended;
  test_.realm().WhenPublished(test_.LogSize(), [&](const auto& result) {
    waited = result;
    ended.Notify();
  });
  TryToAnchor();
  ended.WaitForNotification();
  EXPECT_TRUE(server::IsReadOnly(waited.status())) << waited.status();
  EXPECT_FALSE(condition().CanWrite());
  EXPECT_TRUE(condition().Has(Cause::kAnchor));
  const absl::Status refused = test_.Submit(first).status();
  EXPECT_TRUE(server::IsReadOnly(refused)) << refused;
  EXPECT_EQ(test_.Backlog(kReader).size(), 1u);
  EXPECT_EQ(DirectoryObjects(), test_.network().objects().size()) << "by the checkpoint before";
  EXPECT_EQ(test_.realm().published()->checkpoint.size, published);
  FindAnchor();
  test_.broker().PublishCheckpoints();
  EXPECT_TRUE(CanWrite());
  EXPECT_EQ(test_.realm().published()->checkpoint.size, test_.LogSize());
  EXPECT_TRUE(SubmitNew().ok());
}

// What a client must take for a broker that froze is not given out.
TEST_F(TroubleAndBackTest, AnOldCheckpointIsNotGivenOutForTheNewest) {
  LoseAnchor();
  test_.clock().Advance(absl::Minutes(11));
  TryToAnchor();
  v1::GetDirectoryRequest request;
  request.set_convenant_id("plaats");
  const auto replies = PullAll<v1::GetDirectoryReply>([&](auto done) {
    test_.broker().publication().GetDirectory(test_.SessionOf(kReader), request, std::move(done));
  });
  EXPECT_TRUE(server::IsReadOnly(replies.status())) << replies.status();
  FindAnchor();
}

// Held against the checkpoints that it signed itself.
TEST_F(TroubleAndBackTest, AClockThatJumpsIsTold) {
  test_.Checkpoint();
  test_.broker().Look();
  EXPECT_FALSE(condition().Has(Cause::kClock));
  const absl::Time now = test_.clock().Now();
  test_.clock().Set(now - absl::Minutes(6));
  EXPECT_TRUE(CanWrite()) << "it writes all the same";
  EXPECT_TRUE(condition().Has(Cause::kClock));
  test_.clock().Set(now);
  test_.broker().Look();
  EXPECT_FALSE(condition().Has(Cause::kClock));
  test_.clock().Set(now + absl::Hours(1));
  test_.broker().Look();
  EXPECT_TRUE(condition().Has(Cause::kClock)) << "nothing that old is left unsigned";
  test_.Checkpoint();
  test_.broker().Look();
  EXPECT_FALSE(condition().Has(Cause::kClock));
  test_.clock().Set(now);
  test_.broker().Look();
  EXPECT_TRUE(condition().Has(Cause::kClock)) << "and now it has signed the future";
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_TRUE(condition().Has(Cause::kClock)) << "which is known after a restart too";
}

TEST(Trouble, TooLittleSpaceIsTold) {
  uint64_t free = uint64_t{1} << 40;
  TestBrokerOptions options;
  options.free_space = [&free] { return free; };
  TestBroker test(options);
  test.broker().Look();
  EXPECT_FALSE(test.broker().condition().Has(Cause::kSpace));
  free = 1024;
  test.clock().Advance(absl::Seconds(2));
  test.broker().Look();
  EXPECT_TRUE(test.broker().condition().Has(Cause::kSpace));
  EXPECT_TRUE(test.broker().condition().CanWrite()) << "small things go on";
}

class LostAnchorTest : public LogIdentityTest {
 protected:
  std::string Anchor() const { return test_.directory() + "/anchor/plaats.anchor"; }
};

// Somebody may have put an older database in its place.
TEST_F(LostAnchorTest, AMissingAnchorIsToldWithWhatToCompare) {
  EXPECT_TRUE(Report().history.ok());
  SubmitOne();
  const uint64_t size = test_.LogSize();
  test_.Stop();
  fs::remove(Anchor());
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_TRUE(test_.broker().condition().Has(Cause::kHistory));
  EXPECT_THAT(std::string(Report().history.message()), HasSubstr(absl::StrCat(size, " leaves")));
  EXPECT_TRUE(test_.broker().condition().CanWrite());
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_FALSE(test_.broker().condition().Has(Cause::kHistory)) << "once: there is an anchor again";
}

TEST_F(LostAnchorTest, WhatWasRestoredWithoutAnAnchorIsReadOnlyUntilAnEpoch) {
  SaveData();
  const uint64_t kept = test_.LogSize();
  SubmitOne();
  const Bytes note = test_.Checkpoint();  // as some member holds it
  test_.Stop();
  Restore("/data", "/data-saved");
  fs::remove(Anchor());
  ASSERT_TRUE(
      WriteFileAtomically(server::RestoredMarkPath(test_.directory() + "/anchor", "plaats"), "").ok());
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_FALSE(test_.broker().condition().CanWrite());
  EXPECT_TRUE(test_.broker().condition().Has(Cause::kLog));
  EXPECT_THAT(std::string(test_.broker().Writable().message()), HasSubstr("restored"));
  EXPECT_FALSE(fs::exists(Anchor())) << "none is made";
  MakeNextKey("epoch key");
  v1::LogEpoch epoch = EpochOf(Report());
  epoch.set_first_lost(kept);
  epoch.set_last_checkpoint("seinpost/plaats\n1\nnothing\n");
  EXPECT_FALSE(Publish(test_.network().LogEpochObject(epoch)).ok());
  epoch.set_last_checkpoint(note);
  const absl::Status taken = Publish(test_.network().LogEpochObject(epoch));
  ASSERT_TRUE(taken.ok()) << taken;
  EXPECT_TRUE(test_.broker().Writable().ok()) << test_.broker().Writable();
  test_.Checkpoint();
  EXPECT_TRUE(fs::exists(Anchor()));
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_TRUE(test_.broker().Writable().ok()) << "the mark says nothing beside an anchor";
}

// Whoever activates an epoch asks for the convenant first.
TEST_F(LostAnchorTest, ALogThatLostItsTailStillTellsItsConvenant) {
  SaveData();
  SubmitOne();
  const Bytes note = test_.Checkpoint();
  SetBack();
  ASSERT_FALSE(test_.broker().Writable().ok());
  v1::GetConvenantRequest request;
  request.set_convenant_id("plaats");
  const auto reply = Await<v1::GetConvenantReply>(
      [&](auto done) { test_.broker().publication().GetConvenant(request, std::move(done)); });
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->checkpoint(), note) << "the last that was signed";
}

}  // namespace
}  // namespace seinpost::test
