// SPDX-License-Identifier: EUPL-1.2
// What one member's uploads can take from everybody: memory, places, disk. And what the sweep must not take.
#include "server/signals/attachments.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "crypto/hash.h"
#include "tests/server/harness.h"
#include "tests/server/operations.h"

namespace seinpost::test {
namespace {

constexpr char kColleague[] = "school/teamleider";  // of kSender's organisation

using Upload = absl::StatusOr<std::unique_ptr<server::Attachments::Upload>>;

absl::Status UploadRandom(TestBroker& test, size_t size, absl::string_view profile = kSender) {
  const Bytes bytes = crypto::RandomBytes(size);
  return test.Upload(ToBytes(crypto::Sha256(bytes)), bytes, profile);
}

// kResourceExhausted that says when to come back.
bool IsOver(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && server::RetryAfter(status) > absl::ZeroDuration();
}

TestBrokerOptions Unhurried() {
  TestBrokerOptions options;
  options.limits.uploads = 0;
  options.limits.unclaimed_mib_per_device = 0;
  options.limits.unclaimed_mib_per_organisation = 0;
  options.limits.unclaimed_mib = 0;
  return options;
}

// Everything that was enqueued is committed.
void Settle(TestBroker& test) {
  absl::Notification committed;
  test.broker().sequencer().Enqueue(std::make_unique<Mark>(committed));
  committed.WaitForNotification();
}

size_t AttachmentRows(TestBroker& test) {
  size_t count = 0;
  const absl::Status scanned =
      test.broker().store().Scan(Family::kAttachment, {}, {}, [&](ByteView, ByteView) {
        ++count;
        return true;
      });
  EXPECT_TRUE(scanned.ok()) << scanned;
  return count;
}

TEST(MemberUploads, LieUnclaimedWithinABoundPerDevice) {
  TestBrokerOptions options = Unhurried();
  options.limits.unclaimed_mib_per_device = 1;
  TestBroker test(options);
  ASSERT_TRUE(UploadRandom(test, 600'000).ok());
  EXPECT_TRUE(IsOver(UploadRandom(test, 600'000)));
  EXPECT_TRUE(UploadRandom(test, 300'000).ok()) << "what was refused does not count";
  EXPECT_TRUE(UploadRandom(test, 600'000, kColleague).ok()) << "others go on";
}

TEST(MemberUploads, LieUnclaimedWithinABoundPerOrganisation) {
  TestBrokerOptions options = Unhurried();
  options.limits.unclaimed_mib_per_organisation = 1;
  TestBroker test(options);
  ASSERT_TRUE(UploadRandom(test, 600'000).ok());
  EXPECT_TRUE(IsOver(UploadRandom(test, 600'000, kColleague)));
  EXPECT_TRUE(UploadRandom(test, 600'000, kReader).ok()) << "others go on";
}

TEST(MemberUploads, LieUnclaimedWithinABoundInAll) {
  TestBrokerOptions options = Unhurried();
  options.limits.unclaimed_mib = 1;
  TestBroker test(options);
  ASSERT_TRUE(UploadRandom(test, 600'000).ok());
  EXPECT_TRUE(IsOver(UploadRandom(test, 600'000, kReader)));
}

TEST(MemberUploads, CountHoweverSmall) {
  TestBrokerOptions options = Unhurried();
  options.limits.unclaimed_mib_per_device = 1;
  TestBroker test(options);
  const int most = 1024 * 1024 / static_cast<int>(server::kAttachmentOverheadBytes);
  int taken = 0;
  while (taken < 2 * most && UploadRandom(test, 8).ok()) ++taken;
  EXPECT_LE(taken, most);
  EXPECT_GE(taken, most - 1);
}

TEST(MemberUploads, CountFromTheirFirstByte) {
  TestBrokerOptions options = Unhurried();
  options.limits.unclaimed_mib_per_device = 1;
  TestBroker test(options);
  Upload first = test.broker().attachments().StartUpload(test.SessionOf(kSender));
  ASSERT_TRUE(first.ok()) << first.status();
  v1::UploadAttachmentRequest message;
  message.set_ct_hash(Bytes(32, 'h'));
  message.set_chunk(Bytes(200'000, 'x'));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE((*first)->Add(message).ok());
    message.clear_ct_hash();
  }
  EXPECT_TRUE(IsOver(UploadRandom(test, 600'000)));
  first->reset();
  EXPECT_TRUE(UploadRandom(test, 600'000).ok()) << "what was given up does not count";
}

TEST(MemberUploads, AreCountedAgainAtTheNextStart) {
  TestBrokerOptions options = Unhurried();
  options.limits.unclaimed_mib_per_device = 1;
  TestBroker test(options);
  ASSERT_TRUE(UploadRandom(test, 600'000).ok());
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_TRUE(IsOver(UploadRandom(test, 600'000)));
  EXPECT_TRUE(UploadRandom(test, 600'000, kColleague).ok()) << "counted for the device that uploaded it";
}

TEST(MemberUploads, CountNoMoreOnceASignalSpeaksOfThem) {
  TestBrokerOptions options = Unhurried();
  options.limits.unclaimed_mib_per_device = 1;
  TestBroker test(options);
  const envelope::SealedSignal sealed = test.Seal(NamedPlan(test.network()));
  const auto& [ct_hash, bytes] = *sealed.attachments.begin();
  const size_t mib = 1024 * 1024;
  ASSERT_TRUE(test.Upload(ct_hash, bytes).ok());
  const size_t rest = mib - bytes.size() - 2 * server::kAttachmentOverheadBytes;
  EXPECT_TRUE(IsOver(UploadRandom(test, rest + 1)));
  const absl::Status submitted = test.Submit(sealed.envelope).status();
  ASSERT_TRUE(submitted.ok()) << submitted;
  EXPECT_TRUE(UploadRandom(test, rest + 1).ok());
}

TEST(MemberUploads, UnclaimedAreGoneWithinTheHour) {
  TestBrokerOptions options = Unhurried();
  options.limits.unclaimed_mib_per_device = 1;
  TestBroker test(options);
  ASSERT_TRUE(UploadRandom(test, 600'000).ok());
  EXPECT_GT(AttachmentRows(test), 0u);
  test.clock().Advance(absl::Hours(1) + absl::Seconds(1));
  test.broker().RunMaintenance();
  Settle(test);
  EXPECT_EQ(AttachmentRows(test), 0u);
  EXPECT_TRUE(UploadRandom(test, 600'000).ok()) << "and count no more";
}

// An orphan that is uploaded again between the moment that the sweep has found it and its turn.
TEST(MemberUploads, KeepTheirBytesThroughASweepThatCameBetween) {
  TestBroker test;
  const envelope::SealedSignal first = test.Seal(NamedPlan(test.network()));
  const auto& [ct_hash, bytes] = *first.attachments.begin();
  ASSERT_TRUE(test.Upload(ct_hash, bytes).ok());
  test.clock().Advance(absl::Hours(2));
  absl::Notification reached, go, uploaded;
  test.broker().sequencer().Enqueue(std::make_unique<Gate>(reached, go));
  reached.WaitForNotification();
  test.broker().RunMaintenance();  // finds the orphan; its deletion waits
  Upload again = test.broker().attachments().StartUpload(test.SessionOf(kSender));
  ASSERT_TRUE(again.ok()) << again.status();
  v1::UploadAttachmentRequest message;
  message.set_ct_hash(ct_hash);
  message.set_chunk(bytes);
  ASSERT_TRUE((*again)->Add(message).ok());
  absl::Status status;
  (*again)->Finish([&](const absl::StatusOr<v1::UploadAttachmentReply>& reply) {
    status = reply.status();
    uploaded.Notify();
  });
  // Its bytes are in the database before the sweep has its turn, and are announced after it.
  const Bytes own_orphan = server::OrphanKey(test.realm().prefix(), test.clock().Now(), ct_hash);
  while (!test.broker().store().Contains(Family::kAttachment, own_orphan).value()) std::this_thread::yield();
  go.Notify();
  uploaded.WaitForNotification();
  ASSERT_TRUE(status.ok()) << status;
  Settle(test);
  // One row for the attachment, one for the orphan that it is, and all of the chunks.
  const size_t chunks = (bytes.size() + server::kStreamPageBytes - 1) / server::kStreamPageBytes;
  EXPECT_EQ(AttachmentRows(test), 2 + chunks);
  Bytes stored;
  const Bytes chunk_key = server::ChunkKey(test.realm().prefix(), ct_hash, 0);
  const Bytes prefix = chunk_key.substr(0, chunk_key.size() - 4);
  ASSERT_TRUE(test.broker()
                  .store()
                  .Scan(Family::kAttachment, prefix, PrefixLimit(prefix),
                        [&](ByteView, ByteView value) {
                          stored += Bytes(value);
                          return true;
                        })
                  .ok());
  EXPECT_TRUE(stored == bytes);
}

// A sender whose receipt was lost uploads and submits again, perhaps within the same second.
TEST(MemberUploads, StayClaimedWhenTheyAreUploadedAgain) {
  TestBroker test;
  const envelope::SealedSignal sealed = test.Seal(NamedPlan(test.network()));
  const auto& [ct_hash, bytes] = *sealed.attachments.begin();
  ASSERT_TRUE(test.Upload(ct_hash, bytes).ok());
  ASSERT_TRUE(test.Submit(sealed.envelope).ok());
  const size_t claimed = AttachmentRows(test);
  ASSERT_TRUE(test.Upload(ct_hash, bytes).ok());
  ASSERT_TRUE(test.Submit(sealed.envelope).ok());
  EXPECT_EQ(AttachmentRows(test), claimed);
  test.clock().Advance(absl::Hours(2));
  test.broker().RunMaintenance();
  Settle(test);
  EXPECT_EQ(AttachmentRows(test), claimed);
}

TEST(MemberUploads, HoldOnlyAFewPlacesOfADevice) {
  TestBroker test(Unhurried());
  std::vector<Upload> open;
  for (int i = 0; i < server::kUploadsPerDevice; ++i) {
    open.push_back(test.broker().attachments().StartUpload(test.SessionOf(kSender)));
    ASSERT_TRUE(open.back().ok()) << open.back().status();
  }
  const auto start = [&](absl::string_view profile) {
    return test.broker().attachments().StartUpload(test.SessionOf(profile)).status();
  };
  EXPECT_TRUE(IsOver(start(kSender)));
  EXPECT_TRUE(start(kColleague).ok()) << "others go on";
  open.pop_back();
  EXPECT_TRUE(start(kSender).ok());
}

TEST(MemberUploads, HoldOnlyAFewPlacesOfAnOrganisation) {
  TestBroker test(Unhurried());
  std::vector<Upload> open;
  for (int i = 0; i < server::kUploadsPerOrganisation; ++i) {
    const TestDevice& device = test.AddDevice(kSender);
    open.push_back(test.broker().attachments().StartUpload(test.SessionOf(device)));
    ASSERT_TRUE(open.back().ok()) << open.back().status();
  }
  EXPECT_TRUE(IsOver(test.broker().attachments().StartUpload(test.SessionOf(kColleague)).status()));
  EXPECT_TRUE(test.broker().attachments().StartUpload(test.SessionOf(kReader)).ok()) << "others go on";
}

TEST(MemberUploads, LoseTheirPlaceWhenNothingComes) {
  TestBroker test(Unhurried());
  std::vector<Upload> open;
  for (int i = 0; i < server::kUploadsPerDevice; ++i) {
    open.push_back(test.broker().attachments().StartUpload(test.SessionOf(kSender)));
    ASSERT_TRUE(open.back().ok()) << open.back().status();
  }
  v1::UploadAttachmentRequest message;
  message.set_ct_hash(Bytes(32, 'h'));
  test.clock().Advance(server::kUploadIdle - absl::Seconds(1));
  ASSERT_TRUE((*open[0])->Add(message).ok()) << "a message without bytes is nothing";
  message.set_chunk("x");
  ASSERT_TRUE((*open[1])->Add(message).ok());
  test.clock().Advance(absl::Seconds(1));
  test.broker().RunMaintenance();
  message.clear_ct_hash();
  EXPECT_EQ((*open[0])->Add(message).code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE((*open[1])->Add(message).ok()) << "this one goes on";
  EXPECT_TRUE(test.broker().attachments().StartUpload(test.SessionOf(kSender)).ok());
}

TEST(MemberUploads, EndEvenIfSomethingComesNowAndThen) {
  TestBroker test(Unhurried());
  Upload upload = test.broker().attachments().StartUpload(test.SessionOf(kSender));
  ASSERT_TRUE(upload.ok()) << upload.status();
  v1::UploadAttachmentRequest message;
  message.set_ct_hash(Bytes(32, 'h'));
  message.set_chunk("x");
  absl::Duration lasted;
  while (lasted < 2 * server::kUploadLife && (*upload)->Add(message).ok()) {
    message.clear_ct_hash();
    lasted += absl::Seconds(20);
    test.clock().Advance(absl::Seconds(20));
    test.broker().RunMaintenance();
  }
  EXPECT_EQ(lasted, server::kUploadLife);
}

// A disk that others have filled, or nearly.
class DiskTest : public testing::Test {
 protected:
  TestBrokerOptions Options() {
    TestBrokerOptions options;
    options.limits.min_free_mib = 1;
    options.free_space = [this] { return free_.load(); };
    return options;
  }
  void SetFree(uint64_t bytes) {
    free_ = bytes;
    test_.clock().Advance(absl::Seconds(1));
  }
  envelope::SealedSignal LongSignal() {
    return test_.Seal(SmallPlan(test_.network(), Bytes(65'000, 'x') + " en nog meer"));
  }
  std::atomic<uint64_t> free_ = uint64_t{1} << 40;
  TestBroker test_{Options()};
};

TEST_F(DiskTest, MemberUploadsLeaveRoomForWhatMustGoOn) {
  EXPECT_TRUE(UploadRandom(test_, 1000).ok());
  const envelope::SealedSignal large = LongSignal();
  ASSERT_GT(large.envelope.ByteSizeLong(), server::kSmallBytes);
  SetFree(1024 * 1024 - 1);
  EXPECT_TRUE(IsOver(UploadRandom(test_, 1000)));
  EXPECT_TRUE(IsOver(test_.Submit(large.envelope).status()));
  const absl::Status small = test_.Submit(test_.Seal(SmallPlan(test_.network())).envelope).status();
  EXPECT_TRUE(small.ok()) << small;
  const absl::Status revoked =
      test_.PutInForce(test_.network().RevokeDeviceObject(test_.network().device(kColleague)));
  EXPECT_TRUE(revoked.ok()) << revoked;
  SetFree(1024 * 1024);
  EXPECT_TRUE(UploadRandom(test_, 1000).ok()) << "by itself, when there is room again";
  EXPECT_TRUE(test_.Submit(large.envelope).ok());
}

}  // namespace
}  // namespace seinpost::test
