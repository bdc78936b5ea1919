// SPDX-License-Identifier: EUPL-1.2
// Watching a mailbox: what ends it and what does not.
#include "client/mail/watch.h"

#include <functional>
#include <string>
#include <vector>

#include "client/terminal/texts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/sent_signals.h"

namespace seinpost::test {
namespace {

using client::Text;
using client::TextOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class WatchTest : public SentSignals {
 protected:
  WatchTest() {
    reader_->connection().SetSleep([this](absl::Duration pause) {
      pauses_.push_back(pause);
      Advance(pause);
      if (on_pause_) on_pause_();
    });
  }

  // Watches until so many signals came, or `until`.
  absl::Status Watch(size_t count, absl::Time until = absl::InfiniteFuture()) {
    return client::WatchMail(*reader_, until, [&](const client::Letter& letter) -> absl::StatusOr<bool> {
      came_.push_back(letter.signal_id.substr(0, 1));
      return came_.size() < count;
    });
  }

  // The stream breaks whenever all of the mailbox was given.
  void BreakTheStream() {
    broker_.end_stream = [] { return client::UnreachableError("gone"); };
  }

  std::string Err() const { return recipient_.err(); }
  static std::string Said(Text text) { return std::string(TextOf(text, client::Language::kDutch)); }

  std::vector<std::string> came_;
  std::vector<absl::Duration> pauses_;
  std::function<void()> on_pause_;
};

TEST_F(WatchTest, TakesInWhatComesAndSignsForIt) {
  broker_.mailbox = {Send("a"), Send("b")};
  EXPECT_TRUE(Watch(2).ok());
  EXPECT_THAT(came_, ElementsAre("a", "b"));
  EXPECT_EQ(broker_.confirmed.size(), 2u);
  EXPECT_THAT(reader_->state().Load()->to_confirm, IsEmpty());
  EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(WatchTest, SurvivesABadDelivery) {
  v1::Delivery forged = Send("x");
  forged.set_header_sig(Bytes(64, 'x'));
  broker_.mailbox = {Send("a"), forged, Send("b")};
  EXPECT_TRUE(Watch(2).ok());
  EXPECT_THAT(came_, ElementsAre("a", "b"));
  EXPECT_THAT(Err(), HasSubstr(Said(Text::kWatchRefused)));
  EXPECT_EQ(broker_.confirmed.size(), 2u) << "what was refused is not signed for";
  EXPECT_GE(reader_->state().Load()->cursor, forged.cursor());
}

TEST_F(WatchTest, SurvivesASenderWhoseClockRunsAhead) {
  // Within five minutes of the receipt, but made on what was known fifteen minutes before.
  envelope::SignalPlan plan = Plan("x");
  Advance(absl::Minutes(10));
  plan.core.set_created(absl::ToUnixSeconds(now() + absl::Minutes(5)));
  const v1::Delivery ahead = Send(plan);
  Sync();
  broker_.mailbox = {ahead, Send("b")};
  EXPECT_TRUE(Watch(1).ok());
  EXPECT_THAT(came_, ElementsAre("b"));
}

TEST_F(WatchTest, GoesOnFromItsCursorWhenTheBrokerComesBack) {
  broker_.mailbox = {Send("a")};
  BreakTheStream();
  on_pause_ = [this] { broker_.mailbox.push_back(Send("b")); };
  EXPECT_TRUE(Watch(2).ok());
  EXPECT_THAT(came_, ElementsAre("a", "b")) << "each once";
  EXPECT_THAT(pauses_, ElementsAre(absl::Seconds(1)));
  EXPECT_THAT(Err(), HasSubstr(Said(Text::kWatchAway) + "\n" + Said(Text::kWatchBack) + "\n"));
}

TEST_F(WatchTest, TriesEverLessOften) {
  broker_.down = true;
  on_pause_ = [this] {
    if (pauses_.size() < 8) return;
    broker_.down = false;
    broker_.mailbox = {Send("a")};
  };
  EXPECT_TRUE(Watch(1).ok());
  EXPECT_THAT(came_, ElementsAre("a"));
  EXPECT_THAT(pauses_,
              ElementsAre(absl::Seconds(1), absl::Seconds(2), absl::Seconds(4), absl::Seconds(8),
                          absl::Seconds(16), absl::Seconds(30), absl::Seconds(30), absl::Seconds(30)));
  // Said once, not each time.
  EXPECT_EQ(Err().find(Said(Text::kWatchAway)), Err().rfind(Said(Text::kWatchAway)));
}

TEST_F(WatchTest, SaysThatTheBrokerIsAwayWhenItsTimeIsOver) {
  broker_.down = true;
  const absl::Status ended = Watch(1, now() + absl::Seconds(10));
  EXPECT_EQ(client::ExitCodeOf(ended), client::kUnreachable) << ended;
  EXPECT_THAT(pauses_, ElementsAre(absl::Seconds(1), absl::Seconds(2), absl::Seconds(4), absl::Seconds(3)));
}

TEST_F(WatchTest, EndsWhenItsTimeIsOver) {
  broker_.mailbox = {Send("a")};
  broker_.end_stream = [this] {
    Advance(absl::Seconds(10));
    return absl::OkStatus();
  };
  EXPECT_TRUE(Watch(2, now() + absl::Seconds(10)).ok());
}

TEST_F(WatchTest, LooksAtTheLogEveryHour) {
  broker_.end_stream = [this] {
    Advance(absl::Hours(1));
    if (broker_.mailbox.empty()) {
      Sync();  // the sender's
      broker_.mailbox = {Send("a")};
    }
    return absl::OkStatus();
  };
  EXPECT_TRUE(Watch(1).ok());
  EXPECT_EQ(*reader_->checkpoint()->time, now());
  EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(WatchTest, EndsOnWhatWillNotChange) {
  broker_.end_stream = [] { return absl::PermissionDeniedError("the broker has ended the session"); };
  EXPECT_TRUE(absl::IsPermissionDenied(Watch(1)));
  BreakTheStream();
  broker_.spoil_directory = [](v1::GetDirectoryReply& reply) { reply.set_checkpoint("forged"); };
  EXPECT_EQ(client::ExitCodeOf(Watch(1)), client::kTampered);
}

TEST_F(WatchTest, EndsWhenItCannotBeTold) {
  broker_.mailbox = {Send("a")};
  const absl::Status ended =
      client::WatchMail(*reader_, absl::InfiniteFuture(), [](const client::Letter&) -> absl::StatusOr<bool> {
        return client::WithExit(absl::UnknownError("the output is closed"), client::kFailed);
      });
  EXPECT_EQ(ended.message(), "the output is closed");
}

}  // namespace
}  // namespace seinpost::test
