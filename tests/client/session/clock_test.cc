// SPDX-License-Identifier: EUPL-1.2
// A clock that is wrong is said to be so, and destroys nothing.
#include "client/broker/clock_check.h"
#include "client/mail/inbox.h"
#include "client/signal/info.h"
#include "client/signal/words.h"
#include "client/terminal/context.h"
#include "gmock/gmock.h"
#include "tests/client/sent_signals.h"
#include "trust/directory.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr absl::Duration kTwentyYears = absl::Hours(24 * 365 * 20);

TEST(ClockCheck, ComparesWithTheLogAndTheBroker) {
  const absl::Time log = absl::FromUnixSeconds(1'800'000'000);
  const auto check = [&](absl::Duration ahead_of_log, std::optional<absl::Duration> ahead_of_broker) {
    return CheckClock(log + ahead_of_log, log, ahead_of_broker);
  };
  EXPECT_TRUE(check(absl::ZeroDuration(), std::nullopt).ok);
  EXPECT_TRUE(check(-trust::kClockSkew, std::nullopt).ok);
  EXPECT_FALSE(check(-trust::kClockSkew - absl::Seconds(1), std::nullopt).ok);
  EXPECT_TRUE(check(-trust::kClockSkew - absl::Seconds(1), std::nullopt).behind_log);
  EXPECT_TRUE(check(kLongAbsence, std::nullopt).ok);
  EXPECT_FALSE(check(kLongAbsence + absl::Seconds(1), std::nullopt).ok);
  EXPECT_TRUE(check(kLongAbsence + absl::Seconds(1), std::nullopt).far_ahead);
  // The broker says that so much time has passed.
  EXPECT_TRUE(check(kTwentyYears, trust::kClockSkew).ok);
  EXPECT_FALSE(check(kTwentyYears, kTwentyYears).ok);
  EXPECT_FALSE(check(absl::Minutes(6), absl::Minutes(6)).ok);
  // A broker whose clock stands before its own log says nothing about this one.
  EXPECT_TRUE(check(absl::ZeroDuration(), absl::Hours(1)).ok);
  EXPECT_TRUE(check(absl::ZeroDuration(), absl::Hours(1)).broker_behind_log);
  EXPECT_FALSE(check(absl::ZeroDuration(), -absl::Hours(1)).ok);
  EXPECT_TRUE(CheckClock(log, std::nullopt, std::nullopt).ok);
  EXPECT_FALSE(CheckClock(log, std::nullopt, absl::Hours(1)).ok);
}

class WrongClock : public test::SentSignals {};

// Without a broker: a command under a clock that has jumped, and then one under the right clock.
TEST_F(WrongClock, DestroysNoKeyNorLetterNorMemory) {
  broker_.mailbox = {Send("a")};
  ASSERT_TRUE(FetchMail(*reader_).ok());
  const size_t secrets = recipient_.OpenProfile().prekeys().size();
  const size_t said = recipient_.err().size();
  recipient_.clock().Advance(kTwentyYears);
  ASSERT_TRUE(AskWhoAmI(recipient_.context()).ok());
  const absl::StatusOr<StatusReport> report = AskStatus(recipient_.context());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->clock_check.ok);
  EXPECT_EQ(*ToJson(*report).Find("clock_ok"), Json(false));
  EXPECT_EQ(*ToJson(*report).Find("clock_ahead_of_checkpoint_seconds"),
            Json(absl::ToInt64Seconds(kTwentyYears)));
  EXPECT_TRUE(ToJson(*report).Find("clock_ahead_of_broker_seconds")->is_null());
  EXPECT_THAT(recipient_.err().substr(said), HasSubstr("wordt er niets vernietigd"));
  recipient_.clock().Advance(-kTwentyYears);
  EXPECT_EQ(recipient_.OpenProfile().prekeys().size(), secrets);
  const std::unique_ptr<Session> again = recipient_.OpenSession(broker_);
  EXPECT_THAT(*ReadInbox(*again), SizeIs(1));
  EXPECT_TRUE(FindLetter(*again, Bytes(16, 'a')).ok());
  EXPECT_EQ(again->state().Load()->replay.count(Bytes(16, 'a')), 1u);
}

// The clock jumps while mail is being watched: what comes is not taken for expired, nor passed over for good.
TEST_F(WrongClock, PassesNoMailOver) {
  const v1::Delivery delivery = Send("a");
  Sync();
  recipient_.clock().Advance(kTwentyYears);
  EXPECT_TRUE(Accept(*reader_, delivery).ok());
  recipient_.clock().Advance(-kTwentyYears);
  EXPECT_THAT(*ReadInbox(*reader_), SizeIs(1));
}

TEST_F(WrongClock, BeforeTheLogIsToldAtOnce) {
  recipient_.clock().Advance(-kTwentyYears);
  const size_t said = recipient_.err().size();
  const absl::StatusOr<StatusReport> report = AskStatus(recipient_.context());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->clock_check.ok);
  EXPECT_LT(*report->clock_check.ahead_of_checkpoint, absl::ZeroDuration());
  EXPECT_THAT(recipient_.err().substr(said), HasSubstr("maar het logboek was al bij"));
  EXPECT_THAT(ToText(*report, Language::kDutch), HasSubstr("niet in orde"));
}

TEST_F(WrongClock, OfTheBrokerIsNotBlamedOnTheDevice) {
  broker_.clock_behind = absl::Hours(1);  // it stands an hour before what it signed
  const absl::Status status = reader_->SyncDirectory();
  EXPECT_EQ(ExitCodeOf(status), kFailed);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("de klok van de broker loopt 60 minuten achter op zijn eigen logboek"));
  EXPECT_TRUE(reader_->CheckClock().ok);
  Advance(absl::Hours(2));  // now it may be either: his word counts
  EXPECT_THAT(std::string(reader_->SyncDirectory().message()), HasSubstr("de klok van dit apparaat loopt"));
}

// The device comes back after the secrets of its prekeys were lost: the next sync replaces them, and says so.
TEST_F(WrongClock, LostSecretsAreReplacedAndTold) {
  Profile profile = recipient_.OpenProfile();
  ASSERT_TRUE(profile
                  .Update([](Profile& newest) {
                    newest.DestroyExpiredPrekeys(absl::InfiniteFuture());
                    return absl::OkStatus();
                  })
                  .ok());
  const std::unique_ptr<Session> session = recipient_.OpenSession(broker_);
  EXPECT_GT(session->WithoutSecret().sealed_to, 0u);
  ASSERT_TRUE(session->SyncDirectory().ok());
  EXPECT_EQ(session->WithoutSecret().sealed_to, 0u);
  EXPECT_GT(session->WithoutSecret().kept, 0u);
  EXPECT_THAT(recipient_.err(), HasSubstr("ze zijn vervangen"));
  EXPECT_THAT(recipient_.err(), Not(HasSubstr("niet meer te vervangen")));
  Sync();
  broker_.mailbox = {Send("a")};
  ASSERT_TRUE(FetchMail(*session).ok()) << "sealed to the new ones";
}

}  // namespace
}  // namespace seinpost::client
