// SPDX-License-Identifier: EUPL-1.2
// Streams: order, cursors, backlog and live, the ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/harness.h"

namespace seinpost::test {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::SizeIs;

using Stream = std::shared_ptr<server::Source<v1::Delivery>>;

std::vector<uint64_t> SubmitSome(TestBroker& test, int count) {
  std::vector<uint64_t> cursors;
  for (int i = 0; i < count; ++i) {
    const absl::StatusOr<v1::SubmitReply> reply = test.Submit(test.Seal(SmallPlan(test.network())).envelope);
    EXPECT_TRUE(reply.ok()) << reply.status();
    cursors.push_back(audit::ReceiptBody::Decode(reply->receipt().body())->index + 1);
  }
  return cursors;
}

std::vector<uint64_t> CursorsOf(const std::vector<v1::Delivery>& deliveries) {
  std::vector<uint64_t> cursors;
  for (const v1::Delivery& delivery : deliveries) cursors.push_back(delivery.cursor());
  return cursors;
}

TEST(Mailbox, DeliversInLogOrderAndResumesAfterACursor) {
  TestBroker test;
  const std::vector<uint64_t> sent = SubmitSome(test, 40);  // more than a page
  EXPECT_THAT(CursorsOf(test.Backlog(kReader)), ElementsAreArray(sent));
  EXPECT_THAT(CursorsOf(test.Backlog(kReader, sent[24])),
              ElementsAreArray(std::vector<uint64_t>(sent.begin() + 25, sent.end())));
  EXPECT_THAT(test.Backlog(kReader, sent.back()), SizeIs(0));
  EXPECT_THAT(test.Backlog("jongerenwerk/jongerenwerker"), SizeIs(0));
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_THAT(CursorsOf(test.Backlog(kReader)), ElementsAreArray(sent))
      << "at least once, also after a restart";
}

TEST(Mailbox, GoesOnLiveAfterTheBacklog) {
  TestBroker test;
  const std::vector<uint64_t> before = SubmitSome(test, 1);
  const absl::StatusOr<Stream> stream = test.Subscribe(kReader);
  ASSERT_TRUE(stream.ok());
  absl::StatusOr<std::optional<v1::Delivery>> next = Pull(**stream);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ((*next)->cursor(), before[0]);
  EXPECT_FALSE((*next)->live());
  next = Pull(**stream);
  ASSERT_TRUE(next.ok());
  EXPECT_TRUE((*next)->header().empty() && (*next)->live()) << "the marker";
  EXPECT_EQ((*next)->cursor(), before[0]);

  // Asked for before it comes, and the other way round.
  absl::Notification came;
  uint64_t cursor = 0;
  (*stream)->Next([&](absl::StatusOr<std::optional<v1::Delivery>> delivery) {
    ASSERT_TRUE(delivery.ok());
    EXPECT_TRUE((*delivery)->live());
    cursor = (*delivery)->cursor();
    came.Notify();
  });
  const std::vector<uint64_t> live = SubmitSome(test, 3);
  came.WaitForNotification();
  EXPECT_EQ(cursor, live[0]);
  for (size_t i = 1; i < live.size(); ++i) EXPECT_EQ((*Pull(**stream))->cursor(), live[i]);
}

TEST(Mailbox, EndsTheStreamOfARevokedDeviceAtOnce) {
  TestBroker test;
  const absl::StatusOr<Stream> stream = test.Subscribe(kReader);
  const absl::StatusOr<Stream> other = test.Subscribe(kSender);
  ASSERT_TRUE(stream.ok() && other.ok());
  ASSERT_TRUE(Pull(**stream).ok() && Pull(**other).ok());  // the markers
  absl::Notification ended;
  absl::Status end;
  (*stream)->Next([&](const absl::StatusOr<std::optional<v1::Delivery>>& delivery) {
    end = delivery.status();
    ended.Notify();
  });
  ASSERT_TRUE(test.Publish({test.network().RevokeDeviceObject(test.network().device(kReader))}).ok());
  ended.WaitForNotification();
  EXPECT_EQ(end.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Pull(**stream).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(test.Subscribe(kReader).status().code(), absl::StatusCode::kUnauthenticated);
  (*other)->Cancel();
  EXPECT_EQ(Pull(**other).status().code(), absl::StatusCode::kCancelled) << "the other stream lived";
}

TEST(Mailbox, ShutdownEndsLiveStreamsAndLosesNothing) {
  TestBroker test;
  Stream stream = *test.Subscribe(kReader);
  ASSERT_TRUE(Pull(*stream).ok());
  absl::Notification ended;
  absl::Status end;
  stream->Next([&](const absl::StatusOr<std::optional<v1::Delivery>>& delivery) {
    end = delivery.status();
    ended.Notify();
  });
  test.broker().BeginShutdown();
  ended.WaitForNotification();
  EXPECT_EQ(end.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(test.Subscribe(kReader).status().code(), absl::StatusCode::kUnavailable);
  const std::vector<uint64_t> sent = SubmitSome(test, 2);  // what was under way still gets in
  stream.reset();
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_THAT(CursorsOf(test.Backlog(kReader)), ElementsAreArray(sent));
}

TEST(Mailbox, AllowsAFewStreamsPerDevice) {
  TestBrokerOptions options;
  options.limits.streams_per_device = 2;
  TestBroker test(options);
  Stream first = *test.Subscribe(kReader);
  const Stream second = *test.Subscribe(kReader);
  EXPECT_EQ(test.Subscribe(kReader).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(test.Subscribe(kSender).ok());
  EXPECT_THAT(test.broker().metrics().Text(), HasSubstr("seinpost_streams 2"));
  first.reset();
  EXPECT_TRUE(test.Subscribe(kReader).ok());
}

}  // namespace
}  // namespace seinpost::test
