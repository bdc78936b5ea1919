// SPDX-License-Identifier: EUPL-1.2
// A device is revoked while its stream is open and the broker is busy: nothing that is logged behind the
// revocation reaches it, and nothing it asked for is logged behind it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/mutex.h"
#include "tests/server/harness.h"
#include "tests/server/operations.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

using Stream = std::shared_ptr<server::Source<v1::Delivery>>;
using SteadyTime = std::chrono::steady_clock::time_point;

// Takes from a stream as fast as it gives, until it ends.
class Taker {
 public:
  explicit Taker(Stream stream) : state_(std::make_shared<State>()) {
    state_->stream = std::move(stream);
    Ask(state_);
  }

  void WaitForDeliveries(size_t count) {
    State& state = *state_;
    const auto enough = [&state, count]()
                            ABSL_SHARED_LOCKS_REQUIRED(state.mutex) { return state.taken.size() >= count; };
    absl::MutexLock lock(&state.mutex);
    state.mutex.Await(absl::Condition(&enough));
  }
  absl::Status WaitForEnd() {
    State& state = *state_;
    const auto ended = [&state]() ABSL_SHARED_LOCKS_REQUIRED(state.mutex) { return !state.end.ok(); };
    absl::MutexLock lock(&state.mutex);
    state.mutex.Await(absl::Condition(&ended));
    return state.end;
  }
  // Leaf indexes, in the order they came.
  std::vector<uint64_t> taken() {
    absl::MutexLock lock(&state_->mutex);
    return state_->taken;
  }
  SteadyTime ended_at() {
    absl::MutexLock lock(&state_->mutex);
    return state_->ended_at;
  }

 private:
  struct State {
    Stream stream;
    absl::Mutex mutex;
    std::vector<uint64_t> taken ABSL_GUARDED_BY(mutex);
    absl::Status end ABSL_GUARDED_BY(mutex);
    SteadyTime ended_at ABSL_GUARDED_BY(mutex);
  };
  static void Ask(const std::shared_ptr<State>& state) {
    state->stream->Next([state](const absl::StatusOr<std::optional<v1::Delivery>>& delivery) {
      {
        absl::MutexLock lock(&state->mutex);
        if (!delivery.ok()) {
          state->ended_at = std::chrono::steady_clock::now();
          state->end = delivery.status();
          return;
        }
        if (!(*delivery)->header().empty()) state->taken.push_back((*delivery)->cursor() - 1);
      }
      Ask(state);
    });
  }

  const std::shared_ptr<State> state_;
};

