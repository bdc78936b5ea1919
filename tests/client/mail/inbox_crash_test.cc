// SPDX-License-Identifier: EUPL-1.2
// Two commands at once, and a command that ends between two of its writes: the inbox holds each signal once,
// verified, and nothing that was interrupted looks tampered with.
#include <filesystem>

#include "client/mail/inbox.h"
#include "client/mail/sync.h"
#include "client/terminal/context.h"
#include "gmock/gmock.h"
#include "tests/client/disk_crash.h"
#include "tests/client/sent_signals.h"

namespace seinpost::client {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class InboxCrash : public test::SentSignals {
 protected:
  InboxCrash() { Copy(recipient_.directory(), kept_ / "profile"); }

  static void Copy(const std::string& from, const std::string& to) {
    std::filesystem::remove_all(to);
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
  }
  void PutBack() { Copy(kept_ / "profile", recipient_.directory()); }
  void Keep() { Copy(recipient_.directory(), kept_ / "profile"); }

  test::TempDir kept_;
};

TEST_F(InboxCrash, AtAnyWriteOfADeliveryLeavesItToBeDeliveredAgain) {
  broker_.mailbox = {Send("a"), Send("b")};
  int n = 0;
  for (; test::EndsAtWrite(n, [&] { (void)FetchMail(*reader_); }); ++n) {
    SCOPED_TRACE(n);
    // `signal open` before anything else: it is there, or it is fetched, but it was not tampered with.
    for (const char id : {'a', 'b'}) {
      const absl::Status found = FindLetter(*reader_, Bytes(16, id)).status();
      EXPECT_TRUE(found.ok() || absl::IsNotFound(found)) << found;
    }
    const absl::StatusOr<std::vector<Letter>> before = ReadInbox(*reader_);
    ASSERT_TRUE(before.ok()) << before.status();
    for (const Letter& letter : *before) EXPECT_TRUE(CheckTakenIn(*reader_, letter.signal_id).ok());
    const absl::Status fetched = FetchMail(*reader_);
    EXPECT_TRUE(fetched.ok()) << fetched;
    EXPECT_THAT(*ReadInbox(*reader_), SizeIs(2));
    EXPECT_TRUE(FindLetter(*reader_, Bytes(16, 'a')).ok());
    EXPECT_TRUE(FindLetter(*reader_, Bytes(16, 'b')).ok());
    EXPECT_THAT(reader_->state().Load()->to_confirm, SizeIs(2)) << "each is signed for once";
    EXPECT_THAT(reader_->state().Load()->pending, SizeIs(2));
    PutBack();
  }
  EXPECT_GE(n, 4) << "two files and the state twice";
}

TEST_F(InboxCrash, AtAnyWriteOfForgettingLeavesNothingHalf) {
  broker_.mailbox = {Send("a"), Send("b")};
  ASSERT_TRUE(FetchMail(*reader_).ok());
  Advance(network_.convenant().FindRetention("casus")->cap);
  const std::unique_ptr<Session> later = recipient_.OpenSession(broker_);
  ASSERT_TRUE(later->SyncDirectory().ok());
  Keep();
  int n = 0;
  for (; test::EndsAtWrite(n, [&] { (void)ReadInbox(*later); }); ++n) {
    SCOPED_TRACE(n);
    ASSERT_TRUE(ReadInbox(*later).ok());
    EXPECT_THAT(*ReadInbox(*later), IsEmpty());
    EXPECT_THAT(*later->state().ListDeliveries(), IsEmpty());
    EXPECT_THAT(later->state().Load()->replay, IsEmpty());
    PutBack();
  }
  EXPECT_GE(n, 3);
}

// A world for each write, since what is published stays published.
class NewMonth : public test::SentSignals {
 public:
  void TestBody() override {}
  // Whether making the prekeys of the new month ended at its n-th write.
  bool EndsAt(int n) {
    Advance(absl::Hours(24 * 31));
    const std::unique_ptr<Session> session = recipient_.OpenSession(broker_);
    const bool ended =
        test::EndsAtWrite(n, [&] { (void)RenewPrekeys(session->profile(), session->directory(), now()); });
    const std::unique_ptr<Session> again = recipient_.OpenSession(broker_);
    const absl::Status synced = again->SyncDirectory();
    EXPECT_TRUE(synced.ok()) << synced;
    EXPECT_EQ(again->WithoutSecret().kept, 0u);
    EXPECT_FALSE(again->PrekeysDue());
    return ended;
  }
};

TEST(NewMonthCrash, AtAnyWriteKeepsEachSecretThatWasPublished) {
  int n = 0;
  while (NewMonth().EndsAt(n)) ++n;
  EXPECT_EQ(n, 1) << "the secrets, before anything is published";
}

// Between the look at the replay state and the write another command takes in another signal of that id.
TEST_F(InboxCrash, HostileTwoSignalsUnderOneIdMeetInTheLock) {
  envelope::SignalPlan plan = Plan("a");
  log_.Append(Digest{1});
  Sync();
  const v1::Delivery first = Send(plan);
  plan.parts[0].content = "iets anders";
  const v1::Delivery second = Send(plan);
  ASSERT_NE(first.header(), second.header());
  const std::unique_ptr<Session> other = recipient_.OpenSession(broker_);
  ASSERT_TRUE(other->SyncDirectory().ok());
  bool inside = false;
  broker_.spoil_consistency = [&](uint64_t, uint64_t, v1::ProveConsistencyReply&) {
    if (inside) return absl::OkStatus();
    inside = true;  // `first` was held against the replay state, and is not stored yet
    const absl::StatusOr<Letter> accepted = Accept(*other, second);
    EXPECT_TRUE(accepted.ok()) << accepted.status();
    return absl::OkStatus();
  };
  const absl::Status refused = Accept(*reader_, first).status();
  EXPECT_TRUE(inside);
  EXPECT_EQ(ExitCodeOf(refused), kTampered) << refused;
  EXPECT_EQ(reader_->state().GetDelivery(Bytes(16, 'a'))->header(), second.header());
  EXPECT_TRUE(FindLetter(*reader_, Bytes(16, 'a')).ok());
}

// The same delivery, taken in by two commands: one signal, signed for once.
TEST_F(InboxCrash, TwoCommandsThatFetchAtOnceTakeItInOnce) {
  log_.Append(Digest{1});
  const v1::Delivery delivery = Send("a");
  Sync();
  const std::unique_ptr<Session> other = recipient_.OpenSession(broker_);
  ASSERT_TRUE(other->SyncDirectory().ok());
  bool inside = false;
  broker_.spoil_consistency = [&](uint64_t, uint64_t, v1::ProveConsistencyReply&) {
    if (inside) return absl::OkStatus();
    inside = true;
    EXPECT_TRUE(Accept(*other, delivery).ok());
    return absl::OkStatus();
  };
  EXPECT_TRUE(Accept(*reader_, delivery).ok());
  EXPECT_TRUE(inside);
  EXPECT_THAT(*ReadInbox(*reader_), SizeIs(1));
  EXPECT_THAT(reader_->state().Load()->to_confirm, SizeIs(1));
  EXPECT_THAT(reader_->state().Load()->pending, SizeIs(1));
}

}  // namespace
}  // namespace seinpost::client