TEST(Revocation, OnAnOpenStreamUnderLoad) {
  constexpr int kSenders = 4;
  constexpr int kSignalsEach = 150;
  constexpr size_t kBefore = 100;  // deliveries before the revocation
  TestBrokerOptions options;
  options.limits.submits = 0;
  TestBroker test(options);
  test.AddDevice(kReader);  // so that signals to its member go on being taken in
  std::vector<std::vector<v1::SubmitRequest>> requests(kSenders);
  const envelope::SignalPlan plan = SmallPlan(test.network());
  for (std::vector<v1::SubmitRequest>& own : requests) {
    for (int i = 0; i < kSignalsEach; ++i) *own.emplace_back().mutable_envelope() = test.Seal(plan).envelope;
  }
  Taker taker(*test.Subscribe(kReader));
  absl::Mutex mutex;
  std::vector<uint64_t> logged;  // leaf indexes of what was taken in
  absl::Barrier* const start = new absl::Barrier(kSenders + 1);
  std::vector<std::thread> senders;
  for (const std::vector<v1::SubmitRequest>& own : requests) {
    senders.emplace_back([&test, &own, &mutex, &logged, start] {
      if (start->Block()) delete start;
      for (const v1::SubmitRequest& request : own) {
        const auto reply = Await<v1::SubmitReply>(
            [&](auto done) { test.broker().submission().Submit(test.SessionOf(kSender), request, done); });
        if (!reply.ok()) continue;
        absl::MutexLock lock(&mutex);
        logged.push_back(audit::ReceiptBody::Decode(reply->receipt().body())->index);
      }
    });
  }
  if (start->Block()) delete start;
  taker.WaitForDeliveries(kBefore);

  v1::PublishRequest revoke;
  revoke.set_convenant_id("plaats");
  revoke.add_objects(test.network().RevokeDeviceObject(test.network().device(kReader)));
  const server::DirectorySnapshot before = test.realm().directory();
  const SteadyTime asked = std::chrono::steady_clock::now();
  absl::Notification answered;
  absl::StatusOr<v1::PublishReply> reply = absl::UnknownError("not answered");
  test.broker().publication().Publish(revoke, [&](absl::StatusOr<v1::PublishReply> got) {
    reply = std::move(got);
    answered.Notify();
  });
  SteadyTime before_commit;
  do {
    before_commit = std::chrono::steady_clock::now();
  } while (test.realm().directory() == before);
  EXPECT_EQ(taker.WaitForEnd().code(), absl::StatusCode::kUnauthenticated);
  const std::vector<uint64_t> taken = taker.taken();
  for (std::thread& sender : senders) sender.join();
  answered.WaitForNotification();
  ASSERT_TRUE(reply.ok()) << reply.status();
  const uint64_t revocation = audit::ReceiptBody::Decode(reply->receipts(0).body())->index;

  const auto microseconds = [](std::chrono::steady_clock::duration time) {
    return std::max<int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(time).count());
  };
  std::cout << "revoked at leaf " << revocation << " of " << test.LogSize() << ", " << taken.size()
            << " deliveries before; the stream ended at most "
            << microseconds(taker.ended_at() - before_commit) << " us after the commit, "
            << microseconds(taker.ended_at() - asked) << " us after the revocation came in" << std::endl;
  EXPECT_GE(taken.size(), kBefore);
  EXPECT_TRUE(std::is_sorted(taken.begin(), taken.end()));
  for (const uint64_t index : taken) EXPECT_LT(index, revocation);
  EXPECT_EQ(taker.taken(), taken) << "nothing came after the end";
  EXPECT_TRUE(std::any_of(logged.begin(), logged.end(), [&](uint64_t index) { return index > revocation; }))
      << "there was no load behind the revocation, so this showed nothing";
  EXPECT_EQ(test.Subscribe(kReader).status().code(), absl::StatusCode::kUnauthenticated);
}

// A signal that is there already reaches a device once more, in a leaf of its own.
class DeliverAgain final : public server::Operation {
 public:
  // Whoever waits for the delivery may take the broker down while this still runs on the commit thread; the
  // broker waits for that thread, but TestBroker does not know it any more.
  DeliverAgain(TestBroker& test, Bytes mailbox_row, uint64_t& index)
      : mailbox_(test.broker().mailbox()),
        realm_(test.realm()),
        device_(test.network().device(kReader).id),
        row_(std::move(mailbox_row)),
        index_(index) {
    audit::Event event;
    event.SetType(audit::EventType::kSubmit).SetTime(test.clock().Now());
    event_ = *server::PreparedEvent::Make(event);
  }
  void Apply(server::Transaction& transaction) override {
    index_ = transaction.Stage(realm_, event_);
    transaction.Put(Family::kMailbox, server::MailboxKey(realm_.prefix(), device_, index_), row_);
  }
  void Committed() override { mailbox_.Wake(realm_, {device_}); }
  void Complete(const absl::Status& commit) override { EXPECT_TRUE(commit.ok()); }

 private:
  server::Mailbox& mailbox_;
  server::Realm& realm_;
  const trust::DeviceId device_;
  const Bytes row_;
  uint64_t& index_;
  server::PreparedEvent event_;
};

class RevocationOrderTest : public testing::Test {
 protected:
  RevocationOrderTest() {
    const auto reply = test_.Submit(test_.Seal(SmallPlan(test_.network())).envelope);
    EXPECT_TRUE(reply.ok()) << reply.status();
    const Bytes& prefix = test_.realm().prefix();
    const uint64_t index = audit::ReceiptBody::Decode(reply->receipt().body())->index;
    row_ = *test_.broker().store().Get(Family::kMailbox,
                                       server::MailboxKey(prefix, test_.network().device(kReader).id, index));
  }
  std::unique_ptr<AddObject> Revoke(uint64_t& index) {
    return std::make_unique<AddObject>(test_.realm(),
                                       test_.network().RevokeDeviceObject(test_.network().device(kReader)),
                                       test_.clock().Now(), &index);
  }
  void Enqueue(std::unique_ptr<server::Operation> operation) {
    test_.broker().sequencer().Enqueue(std::move(operation));
  }
  void Commit() {
    absl::Notification committed;
    Enqueue(std::make_unique<Mark>(committed));
    committed.WaitForNotification();
  }

  TestBroker test_;
  Bytes row_;
  absl::Notification reached_, go_;
};

// Nobody tells the stream here: the commit alone ends it.
TEST_F(RevocationOrderTest, NothingBehindItInTheSameBatchIsDelivered) {
  Taker taker(*test_.Subscribe(kReader));
  taker.WaitForDeliveries(1);
  uint64_t before = 0, revocation = 0, behind = 0;
  Enqueue(std::make_unique<Gate>(reached_, go_));
  reached_.WaitForNotification();
  Enqueue(std::make_unique<DeliverAgain>(test_, row_, before));
  Enqueue(Revoke(revocation));
  Enqueue(std::make_unique<DeliverAgain>(test_, row_, behind));
  go_.Notify();
  EXPECT_EQ(taker.WaitForEnd().code(), absl::StatusCode::kUnauthenticated);
  ASSERT_LT(before, revocation);
  ASSERT_GT(behind, revocation);
  for (const uint64_t index : taker.taken()) EXPECT_LT(index, revocation);
}

// A page that was read before the revocation is not handed out after it.
TEST_F(RevocationOrderTest, WhatWasReadBeforeIsNotHandedOutAfter) {
  uint64_t more = 0, revocation = 0;
  Enqueue(std::make_unique<DeliverAgain>(test_, row_, more));
  Commit();
  const Stream stream = *test_.Subscribe(kReader);
  ASSERT_TRUE(Pull(*stream).ok());
  Enqueue(Revoke(revocation));
  Commit();
  EXPECT_EQ(Pull(*stream).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(RevocationOrderTest, WithoutOneEverythingIsDelivered) {
  Taker taker(*test_.Subscribe(kReader));
  uint64_t first = 0, second = 0;
  Enqueue(std::make_unique<Gate>(reached_, go_));
  reached_.WaitForNotification();
  Enqueue(std::make_unique<DeliverAgain>(test_, row_, first));
  Enqueue(std::make_unique<DeliverAgain>(test_, row_, second));
  go_.Notify();
  taker.WaitForDeliveries(3);
  EXPECT_THAT(taker.taken(), testing::ElementsAre(testing::Lt(first), first, second));
  test_.broker().BeginShutdown();
  EXPECT_EQ(taker.WaitForEnd().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RevocationOrderTest, NoReadingIsLoggedBehindIt) {
  const envelope::SealedSignal sealed = test_.Seal(SmallPlan(test_.network()));
  ASSERT_TRUE(test_.Submit(sealed.envelope).ok());
  const uint32_t place = PlaceOf(sealed.envelope, v1::PART_KIND_NARRATIVE);
  ASSERT_TRUE(test_.Open(test_.OpenStatementOf(sealed.envelope, place, kReader), kReader).ok());
  const auto request = Signed<v1::OpenRequest>(test_.OpenStatementOf(sealed.envelope, place, kReader),
                                               trust::kOpenLabel, test_.network().device(kReader));
  uint64_t revocation = 0;
  Enqueue(std::make_unique<Gate>(reached_, go_));
  reached_.WaitForNotification();
  Enqueue(Revoke(revocation));
  const absl::Status opened = Await<v1::OpenReply>([&](auto done) {
                                // Judged by the directory of before, since the commit thread is held.
                                test_.broker().reading().Open(test_.SessionOf(kReader), request, done);
                                go_.Notify();
                              }).status();
  EXPECT_EQ(opened.code(), absl::StatusCode::kUnauthenticated) << opened;
  for (uint64_t index = revocation; index < test_.LogSize(); ++index) {
    const std::optional<audit::Event> event = test_.EventAt(index);
    EXPECT_FALSE(event && event->Type() == audit::EventType::kRead) << index;
  }
}

}  // namespace
}  // namespace seinpost::test
